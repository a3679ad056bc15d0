//! One component from bytes to its end, under time limits: compile, instantiate, do one job. Owns the threads.
//!
//! The work is done on threads of its own, so that a limit holds whatever such a thread is stuck in. Code of the
//! component is stopped at the limit; a compilation or a blocked system call cannot be, and its thread is left behind:
//! a caller that saw [`Verdict::TimedOut`] should end the process before long.

use crate::compile::{Compilation, Compiled};
use crate::context::{self, Written};
use crate::engine::Ticks;
use crate::function::FunctionPath;
use crate::invoke;
use crate::judge;
use crate::options::Options;
use crate::outcome::{HostError, Phase, Verdict};
use crate::state::{self, State};
use crate::waits::Waits;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{Component, ComponentExportIndex, Instance, Type, Val};

/// How long a component that is being stopped gets to be taken down.
const STOPPING: Duration = Duration::from_secs(1);

/// Native recursion while compiling and running host code.
const STACK: usize = 16 << 20;

/// What is done with a component once it is compiled.
pub(crate) trait Job: Send + 'static {
    /// What it gives if it comes to its end.
    type Output: Send + 'static;

    /// Does it in a store with `state`.
    async fn perform(self, compiled: &Compiled, state: State) -> Ended<Self::Output>;
}

/// What a job gave, or how the run ended instead.
pub(crate) type Ended<T> = Result<T, Verdict>;

/// The job that calls one function. Gives its results.
pub(crate) struct Function {
    /// The first of these that the component exports is called.
    pub(crate) candidates: Vec<FunctionPath>,
    pub(crate) arguments: Vec<Val>,
    /// Whether the function must return a `result` without payloads, as `wasi:cli/run` does.
    pub(crate) returns_status: bool,
}

impl Function {
    fn find(&self, component: &Component) -> Result<(&FunctionPath, ComponentExportIndex), Verdict> {
        let found = |path| Some((path, FunctionPath::find(path, component)?));
        self.candidates.iter().find_map(found).ok_or_else(|| {
            let names: Vec<String> = self.candidates.iter().map(|path| format!("`{path}`")).collect();
            Verdict::Refused { message: format!("it does not export {}", names.join(" or ")) }
        })
    }
}

/// Compiles `component` and runs `job` on it, in this process.
pub(crate) fn execute<J: Job>(
    component: &[u8],
    options: &Options,
    job: J,
) -> Result<(Ended<J::Output>, Written), HostError> {
    let (features, choice, bytes) = (options.features, options.engine, component.to_vec());
    let compiled = on_thread(options.limits.compile_time, move || {
        Compilation::new(&bytes, features, choice, None)?.run()
    })?;
    let compiled = match compiled {
        Some(compiled) => compiled?.map_err(|error| judge::verdict_on_compilation(&error, &options.limits)),
        None => Err(timed_out(Phase::Compiling, options.limits.compile_time)),
    };
    match compiled {
        Ok(compiled) => run(compiled, options, job),
        Err(verdict) => Ok((Err(verdict), Written::new(&options.limits))),
    }
}

/// Runs `job` on a component.
pub(crate) fn run<J: Job>(
    compiled: Compiled,
    options: &Options,
    job: J,
) -> Result<(Ended<J::Output>, Written), HostError> {
    let limit = options.limits.run_time;
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let waits = Waits::new(options.network);
    let written = Written::new(&options.limits);
    let state = context::state(options, &waits, &written)?;
    let ticks = Ticks::start(&compiled.engine)?;
    let work = Work { compiled, state, job, deadline, waits, _ticks: ticks };
    let stopped = limit.map(|limit| limit.saturating_add(STOPPING));
    let ended = match on_thread(stopped, move || work.run())? {
        Some(ended) => ended?,
        None => None,
    };
    Ok((ended.unwrap_or_else(|| Err(timed_out(Phase::Running, limit))), written))
}

fn timed_out(phase: Phase, limit: Option<Duration>) -> Verdict {
    Verdict::TimedOut { phase, limit: limit.unwrap_or_default() }
}

/// Does `work` on a thread with a deep stack. `None` if that took longer than `limit`: then the thread goes on.
pub(crate) fn on_thread<T: Send + 'static>(
    limit: Option<Duration>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Option<T>, HostError> {
    let (sender, done) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("wcompose-run".to_owned())
        .stack_size(STACK)
        .spawn(move || _ = sender.send(work()))
        .map_err(HostError::Resources)?;
    let done = match limit {
        None => done.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(limit) => done.recv_timeout(limit),
    };
    match done {
        Ok(done) => Ok(Some(done)),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Err(HostError::Panicked),
    }
}

/// All that the thread needs.
struct Work<J> {
    compiled: Compiled,
    state: State,
    job: J,
    deadline: Option<Instant>,
    waits: Waits,
    _ticks: Ticks,
}

impl<J: Job> Work<J> {
    /// `None` if the deadline has passed.
    fn run(self) -> Result<Option<Ended<J::Output>>, HostError> {
        let runtime = self.waits.runtime().map_err(HostError::Resources)?;
        let call = self.job.perform(&self.compiled, self.state);
        let ended = runtime.block_on(async {
            match self.deadline {
                None => Some(call.await),
                Some(deadline) => tokio::time::timeout_at(deadline.into(), call).await.ok(),
            }
        });
        // Not dropped: that would wait for a read that blocks.
        runtime.shutdown_background();
        Ok(ended)
    }
}

impl Job for Function {
    type Output = Vec<Val>;

    async fn perform(self, compiled: &Compiled, state: State) -> Ended<Vec<Val>> {
        let (path, function) = self.find(&compiled.component)?;
        let judge = compiled.judge(&state.limits);
        let (mut store, instance) = instantiate(compiled, state).await?;
        let Some(function) = instance.get_func(&mut store, function) else {
            return Err(Verdict::Refused { message: "the export to call is not a function".to_owned() });
        };
        if let Some(message) = misfit(&function.ty(&store), &self) {
            return Err(Verdict::Refused { message });
        }
        let _called = store.data().calls.export(path.to_string());
        let invoked = invoke::invoke(&mut store, function, &self.arguments).await;
        invoked.map_err(|error| judge.verdict_on(&error))
    }
}

/// A store with `state`, and the component in it.
pub(crate) async fn instantiate(compiled: &Compiled, state: State) -> Ended<(Store<State>, Instance)> {
    let judge = compiled.judge(&state.limits);
    let refused = |error: wasmtime::Error| judge.verdict_on_instantiation(&error);
    let linker = compiled.linker().map_err(refused)?;
    let mut store = state::store(&compiled.engine, state);
    let instance = linker.instantiate_async(&mut store, &compiled.component).await.map_err(refused)?;
    Ok((store, instance))
}

/// Why a function of type `ty` cannot do `job`.
fn misfit(ty: &ComponentFunc, job: &Function) -> Option<String> {
    let (expected, given) = (ty.params().len(), job.arguments.len());
    if expected != given {
        return Some(format!("the function takes {expected} arguments, not {given}"));
    }
    let is_status = |ty: &Type| matches!(ty, Type::Result(ty) if ty.ok().is_none() && ty.err().is_none());
    let returns_status = ty.results().len() == 1 && ty.results().all(|ty| is_status(&ty));
    (job.returns_status && !returns_status).then(|| "the function does not return a `result`".to_owned())
}
