//! What a server tells while it serves, as data, and who is told. Does not word it.

use crate::outcome::Verdict;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What happened in a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// An exchange is over.
    Exchanged(Exchange),
    /// An instance failed and is gone; the next request gets a new one.
    Failed(Verdict),
}

/// A request and its response, when both are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The request's method.
    pub method: String,
    /// The request's path and query.
    pub path: String,
    /// The response's status; `None` if the client went away before there was one.
    pub status: Option<u16>,
    /// From the request's head to the end of the response's body.
    pub duration: Duration,
    /// Bytes of the response's body that were sent.
    pub sent: u64,
    /// Whether the response was sent to its end.
    pub complete: bool,
    /// Why the response is the server's and not the component's.
    pub error: Option<String>,
}

type Listener = dyn Fn(Event) + Send + Sync;

/// Tells a listener of events, and keeps the failures. Clones share.
#[derive(Clone)]
pub(crate) struct Told {
    failures: Arc<Mutex<Vec<Verdict>>>,
    listener: Arc<Listener>,
}

impl Told {
    pub(crate) fn to(listener: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self { failures: Arc::default(), listener: Arc::new(listener) }
    }

    pub(super) fn exchanged(&self, exchange: Exchange) {
        (self.listener)(Event::Exchanged(exchange));
    }

    pub(super) fn failed(&self, verdict: Verdict) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        // The newest tell no more than these if a server fails for days.
        if failures.len() < MOST_FAILURES {
            failures.push(verdict.clone());
        }
        drop(failures);
        (self.listener)(Event::Failed(verdict));
    }

    pub(super) fn failures(&self) -> Vec<Verdict> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How many failures are kept.
const MOST_FAILURES: usize = 1000;
