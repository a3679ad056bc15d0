//! The task of a server, in the child: listens, tells of each exchange, and stops when the parent asks.

use super::child::Events;
use super::order::{Event, Task};
use crate::compile::Compiled;
use crate::context::Written;
use crate::http::{Hosting, StartError, Told};
use crate::options::Options;
use crate::outcome::{HostError, Verdict};
use std::io::{self, Read};
use std::net::TcpListener;
use std::thread;
use tokio::sync::watch;

/// Takes the address of a server, before anything takes long.
pub(super) fn listener(task: &Task) -> Result<Option<TcpListener>, HostError> {
    let Task::Serve { addr } = task else { return Ok(None) };
    let failed = |error| HostError::Unready { message: format!("cannot listen on `{addr}`: {error}") };
    TcpListener::bind(addr).map(Some).map_err(failed)
}

/// Serves until `orders` come to their end.
pub(super) fn serve(
    listener: TcpListener,
    compiled: Compiled,
    options: &Options,
    mut orders: impl Read + Send + 'static,
    events: &Events,
) -> Result<Verdict, HostError> {
    let addr = listener.local_addr().map_err(HostError::Resources)?;
    let (stop, stopped) = watch::channel(false);
    thread::Builder::new()
        .name("wcompose-stop".to_owned())
        .spawn(move || {
            _ = io::copy(&mut orders, &mut io::sink());
            _ = stop.send(true);
        })
        .map_err(HostError::Resources)?;
    let parent = events.clone();
    let hosting = Hosting {
        options: options.clone(),
        listener,
        written: Written::new(&options.limits),
        told: Told::to(move |event| parent.tell(&Event::Served(event))),
        stopped,
    };
    verdict(hosting.serve(compiled, || events.tell(&Event::Listening { addr })))
}

/// The verdict on a component that was to be served.
fn verdict(served: Result<(), StartError>) -> Result<Verdict, HostError> {
    match served {
        Ok(()) => Ok(Verdict::Returned),
        Err(StartError::Component(verdict)) => Ok(verdict),
        Err(StartError::Bind(error)) => Err(HostError::Resources(error)),
        Err(StartError::Host(error)) => Err(error),
    }
}
