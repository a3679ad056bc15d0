//! One component from bytes to its end, under the time limit: compile, instantiate, do one job. Owns the threads.
//!
//! The work is done on a thread of its own, so that the limit holds whatever that thread is stuck in. Code of the
//! component is stopped at the limit; a compilation or a blocked system call cannot be, and its thread is left behind:
//! a caller that saw [`Verdict::TimedOut`] should end the process before long.

use crate::context::{self, Written};
use crate::engine::{self, Ticks};
use crate::function::FunctionPath;
use crate::invoke;
use crate::options::Options;
use crate::outcome::{self, HostError, Phase, Verdict};
use crate::state::{self, State};
use crate::waits::Waits;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use wasmtime::Engine;
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{Component, ComponentExportIndex, Type, Val};

/// How long a component that is being stopped gets to be taken down.
const STOPPING: Duration = Duration::from_secs(1);

/// Native recursion while compiling and running host code.
const STACK: usize = 16 << 20;

/// What to call, and with what.
pub(crate) struct Job {
    /// The first of these that the component exports is called.
    pub(crate) candidates: Vec<FunctionPath>,
    pub(crate) arguments: Vec<Val>,
    /// Whether the function must return a `result` without payloads, as `wasi:cli/run` does.
    pub(crate) returns_status: bool,
}

impl Job {
    fn find(&self, component: &Component) -> Result<ComponentExportIndex, Verdict> {
        self.candidates.iter().find_map(|path| path.find(component)).ok_or_else(|| {
            let names: Vec<String> = self.candidates.iter().map(|path| format!("`{path}`")).collect();
            Verdict::Refused { message: format!("does not export {}", names.join(" or ")) }
        })
    }
}

/// The results of the call, or how the run ended instead.
pub(crate) type Ended = Result<Vec<Val>, Verdict>;

/// Runs `job` on `component` under `options`.
pub(crate) fn execute(component: &[u8], options: &Options, job: Job) -> Result<(Ended, Written), HostError> {
    let started = Instant::now();
    let deadline = options.time_limit.and_then(|limit| started.checked_add(limit));
    let waits = Waits::default();
    let written = Written::new();
    let state = context::state(options, &waits, &written)?;
    let engine = engine::engine(options.features)?;
    let ticks = Ticks::start(&engine)?;
    let running = Arc::new(AtomicBool::new(false));

    let (sender, ended) = mpsc::sync_channel(1);
    let work = Work {
        component: component.to_vec(),
        engine,
        state,
        job,
        deadline,
        running: Arc::clone(&running),
        waits,
        _ticks: ticks,
    };
    thread::Builder::new()
        .name("wcompose-run".to_owned())
        .stack_size(STACK)
        .spawn(move || _ = sender.send(work.run()))
        .map_err(HostError::Resources)?;

    let ended = match deadline {
        None => ended.recv().map_err(|_| HostError::Panicked)?,
        Some(deadline) => match ended.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(ended) => ended,
            Err(RecvTimeoutError::Disconnected) => return Err(HostError::Panicked),
            Err(RecvTimeoutError::Timeout) if running.load(Ordering::SeqCst) => {
                ended.recv_timeout(STOPPING).unwrap_or(Ok(Err(Stopped::Limit(Phase::Running))))
            }
            Err(RecvTimeoutError::Timeout) => Ok(Err(Stopped::Limit(Phase::Compiling))),
        },
    }?;
    let ended = ended.map_err(|stopped| match (stopped, options.time_limit) {
        (Stopped::Verdict(verdict), _) => verdict,
        (Stopped::Limit(phase), limit) => Verdict::TimedOut { phase, limit: limit.unwrap_or_default() },
    });
    Ok((ended, written))
}

/// Why a call gave no results.
enum Stopped {
    Verdict(Verdict),
    Limit(Phase),
}

/// All that the thread needs.
struct Work {
    component: Vec<u8>,
    engine: Engine,
    state: State,
    job: Job,
    deadline: Option<Instant>,
    running: Arc<AtomicBool>,
    waits: Waits,
    _ticks: Ticks,
}

impl Work {
    fn run(self) -> Result<Result<Vec<Val>, Stopped>, HostError> {
        let component = match Component::from_binary(&self.engine, &self.component) {
            Ok(component) => component,
            Err(error) => {
                let message = outcome::message_of(&error);
                return Ok(Err(Stopped::Verdict(Verdict::Refused { message })));
            }
        };
        self.running.store(true, Ordering::SeqCst);
        let function = match self.job.find(&component) {
            Ok(function) => function,
            Err(verdict) => return Ok(Err(Stopped::Verdict(verdict))),
        };
        let runtime = self.waits.runtime().map_err(HostError::Resources)?;
        let call = call(&self.engine, self.state, &component, function, &self.job);
        let ended = runtime.block_on(async {
            match self.deadline {
                None => call.await.map_err(Stopped::Verdict),
                Some(deadline) => match tokio::time::timeout_at(deadline.into(), call).await {
                    Ok(ended) => ended.map_err(Stopped::Verdict),
                    Err(_) => Err(Stopped::Limit(Phase::Running)),
                },
            }
        });
        // Not dropped: that would wait for a read that blocks.
        runtime.shutdown_background();
        Ok(ended)
    }
}

async fn call(
    engine: &Engine,
    state: State,
    component: &Component,
    function: ComponentExportIndex,
    job: &Job,
) -> Ended {
    let refused = |error: wasmtime::Error| outcome::verdict_of_instantiation(&error);
    let linker = state::linker(engine).map_err(refused)?;
    let mut store = state::store(engine, state);
    let instance = linker.instantiate_async(&mut store, component).await.map_err(refused)?;
    let Some(function) = instance.get_func(&mut store, function) else {
        return Err(Verdict::Refused { message: "the export to call is not a function".to_owned() });
    };
    if let Some(message) = misfit(&function.ty(&store), job) {
        return Err(Verdict::Refused { message });
    }
    invoke::invoke(&mut store, function, &job.arguments).await.map_err(|error| outcome::verdict_of(&error))
}

/// Why a function of type `ty` cannot do `job`.
fn misfit(ty: &ComponentFunc, job: &Job) -> Option<String> {
    let (expected, given) = (ty.params().len(), job.arguments.len());
    if expected != given {
        return Some(format!("the function takes {expected} arguments, not {given}"));
    }
    let is_status = |ty: &Type| matches!(ty, Type::Result(ty) if ty.ok().is_none() && ty.err().is_none());
    let returns_status = ty.results().len() == 1 && ty.results().all(|ty| is_status(&ty));
    (job.returns_status && !returns_status).then(|| "the function does not return a `result`".to_owned())
}
