//! The child's side of the sandbox: confines itself, takes its order, and tells how it went.

use super::image::Inherited;
use super::order::{self, Event, Filled, Order, Task};
use super::process::{self, EVENTS, FILE, ORDERS};
use super::serving;
use crate::calls::{CallProblem, CallResult, Expectation, Invocations};
use crate::compile::{self, Compilation, Compiled};
use crate::context::{self, Written};
use crate::http::Ask;
use crate::judge;
use crate::limits::Limits;
use crate::options::{Options, Stdio};
use crate::outcome::{HostError, Verdict};
use crate::session::{self, Ended};
use crate::waits::Waits;
use rustix::process::{Resource, Rlimit};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime::Engine;
use wasmtime::component::Component;

/// The whole life of a child. To be called first and alone in a program that was started with [`super::CHILD`].
///
/// The exit code is of no importance: the parent knows the verdict, or that there is none.
pub fn child() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        // There is no parent to tell.
        Err(_) => ExitCode::FAILURE,
    }
}

/// Tells the parent what happens. Clones tell the same parent.
#[derive(Clone)]
pub(super) struct Events(Arc<Mutex<File>>);

impl Events {
    /// A parent that is gone is no failure: the child goes with it.
    pub(super) fn tell(&self, event: &Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        _ = order::tell(&mut *events, event);
    }
}

/// What the parent sends. After [`Filled`], nothing comes but the end, which asks the task to come to its own.
type Orders = BufReader<File>;

fn serve() -> io::Result<()> {
    let offered = Inherited::at(FILE)?;
    let mut orders = BufReader::new(File::open(format!("/dev/fd/{ORDERS}"))?);
    let events = OpenOptions::new().write(true).open(format!("/dev/fd/{EVENTS}"))?;
    let events = Events(Arc::new(Mutex::new(events)));
    tell_of_panics(events.clone());
    let Some(mut order) = order::hear::<Order>(&mut orders)? else { return Ok(()) };
    order.options.stdio = Stdio::Moved(Arc::new(silence()?));
    confine(&order)?;
    match perform(order, offered, orders, &events) {
        Ok(verdict) => {
            let peak_memory = process::peak_memory("self");
            events.tell(&Event::Ended { verdict, peak_memory });
        }
        Err(error) if error.is_before_the_run() => {
            events.tell(&Event::Unready { message: error.to_string() });
        }
        Err(error) => events.tell(&Event::Failed { message: error.to_string() }),
    }
    Ok(())
}

/// Gives standard error as a file, for the component, and has nothing in its place: where an allocation fails, the standard library
/// writes there before it ends the process, and that is for the parent to tell.
fn silence() -> io::Result<File> {
    let stderr = io::stderr().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stderr(OpenOptions::new().write(true).open("/dev/null")?)?;
    Ok(stderr.into())
}

/// A panic is a bug of ours or of the runtime, and no doing of the component.
fn tell_of_panics(events: Events) {
    std::panic::set_hook(Box::new(move |panic| {
        events.tell(&Event::Panicked { message: panic.to_string().replace('\n', " ") });
    }));
}

