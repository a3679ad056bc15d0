//! What is known of a deadlock: the exports that were called, and the last call of the host that each task made.
//! The calls that can make a task wait report themselves here; wasmtime does not say which task waits for what.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::component::GuestTaskId;

/// The state of a component that can never go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadlock {
    /// The exports that were called and have not ended, as `interface#function`.
    pub exports: Vec<String>,
    /// The last call of the host by each task that made one, oldest first. Recorded are the calls that may wait: timers,
    /// the standard streams, HTTP requests. At most [`Deadlock::TASKS`] tasks.
    pub host_calls: Vec<HostCall>,
}

/// The last call of the host that a task made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCall {
    /// Which task: a number from 1, in the order of their first calls of the host.
    pub task: u64,
    /// What it called, as `interface#function`.
    pub function: String,
}

impl Deadlock {
    /// How many tasks are kept: those that called the host last.
    pub const TASKS: usize = 16;
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("every task waits, and nothing outside can wake any of them")
    }
}

/// What a run has called so far, in both directions. Clones share.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    exports: Vec<String>,
    tasks: u64,
    last: VecDeque<(Option<GuestTaskId>, HostCall)>,
}

impl Calls {
    /// Notes that `export` is called, until the result is dropped.
    pub(crate) fn export(&self, export: String) -> Called {
        self.record().exports.push(export.clone());
        Called { calls: self.clone(), export }
    }

    /// Notes that `task` calls `function` of the host.
    pub(crate) fn host(&self, task: Option<GuestTaskId>, function: &str) {
        let mut record = self.record();
        let known = record.last.iter().position(|(known, _)| *known == task);
        let number = match known.and_then(|place| record.last.remove(place)) {
            Some((_, call)) => call.task,
            None => {
                record.tasks += 1;
                record.tasks
            }
        };
        record.last.push_back((task, HostCall { task: number, function: function.to_owned() }));
        if record.last.len() > Deadlock::TASKS {
            record.last.pop_front();
        }
    }

    /// What there is to say if nothing goes on from here.
    pub(crate) fn deadlock(&self) -> Deadlock {
        let record = self.record();
        let host_calls = record.last.iter().map(|(_, call)| call.clone()).collect();
        Deadlock { exports: record.exports.clone(), host_calls }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call of an export in progress.
pub(crate) struct Called {
    calls: Calls,
    export: String,
}

impl Drop for Called {
    fn drop(&mut self) {
        let mut record = self.calls.record();
        if let Some(place) = record.exports.iter().position(|export| *export == self.export) {
            record.exports.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_the_last_call_of_a_task_and_the_exports_that_have_not_ended() {
        let calls = Calls::default();
        let running = calls.export("run".to_owned());
        for function in ["a", "b"] {
            calls.host(None, function);
        }
        let host_calls = vec![HostCall { task: 1, function: "b".to_owned() }];
        assert_eq!(calls.deadlock(), Deadlock { exports: vec!["run".to_owned()], host_calls });
        drop(running);
        assert!(calls.deadlock().exports.is_empty());
    }
}
