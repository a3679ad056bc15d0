//! The instances behind a server: how one is made, how many requests it gets, and when it is given up.

use crate::context::{self, Written};
use crate::options::Options;
use crate::outcome::{self, Phase, Verdict};
use crate::state::{self, State};
use crate::waits::Waits;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time::Sleep;
use wasmtime::component::GuestTaskId;
use wasmtime::{Engine, Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};

/// Requests that an instance of a 0.3 handler gets at once, and in its life.
const CONCURRENT: usize = 16;
const TOTAL: usize = 128;

/// How much later than a request its whole instance is given up, so that the request is answered first.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// Makes instances.
pub(super) struct Instances {
    pub(super) engine: Engine,
    pub(super) handler: ProxyPre<State>,
    pub(super) options: Options,
    pub(super) written: Written,
    pub(super) failures: Failures,
    pub(super) waits: Waits,
}

/// How instances failed. Clones share.
#[derive(Clone, Default)]
pub(super) struct Failures(Arc<Mutex<Vec<Verdict>>>);

impl Failures {
    pub(super) fn get(&self) -> Vec<Verdict> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn push(&self, verdict: Verdict) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(verdict);
    }
}

impl HandlerState for Instances {
    type StoreData = State;
    type WorkerExpiration = Expiry;
    type WorkerState = Requests;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Expiry, Requests>> {
        let state =
            context::state(&self.options, &self.waits, &self.written).map_err(wasmtime::Error::new)?;
        let mut store = state::store(&self.engine, state);
        let limit = self.options.limits.run_time;
        let instantiated = self.handler.instantiate_async(&mut store);
        let instantiated = match limit {
            None => instantiated.await,
            Some(limit) => match tokio::time::timeout(limit, instantiated).await {
                Ok(instantiated) => instantiated,
                Err(_) => {
                    self.failures.push(Verdict::TimedOut { phase: Phase::Running, limit });
                    wasmtime::bail!("not instantiated within {limit:?}");
                }
            },
        };
        let failed = |error: &wasmtime::Error| {
            self.failures.push(outcome::verdict_of_instantiation(error, &self.options.limits));
        };
        let proxy = instantiated.inspect_err(failed)?;
        let expired = Arc::default();
        let single = matches!(self.handler, ProxyPre::P2(_));
        Ok(Instance {
            store,
            proxy,
            view: State::http,
            expiration: Expiry { limit, timer: None, expired: Arc::clone(&expired) },
            state: Requests { single, limit, expired, failures: self.failures.clone() },
        })
    }
}

/// How many requests an instance gets, and for how long each may go unanswered.
pub(super) struct Requests {
    single: bool,
    limit: Option<Duration>,
    expired: Arc<AtomicBool>,
    failures: Failures,
}

impl WorkerState for Requests {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        let (most_concurrent, most) = if self.single { (1, 1) } else { (CONCURRENT, TOTAL) };
        if total >= most {
            ShouldAccept::Never
        } else if concurrent >= most_concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _store: StoreContextMut<'_, State>,
        _data: (),
        _task: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        match self.limit {
            Some(limit) => Box::pin(tokio::time::sleep(limit)),
            None => Box::pin(std::future::pending()),
        }
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        match (result, self.limit) {
            (Ok(()), _) => {}
            (Err(_), Some(limit)) if self.expired.load(Ordering::SeqCst) => {
                self.failures.push(Verdict::TimedOut { phase: Phase::Running, limit });
            }
            (Err(error), _) => self.failures.push(outcome::verdict_of(&error, &store.data().limits)),
        }
    }
}

/// Gives up an instance whose requests, or what is left of them, outlast the limit. An idle one is kept.
pub(super) struct Expiry {
    limit: Option<Duration>,
    expired: Arc<AtomicBool>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl WorkerExpiration for Expiry {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        let limit = match (status, self.limit) {
            (WorkerStatus::Requests | WorkerStatus::PostReturn, Some(limit)) => limit,
            (WorkerStatus::Idle, _) | (_, None) => {
                self.timer = None;
                return Poll::Pending;
            }
        };
        let deadline = tokio::time::Instant::from_std(start + limit + AFTERWARDS);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        let expired = timer.as_mut().poll(cx);
        self.expired.fetch_or(expired.is_ready(), Ordering::SeqCst);
        expired
    }
}
