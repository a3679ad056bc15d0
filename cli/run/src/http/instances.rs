//! The life of one instance behind a server: how it is made, which requests it takes, and when it is given up.

use super::event::Told;
use super::pool::{Asked, Client, Pool};
use crate::context::{self, Written};
use crate::judge::Judge;
use crate::limits::Limits;
use crate::options::Options;
use crate::outcome::{Phase, Verdict};
use crate::state::{self, State};
use crate::waits::Waits;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use wasmtime::component::{Accessor, Func};
use wasmtime::{AsContextMut, Engine, Store};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{Prepared, Proxy, ProxyPre};

/// Exchanges that an instance of a 0.3 handler has at once, and in its life; one of a 0.2 handler has one.
const CONCURRENT: usize = 16;
const TOTAL: usize = 128;

/// How long an instance is kept without a request.
const IDLE: Duration = Duration::from_secs(10);

/// How long tasks that an instance started get to end after its last exchange.
const LEFTOVERS: Duration = Duration::from_secs(10);

/// How much later than a request its whole instance is given up, so that the request is answered first.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// Makes instances.
pub(super) struct Factory {
    pub(super) engine: Engine,
    pub(super) judge: Judge,
    pub(super) handler: ProxyPre<State>,
    pub(super) options: Options,
    pub(super) written: Written,
    pub(super) told: Told,
    pub(super) waits: Waits,
}

impl Factory {
    /// Makes an instance and lets it answer requests of `pool` until it has had enough or fails.
    ///
    /// The error is that there was no instance; one that fails later is told as an event.
    pub(super) async fn live(&self, pool: &Pool) -> wasmtime::Result<()> {
        let (store, proxy) = self
            .make()
            .await
            .inspect_err(|verdict| self.told.failed(verdict.clone()))
            .map_err(|_| wasmtime::format_err!("the component could not be instantiated"))?;
        let (limits, judge) = (&self.options.limits, &self.judge);
        let instance = Instance { proxy, limits, judge, told: &self.told, breathed: AtomicBool::new(false) };
        if let Err(verdict) = instance.live(store, pool).await {
            self.told.failed(verdict);
        }
        Ok(())
    }

    async fn make(&self) -> Result<(Store<State>, Proxy), Verdict> {
        let state = context::state(&self.options, &self.waits, &self.written)
            .map_err(|error| Verdict::Refused { message: error.to_string() })?;
        let mut store = state::store(&self.engine, state);
        let instantiated = self.handler.instantiate_async(&mut store);
        let instantiated = match self.options.limits.run_time {
            None => instantiated.await,
            Some(limit) => timeout(limit, instantiated).await.map_err(|_| timed_out(limit))?,
        };
        let proxy = instantiated.map_err(|error| self.judge.verdict_on_instantiation(&error))?;
        Ok((store, proxy))
    }
}

fn timed_out(limit: Duration) -> Verdict {
    Verdict::TimedOut { phase: Phase::Running, limit }
}

struct Instance<'f> {
    proxy: Proxy,
    limits: &'f Limits,
    judge: &'f Judge,
    told: &'f Told,
    /// Whether the event loop got to its end of late: it does not while the component computes, or blocks.
    breathed: AtomicBool,
}

/// How an exchange ended, if not with the instance.
enum Ended {
    Over,
    TimedOut,
}

impl Instance<'_> {
    /// Answers requests. An instance that gets to no pause for as long as a request may take is given up.
    async fn live(&self, mut store: Store<State>, pool: &Pool) -> Result<(), Verdict> {
        let mut event_loop = pin!(store.run_concurrent(async |accessor| self.answer(accessor, pool).await));
        let mut breathless = None;
        let ended = poll_fn(|cx| {
            self.breathed.store(false, Ordering::Relaxed);
            if let Poll::Ready(ended) = event_loop.as_mut().poll(cx) {
                return Poll::Ready(Ok(ended));
            }
            let Some(limit) = self.limits.run_time else { return Poll::Pending };
            if self.breathed.load(Ordering::Relaxed) {
                breathless = None;
                return Poll::Pending;
            }
            let timer = breathless.get_or_insert_with(|| Box::pin(sleep(limit + AFTERWARDS)));
            timer.as_mut().poll(cx).map(|()| Err(timed_out(limit)))
        });
        match ended.await?.flatten() {
            Ok(()) => Ok(()),
            Err(error) => Err(self.judge.verdict_on(&error)),
        }
    }

    /// Takes requests while it may, and ends with the last of its exchanges.
    async fn answer(&self, accessor: &Accessor<State>, pool: &Pool) -> wasmtime::Result<()> {
        let (function, concurrent, total) = match &self.proxy {
            Proxy::P2(proxy) => (*proxy.wasi_http_incoming_handler().func_handle().func(), 1, 1),
            Proxy::P3(proxy) => (*proxy.wasi_http_handler().func_handle().func(), CONCURRENT, TOTAL),
        };
        let mut taken = 0;
        let mut accepting = true;
        let mut exchanges = FuturesUnordered::new();
        let mut idle: Option<Pin<Box<tokio::time::Sleep>>> = None;
        poll_fn(|cx| {
            self.breathed.store(true, Ordering::Relaxed);
            while let Poll::Ready(Some(ended)) = exchanges.poll_next_unpin(cx) {
                match ended {
                    Ok(Ended::Over) => {}
                    Ok(Ended::TimedOut) => accepting = false,
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
            let has_room = accepting && taken < total && exchanges.len() < concurrent;
            if has_room
                && self.is_ready(accessor, function, cx)
                && let Poll::Ready(asked) = pool.poll_next(cx)
            {
                taken += 1;
                idle = None;
                exchanges.push(self.exchange(accessor, asked));
                // Not yet another one: this one may compute, and other instances are idle.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if !exchanges.is_empty() {
                return Poll::Pending;
            }
            if !accepting || taken >= total {
                return Poll::Ready(Ok(()));
            }
            idle.get_or_insert_with(|| Box::pin(sleep(IDLE))).as_mut().poll(cx).map(Ok)
        })
        .await?;
        // What does not end by itself is of no more use to anybody.
        _ = timeout(LEFTOVERS, poll_fn(|cx| accessor.poll_no_interesting_tasks(cx))).await;
        Ok(())
    }

    fn is_ready(&self, accessor: &Accessor<State>, function: Func, cx: &mut std::task::Context<'_>) -> bool {
        accessor.poll_ready_for_concurrent_call(function, cx).is_ready()
    }

    /// From the call of the handler until the response was sent or the client is gone.
    async fn exchange(&self, accessor: &Accessor<State>, asked: Asked) -> wasmtime::Result<Ended> {
        let Asked { request, answer, mut client } = asked;
        let prepared = accessor.with(|mut access| {
            Prepared::new(access.as_context_mut(), &self.proxy, request, State::http, answer)
        })?;
        let mut timed_out = false;
        let expiration = async {
            timed_out = self.expire(&mut client).await;
        };
        prepared.run(accessor, expiration).await?;
        if timed_out {
            return Ok(Ended::TimedOut);
        }
        client.over().await;
        Ok(Ended::Over)
    }

    /// Ends when nobody waits for the handler any more. Whether that is because it took too long to answer.
    async fn expire(&self, client: &mut Client) -> bool {
        if let Some(limit) = self.limits.run_time
            && timeout(limit, client.over()).await.is_err()
            && !client.is_answered()
        {
            self.told.failed(timed_out(limit));
            return true;
        }
        client.over().await;
        false
    }
}
