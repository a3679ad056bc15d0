//! `wcompose serve`: answers HTTP requests with a component in the sandbox, until it is told to stop.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use wcompose_run::http::{self, Exchange};
use wcompose_run::{EngineChoice, Event, Stop, Task};

use super::running::{Given, Running};
use crate::exit::Exit;
use crate::{paint, signals, verdict};

/// Serves a component that handles HTTP requests: `wasi:http/handler` at 0.3, or `incoming-handler` at 0.2.
///
/// Standard error has the address, a line for each request when it is over, and how instances failed: such a request is
/// answered with status 500, and the server goes on. SIGINT (Ctrl-C) and SIGTERM stop it: what is under way gets ten
/// seconds to end, and a second signal ends that too.
#[derive(clap::Args)]
#[command(
    mut_arg("timeout", |timeout| timeout.help("The longest that a request may wait until its response begins [default: no limit]")),
    after_help = "Examples:\n  wcompose serve composed.wasm\n  wcompose serve --addr 127.0.0.1:0 --timeout 10s composed.wasm"
)]
pub(crate) struct Serve {
    #[command(flatten)]
    given: Given,

    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,

    #[command(flatten)]
    running: Running,
}

impl Serve {
    pub(super) fn run(self) -> Exit {
        let (bytes, file) = match self.given.read() {
            Ok(read) => read,
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
        if let Err(error) = ready {
            paint::error(format!("cannot listen to signals: {error}"));
            return Exit::Failed;
        }
        let options = self.running.options(EngineChoice::Cranelift, &file);
        let task = Task::Serve { addr: self.addr };
        let ended =
            self.running.sandboxing.execute_telling(
                &bytes,
                task,
                &options,
                &mut |event, stopper| match event {
                    Event::Listening { addr } => {
                        *stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stopper.clone());
                        listening(addr);
                    }
                    Event::Served(http::Event::Exchanged(exchange)) => paint::line(&line(&exchange)),
                    Event::Served(http::Event::Failed(failure)) => {
                        _ = verdict::report(&failure, &bytes, &file, false)
                    }
                    _ => {}
                },
            );
        match ended {
            Ok(outcome) => verdict::report(&outcome.verdict, &bytes, &file, false),
            Err(exit) => exit,
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
