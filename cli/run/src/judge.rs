//! From an error of the runtime to a verdict: what the run's limits were, and where its core modules stand.

use crate::exceeded;
use crate::limits::Limits;
use crate::modules::Modules;
use crate::outcome::{Verdict, message_of};
use crate::trap;
use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// Judges how the runs of one component end.
#[derive(Clone)]
pub(crate) struct Judge {
    limits: Limits,
    modules: Modules,
}

impl Judge {
    /// Of a run under `limits` of a component that imports `modules` of its own.
    pub(crate) fn new(limits: &Limits, modules: Modules) -> Self {
        Self { limits: limits.clone(), modules }
    }

    /// The verdict on an error while the component's code ran.
    pub(crate) fn verdict_on(&self, error: &wasmtime::Error) -> Verdict {
        if let Some(exit) = error.downcast_ref::<I32Exit>() {
            return Verdict::Exited { status: exit.0 as u8 };
        }
        if let Some(Trap::AsyncDeadlock) = error.downcast_ref::<Trap>() {
            return Verdict::Deadlocked(error.downcast_ref().cloned().unwrap_or_default());
        }
        if let Some(verdict) = exceeded::verdict_of(error, &self.limits) {
            return verdict;
        }
        Verdict::Trapped {
            kind: trap::kind_of(error),
            message: message_of(error),
            frames: trap::frames_of(error, &self.modules),
            calls: Vec::new(),
        }
    }

    /// The verdict on an error of instantiation: a trap if code ran, as in a start function, else a refusal.
    pub(crate) fn verdict_on_instantiation(&self, error: &wasmtime::Error) -> Verdict {
        if ended_in_code(error) {
            return self.verdict_on(error);
        }
        verdict_on_compilation(error, &self.limits)
    }
}

/// Whether code of the component ran and `error` is how it ended.
pub(crate) fn ended_in_code(error: &wasmtime::Error) -> bool {
    error.is::<Trap>() || error.is::<I32Exit>() || error.is::<WasmBacktrace>()
}

/// The verdict on an error before any code of the component could run.
pub(crate) fn verdict_on_compilation(error: &wasmtime::Error, limits: &Limits) -> Verdict {
    exceeded::verdict_of(error, limits).unwrap_or_else(|| Verdict::Refused { message: message_of(error) })
}
