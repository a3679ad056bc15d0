//! A minimal HTTP/1.1 host for `wasi:http/handler@0.3` and `wasi:http/incoming-handler@0.2`, on loopback only.
//! Owns the server's life: start, address, stop. What instances do is `instances`, connections are `connections`.

mod connections;
mod instances;

use crate::compile::{self, Compiled};
use crate::context::{self, Written};
use crate::engine::Ticks;
use crate::options::Options;
use crate::outcome::{self, HostError, Verdict};
use crate::state;
use crate::waits::Waits;
use instances::{Failures, Instances};
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::watch;
use wasmtime::Engine;
use wasmtime::component::Component;
use wasmtime_wasi_http::handler::{ProxyHandler, ProxyPre};
use wasmtime_wasi_http::{p2, p3};

/// A component that answers HTTP requests, on a thread of its own. Dropping it stops it without waiting.
pub struct Server {
    addr: SocketAddr,
    written: Written,
    failures: Failures,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Compiles `component`, in the binary format, and serves it on `addr`, whose port may be 0 for any free one.
    ///
    /// An instance of a 0.3 handler gets up to 16 requests at once and 128 in all, as in `wasmtime serve`; one of a
    /// 0.2 handler gets one. `options.limits.run_time` bounds each request until its response begins; one that takes
    /// longer is answered with status 500, as is one whose instance traps. Standard input is not served: [`crate::Stdio::Inherit`] passes output on, and else it is captured, over all instances.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub fn start(component: &[u8], options: &Options, addr: SocketAddr) -> Result<Self, StartError> {
        if !addr.ip().is_loopback() {
            return Err(StartError::NotLoopback(addr));
        }
        let listener = TcpListener::bind(addr).map_err(StartError::Bind)?;
        listener.set_nonblocking(true).map_err(StartError::Bind)?;
        let addr = listener.local_addr().map_err(StartError::Bind)?;

        let written = Written::new(&options.limits);
        // Opens the directories once to report a missing one here and not at each request.
        context::state(options, &Waits::default(), &written)?;
        let failures = Failures::default();
        let (stop, stopped) = watch::channel(false);
        let (sender, ready) = mpsc::sync_channel(1);
        let work = Work {
            component: component.to_vec(),
            options: options.clone(),
            listener,
            written: written.clone(),
            failures: failures.clone(),
            stopped,
        };
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
            Ok(Ok(())) => Ok(Self { addr, written, failures, stop, thread: Some(thread) }),
            Ok(Err(error)) => Err(error),
            Err(RecvTimeoutError::Timeout) => {
                Err(StartError::TimedOut { limit: options.limits.compile_time.unwrap_or_default() })
            }
            Err(RecvTimeoutError::Disconnected) => Err(HostError::Panicked.into()),
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How instances failed so far, oldest first. Each such instance is gone; the next request gets a new one.
    pub fn failures(&self) -> Vec<Verdict> {
        self.failures.get()
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
    /// The address is not one of this machine alone.
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    Bind(std::io::Error),
    /// The component does not compile, needs what the host lacks, or exports no handler.
    Refused {
        /// Why, in the runtime's words.
        message: String,
    },
    /// It took too long to compile.
    TimedOut {
        /// The limit that passed.
        limit: Duration,
    },
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
            Self::NotLoopback(addr) => write!(f, "`{addr}` is not a loopback address"),
            Self::Bind(error) => write!(f, "cannot listen: {error}"),
            Self::Refused { message } => f.write_str(message),
            Self::TimedOut { limit } => write!(f, "not compiled within {limit:?}"),
            Self::Host(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bind(error) => Some(error),
            Self::Host(error) => Some(error),
            Self::NotLoopback(_) | Self::Refused { .. } | Self::TimedOut { .. } => None,
        }
    }
}

/// All that the thread needs.
struct Work {
    component: Vec<u8>,
    options: Options,
    listener: TcpListener,
    written: Written,
    failures: Failures,
    stopped: watch::Receiver<bool>,
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
        let compiled = compile::compile(&self.component, self.options.features, self.options.engine)?;
        let Compiled { engine, component, .. } = compiled.map_err(|error| refused(&error))?;
        let _ticks = Ticks::start(&engine)?;
        let handler = handler(&engine, &component)?;
        let waits = Waits::default();
        let runtime = waits.runtime().map_err(HostError::Resources)?;
        let handler = ProxyHandler::new(Instances {
            engine,
            handler,
            options: self.options,
            written: self.written,
            failures: self.failures,
            waits,
        });
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(self.listener).map_err(StartError::Bind)?;
            _ = ready.send(Ok(()));
            connections::serve(listener, handler, self.stopped).await;
            Ok(())
        });
        // Not dropped: that would wait for blocking work.
        runtime.shutdown_background();
        served
    }
}

/// Links the component, and finds which handler it exports.
fn handler(engine: &Engine, component: &Component) -> Result<ProxyPre<state::State>, StartError> {
    let refused = |error: wasmtime::Error| refused(&error);
    let linked =
        state::linker(engine).and_then(|linker| linker.instantiate_pre(component)).map_err(refused)?;
    // Any version of a track answers to its first.
    if component.get_export_index(None, "wasi:http/handler@0.3.0").is_some() {
        return Ok(ProxyPre::P3(p3::bindings::ServicePre::new(linked).map_err(refused)?));
    }
    if component.get_export_index(None, "wasi:http/incoming-handler@0.2.0").is_some() {
        return Ok(ProxyPre::P2(p2::bindings::ProxyPre::new(linked).map_err(refused)?));
    }
    let message = "exports neither `wasi:http/handler@0.3` nor `wasi:http/incoming-handler@0.2`";
    Err(StartError::Refused { message: message.to_owned() })
}

fn refused(error: &wasmtime::Error) -> StartError {
    StartError::Refused { message: outcome::message_of(error) }
}
