//! `wcompose serve`: answers HTTP requests with a component in the sandbox, until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wcompose_run::http::{self, Exchange};
use wcompose_run::{EngineChoice, Event, Options, Stop, Task};

use super::sandboxing::{Choices, Sandboxing};
use crate::exit::Exit;
use crate::{paint, signals, verdict};

/// Serves a component that handles HTTP requests: `wasi:http/handler` at 0.3, or `incoming-handler` at 0.2.
///
/// Standard error has the address, a line for each request when it is over, and how instances failed: such a request is
/// answered with status 500, and the server goes on. SIGINT (Ctrl-C) and SIGTERM stop it: what is under way gets ten
/// seconds to end, and a second signal ends that too.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  wcompose serve composed.wasm\n  wcompose serve --addr 127.0.0.1:0 --timeout 10s composed.wasm"
)]
pub(crate) struct Serve {
    /// The component, `-` for standard input
    file: PathBuf,

    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,

    /// The longest that a request may wait until its response begins [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = super::duration)]
    timeout: Option<Duration>,

    /// Switch on a feature of the runtime that is off by default (repeatable)
    #[arg(long = "feature", value_name = "NAME", value_parser = super::feature)]
    features: Vec<&'static str>,

    #[command(flatten, next_help_heading = "Sandbox")]
    sandboxing: Sandboxing,
}

impl Serve {
    pub(super) fn run(self) -> Exit {
        let bytes = match super::read_component(&self.file) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        };
        let stop = Arc::<Mutex<Option<Stop>>>::default();
        let stopper = Arc::clone(&stop);
        let ready =
            signals::on_stop(move || match &*stopper.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(stop) => stop.stop(),
                // Nothing is served yet, so nothing is under way.
                None => std::process::exit(0),
            });
        let sandbox = match ready.and_then(|()| self.sandboxing.sandbox()) {
            Ok(sandbox) => sandbox,
            Err(error) => {
                paint::error(format!("cannot set up the sandbox: {error}"));
                return Exit::RunFailed;
            }
        };
        let file = self.file.display().to_string();
        let choices =
            Choices { features: &self.features, timeout: self.timeout, engine: EngineChoice::Cranelift };
        let options = Options { program: file.clone(), ..self.sandboxing.options(&choices) };
        let task = Task::Serve { addr: self.addr };
        let mut began = false;
        let ended = sandbox.run(&bytes, task, &options, &mut |event, stopper| match event {
            Event::Listening { addr } => {
                began = true;
                *stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stopper.clone());
                listening(addr);
            }
            Event::Served(http::Event::Exchanged(exchange)) => paint::line(&line(&exchange)),
            Event::Served(http::Event::Failed(failure)) => {
                _ = verdict::report(&failure, &bytes, &file, false)
            }
            _ => {}
        });
        match ended {
            Ok(outcome) => verdict::report(&outcome.verdict, &bytes, &file, false),
            Err(error) => {
                paint::error(&error);
                if began { Exit::RunFailed } else { Exit::Failed }
            }
        }
    }
}

fn listening(addr: SocketAddr) {
    if !addr.ip().is_loopback() {
        paint::warning(format!("`{addr}` can be reached from other machines"));
    }
    paint::line(&format!("listening on http://{addr}"));
}

/// `GET /path 200 1.2 ms 34 bytes`, and what went wrong.
fn line(exchange: &Exchange) -> String {
    let Exchange { method, path, status, duration, sent, complete, error } = exchange;
    let status = status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let problem = match (error, complete) {
        (Some(error), _) => format!(": {error}"),
        (None, false) => ": broken off".to_owned(),
        (None, true) => String::new(),
    };
    let millis = duration.as_secs_f64() * 1e3;
    format!("{method} {path} {status} {millis:.1} ms {sent} bytes{problem}")
}
