//! Serves a compiled component on the thread that asks, until it is told to stop.

use super::connections;
use super::event::Told;
use super::instances::Factory;
use super::pool::Pool;
use super::{Server, StartError};
use crate::compile::Compiled;
use crate::context::Written;
use crate::engine::Ticks;
use crate::options::Options;
use crate::outcome::{self, HostError, Verdict};
use crate::state::State;
use crate::waits::Waits;
use std::net::TcpListener;
use tokio::sync::watch;
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::{p2, p3};

/// What serving needs beside the component.
pub(crate) struct Hosting {
    pub(crate) options: Options,
    pub(crate) listener: TcpListener,
    pub(crate) written: Written,
    pub(crate) told: Told,
    /// Turns true, or its sender goes away, when it is time to stop.
    pub(crate) stopped: watch::Receiver<bool>,
}

impl Hosting {
    /// Calls `ready` when connections are taken, and returns when it was told to stop and what was under way is over,
    /// or has had its time.
    pub(crate) fn serve(self, compiled: Compiled, ready: impl FnOnce()) -> Result<(), StartError> {
        let _ticks = Ticks::start(&compiled.engine)?;
        let handler = handler(&compiled).map_err(StartError::Component)?;
        // Unlike a single run's, this runtime has a thread for each processor: instances may compute at once.
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(HostError::Resources)?;
        let waits = Waits::new(self.options.network);
        let factory = Factory {
            judge: compiled.judge(&self.options.limits),
            engine: compiled.engine,
            handler,
            options: self.options,
            written: self.written,
            told: self.told.clone(),
            waits,
        };
        let pool = Pool::new(factory, Server::INSTANCES);
        let served = runtime.block_on(async {
            self.listener.set_nonblocking(true).map_err(StartError::Bind)?;
            let listener = tokio::net::TcpListener::from_std(self.listener).map_err(StartError::Bind)?;
            ready();
            connections::serve(listener, pool, self.told, self.stopped).await;
            Ok(())
        });
        // Not dropped: that would wait for blocking work.
        runtime.shutdown_background();
        served
    }
}

/// Links the component, and finds which handler it exports.
pub(super) fn handler(compiled: &Compiled) -> Result<ProxyPre<State>, Verdict> {
    let component = &compiled.component;
    let refused = |error: wasmtime::Error| Verdict::Refused { message: outcome::message_of(&error) };
    let linked = compiled.linker().and_then(|linker| linker.instantiate_pre(component)).map_err(refused)?;
    // Any version of a track answers to its first.
    if component.get_export_index(None, "wasi:http/handler@0.3.0").is_some() {
        return Ok(ProxyPre::P3(p3::bindings::ServicePre::new(linked).map_err(refused)?));
    }
    if component.get_export_index(None, "wasi:http/incoming-handler@0.2.0").is_some() {
        return Ok(ProxyPre::P2(p2::bindings::ProxyPre::new(linked).map_err(refused)?));
    }
    let message = "it exports neither `wasi:http/handler@0.3` nor `wasi:http/incoming-handler@0.2`";
    Err(Verdict::Refused { message: message.to_owned() })
}
