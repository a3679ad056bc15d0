//! An HTTP/1.1 host for `wasi:http/handler@0.3` and `wasi:http/incoming-handler@0.2`. Owns the server's life: start,
//! address, stop. Connections are `connections`, which requests wait is `pool`, what instances do `instances`.

mod ask;
mod connections;
mod event;
mod exchange;
mod hosting;
mod instances;
mod pool;
mod received;

use crate::compile::Compilation;
use crate::context::{self, Written};
use crate::judge;
use crate::options::Options;
use crate::outcome::{HostError, Phase, Verdict};
use crate::waits::Waits;
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use tokio::sync::watch;

pub(crate) use ask::Ask;
pub use ask::{Answered, Request, Response, ask};
pub(crate) use event::Told;
pub use event::{Event, Exchange};
pub(crate) use hosting::Hosting;

/// A component that answers HTTP requests, on a thread of its own. Dropping it stops it without waiting.
pub struct Server {
    addr: SocketAddr,
    written: Written,
    told: Told,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// How many instances there may be at once.
    pub const INSTANCES: usize = 16;

    /// Compiles `component`, in the binary format, and serves it on `addr`, whose port may be 0 for any free one.
    ///
    /// An instance of a 0.3 handler has up to 16 exchanges at once and 128 in all; one of a 0.2 handler has one. There
    /// are up to [`Server::INSTANCES`]; a request that finds none with room waits. `options.limits.run_time` bounds
    /// each request, from when an instance takes it until its response begins: one that takes longer is answered with
    /// status 500, as is one whose instance traps. Standard input is not served: [`crate::Stdio::Inherit`] passes
    /// output on, and else it is captured, over all instances.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub fn start(component: &[u8], options: &Options, addr: SocketAddr) -> Result<Self, StartError> {
        Self::start_heard(component, options, addr, |_| ())
    }

    /// Does the same and tells `listener` what happens, from several threads. It should not block.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub fn start_heard(
        component: &[u8],
        options: &Options,
        addr: SocketAddr,
        listener: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let told = Told::to(listener);
        let listener = TcpListener::bind(addr).map_err(StartError::Bind)?;
        let addr = listener.local_addr().map_err(StartError::Bind)?;

        let written = Written::new(&options.limits);
        // Opens the directories once to report a missing one here and not at each request.
        context::state(options, &Waits::new(options.network), &written)?;
        let (stop, stopped) = watch::channel(false);
        let (sender, ready) = mpsc::sync_channel(1);
        let hosting = Hosting {
            options: options.clone(),
            listener,
            written: written.clone(),
            told: told.clone(),
            stopped,
        };
        let work = Work { component: component.to_vec(), hosting };
        let thread = thread::Builder::new()
            .name("wcompose-http".to_owned())
            .stack_size(16 << 20)
            .spawn(move || work.run(&sender))
            .map_err(HostError::Resources)?;
        let started = match options.limits.compile_time {
            None => ready.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(limit) => ready.recv_timeout(limit),
        };
        match started {
            Ok(Ok(())) => Ok(Self { addr, written, told, stop, thread: Some(thread) }),
            Ok(Err(error)) => Err(error),
            Err(RecvTimeoutError::Timeout) => {
                let limit = options.limits.compile_time.unwrap_or_default();
                Err(StartError::Component(Verdict::TimedOut { phase: Phase::Compiling, limit }))
            }
            Err(RecvTimeoutError::Disconnected) => Err(HostError::Panicked.into()),
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How instances failed, oldest first, up to a thousand. Each is gone; the next request gets a new one.
    pub fn failures(&self) -> Vec<Verdict> {
        self.told.failures()
    }

    /// What instances have written to standard output so far, if it is captured.
    pub fn stdout(&self) -> Vec<u8> {
        self.written.stdout()
    }

    /// What instances have written to standard error so far, if it is captured.
    pub fn stderr(&self) -> Vec<u8> {
        self.written.stderr()
    }

    /// Takes no more connections, lets the requests that are being answered come to their end, up to ten seconds, and
    /// waits for that. The rest is cut off.
    pub fn stop(mut self) {
        _ = self.stop.send(true);
        if let Some(thread) = self.thread.take() {
            // An error is a panic, which the thread has reported.
            _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.stop.send(true);
    }
}

/// Why a server did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    Bind(std::io::Error),
    /// The component does not compile in time, needs what the host lacks, or exports no handler.
    Component(Verdict),
    /// What is not the component's doing.
    Host(HostError),
}

impl From<HostError> for StartError {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(error) => write!(f, "cannot listen: {error}"),
            Self::Component(Verdict::Refused { message }) => f.write_str(message),
            Self::Component(verdict) => write!(f, "the component cannot be served: {verdict:?}"),
            Self::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind(error) => Some(error),
            Self::Host(error) => Some(error),
            Self::Component(_) => None,
        }
    }
}

/// All that the thread needs.
struct Work {
    component: Vec<u8>,
    hosting: Hosting,
}

impl Work {
    fn run(self, ready: &mpsc::SyncSender<Result<(), StartError>>) {
        match self.serve(ready) {
            Ok(()) => {}
            // Nobody listens any more if the start has timed out.
            Err(error) => _ = ready.send(Err(error)),
        }
    }

    fn serve(self, ready: &mpsc::SyncSender<Result<(), StartError>>) -> Result<(), StartError> {
        let Options { features, engine, .. } = self.hosting.options;
        let compiled = Compilation::new(&self.component, features, engine, None)?.run()?;
        let compiled = compiled.map_err(|error| {
            StartError::Component(judge::verdict_on_compilation(&error, &self.hosting.options.limits))
        })?;
        self.hosting.serve(compiled, || _ = ready.send(Ok(())))
    }
}
