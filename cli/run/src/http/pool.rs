//! The requests that wait for an instance, and how many instances there may be. Instances are made and driven by
//! `instances`: each takes requests from here when it has room.

use super::instances::Factory;
use futures::channel::oneshot;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use wasmtime_wasi_http::handler::{Request, Response};

/// How long a request waits for an instance with room before one more is made, if there may be one more.
const PATIENCE: Duration = Duration::from_millis(5);

/// The instances of a server and the requests for them. Clones share.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    factory: Factory,
    most: usize,
    slots: Arc<Semaphore>,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Asked>,
    /// Instances that have room.
    takers: Vec<Waker>,
}

impl Waiting {
    fn next(&mut self) -> Option<Asked> {
        std::iter::from_fn(|| self.requests.pop_front()).find(|asked| !asked.answer.is_canceled())
    }
}

/// A request on its way to an instance.
pub(super) struct Asked {
    pub(super) request: Request,
    pub(super) answer: oneshot::Sender<wasmtime::Result<Response>>,
    pub(super) client: Client,
}

/// Held by whoever asked, until the whole response was sent or is of no more use.
pub(super) struct Held {
    _answered: watch::Sender<bool>,
}

/// What an instance knows of the one who asked.
pub(super) struct Client(watch::Receiver<bool>);

impl Client {
    /// Whether the response has begun.
    pub(super) fn is_answered(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the exchange is over, be it that the response was sent or that the client went away.
    pub(super) async fn over(&mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

impl Pool {
    /// No more than `most` instances at once.
    pub(super) fn new(factory: Factory, most: usize) -> Self {
        let slots = Arc::new(Semaphore::new(most));
        Self(Arc::new(Shared { factory, most, slots, waiting: Mutex::default() }))
    }

    /// Gets the beginning of a response. Its body flows for as long as the [`Held`] is kept.
    pub(super) async fn ask(&self, request: Request) -> wasmtime::Result<(Response, Held)> {
        let (answer, mut answered) = oneshot::channel();
        let (held, client) = watch::channel(false);
        self.push(Asked { request, answer, client: Client(client) });
        if self.0.slots.available_permits() == self.0.most {
            self.grow();
        }
        loop {
            tokio::select! {
                answer = &mut answered => {
                    let response = answer.map_err(|_| wasmtime::format_err!("the instance failed"))??;
                    held.send_replace(true);
                    return Ok((response, Held { _answered: held }));
                }
                () = tokio::time::sleep(PATIENCE), if self.is_short() => self.grow(),
            }
        }
    }

    /// Takes the oldest request whose client is still there; else, `cx` is woken when there may be one.
    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Asked> {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = waiting.next() {
            return Poll::Ready(asked);
        }
        if !waiting.takers.iter().any(|taker| taker.will_wake(cx.waker())) {
            waiting.takers.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn push(&self, asked: Asked) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.requests.push_back(asked);
        let takers = std::mem::take(&mut waiting.takers);
        drop(waiting);
        // All of them: which one is still idle when it gets to it is not known.
        takers.into_iter().for_each(Waker::wake);
    }

    /// Whether requests wait and there may be another instance.
    fn is_short(&self) -> bool {
        let waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        !waiting.requests.is_empty() && self.0.slots.available_permits() > 0
    }

    /// Makes another instance if there may be one.
    fn grow(&self) {
        if let Ok(slot) = Arc::clone(&self.0.slots).try_acquire_owned() {
            tokio::spawn(self.clone().instance(slot));
        }
    }

    /// The life of an instance. A request that waits when it ends gets another one.
    async fn instance(self, slot: OwnedSemaphorePermit) {
        if let Err(error) = self.0.factory.live(&self).await {
            // There is no instance to answer: the one who asked first is told why.
            let first = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            _ = first.map(|asked| asked.answer.send(Err(error)));
        }
        drop(slot);
        if self.is_short() {
            self.grow();
        }
    }
}