/// Bounds this process's memory, and ties its life to the parent's.
fn confine(order: &Order) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        set_parent_process_death_signal(Some(Signal::KILL))?;
        let parent = getppid().map(|parent| parent.as_raw_nonzero().get().unsigned_abs());
        if parent != Some(order.parent) {
            return Err(io::Error::other("the parent is gone"));
        }
    }
    let Limits { process_memory, .. } = order.options.limits;
    if let Some(most) = process_memory {
        // What is reserved and not written to does not count.
        rustix::process::setrlimit(Resource::Data, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

fn perform(
    order: Order,
    offered: Inherited,
    mut orders: Orders,
    events: &Events,
) -> Result<Verdict, HostError> {
    let Order { task, options, kept, .. } = order;
    // What is granted is looked at before anything takes long.
    context::state(&options, &Waits::new(options.network), &Written::new(&options.limits))?;
    let listener = serving::listener(&task)?;
    let (features, choice) = (options.features, options.engine);
    let found = match &kept {
        Some(kept) => compile::find(features, choice, kept)?,
        None => None,
    };
    let cached = found.is_some();
    let compiled = match found {
        Some(compiled) => {
            drop(offered);
            Ok(compiled)
        }
        None => {
            events.tell(&Event::Wanted);
            let filled = order::hear::<Filled>(&mut orders).map_err(HostError::handing)?;
            filled.ok_or_else(|| HostError::handing(io::Error::other("the parent is gone")))?;
            let component = offered.map().map_err(HostError::handing)?;
            let check = check_of(&task);
            let work = move || {
                let compilation = match Compilation::new(&component, features, choice, kept.as_ref()) {
                    Ok(compilation) => compilation,
                    Err(error) => return Ok(Err(error)),
                };
                if let Some(check) = check
                    && let Some((engine, shell)) = compilation.shell()
                {
                    check(&engine, &shell)?;
                }
                Ok(compilation.run())
            };
            match session::on_thread(None, work)?.ok_or(HostError::Panicked)? {
                Ok(compiled) => compiled?,
                Err(problems) => return Ok(called(Ok(Err(problems)), events)),
            }
        }
    };
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(error) => return Ok(judge::verdict_on_compilation(&error, &options.limits)),
    };
    let Compiled { compiler, winch_panicked, .. } = &compiled;
    events.tell(&Event::Compiled { compiler: *compiler, cached, winch_panicked: winch_panicked.clone() });
    match listener {
        Some(listener) => serving::serve(listener, compiled, &options, orders, events),
        None => execute(task, compiled, &options, events),
    }
}

/// Says, before the component is compiled, why a call does not fit its exports.
type Check = Box<dyn FnOnce(&Engine, &Component) -> Result<(), Vec<CallProblem>> + Send>;

fn check_of(task: &Task) -> Option<Check> {
    match task.clone() {
        Task::Invoke { calls } => {
            Some(Box::new(move |engine, component| Invocations(calls).check(engine, component)))
        }
        Task::Expect { call, returns } => {
            Some(Box::new(move |engine, component| Expectation { call, returns }.check(engine, component)))
        }
        Task::Compile | Task::Run | Task::Ask { .. } | Task::Serve { .. } => None,
    }
}

/// Does a task that does not listen to the parent.
fn execute(task: Task, compiled: Compiled, options: &Options, events: &Events) -> Result<Verdict, HostError> {
    match task {
        Task::Compile | Task::Serve { .. } => Ok(Verdict::Returned),
        Task::Run => {
            let (ended, _) = session::run(compiled, options, crate::run::job())?;
            Ok(crate::run::verdict(ended))
        }
        Task::Invoke { calls } => {
            let (ended, _) = session::run(compiled, options, Invocations(calls))?;
            Ok(called(ended, events))
        }
        Task::Expect { call, returns } => {
            let (ended, _) = session::run(compiled, options, Expectation { call, returns })?;
            let told = |(results, wave)| {
                events.tell(&Event::Expected { wave });
                results
            };
            Ok(called(ended.map(|fits| fits.map(told)), events))
        }
        Task::Ask { request } => {
            let (ended, _) = session::run(compiled, options, Ask(request))?;
            let told = ended.map(|response| events.tell(&Event::Answered { response }));
            Ok(told.err().unwrap_or(Verdict::Returned))
        }
    }
}

/// Tells what calls gave, or why they do not fit.
fn called(ended: Ended<Result<Vec<CallResult>, Vec<CallProblem>>>, events: &Events) -> Verdict {
    match ended {
        Ok(Ok(results)) => {
            events.tell(&Event::Called { results });
            Verdict::Returned
        }
        Ok(Err(problems)) => {
            let message = problems.first().map_or(String::new(), |problem| problem.message.clone());
            events.tell(&Event::Misfits { problems });
            Verdict::Refused { message }
        }
        Err(verdict) => verdict,
    }
}
