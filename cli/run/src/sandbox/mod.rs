//! Runs components in a child process, so that whatever they do, compile for ages or eat all memory among it, the caller
//! gets a verdict in bounded time. This is the parent's side: it starts the child, watches the clocks, and words its
//! silence. The child's side is `child`, what they say to each other is `order`.

mod child;
mod count;
mod image;
mod order;
mod process;
mod serving;

use crate::kept::Kept;
use crate::limits::Quantity;
use crate::options::{Options, Stdio};
use crate::outcome::{Compiler, HostError, Outcome, Phase, Verdict};
pub use child::child;
use image::Offer;
pub use image::{Binary, Image};
pub use order::{Event, Task};
use order::{Filled, Order};
pub use process::Stop;
use process::{Captured, Heard, Process};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The first argument of the program that is started as the child; such a program must call [`child`] and nothing else.
pub const CHILD: &str = "__wcompose-child";

/// How long the child may outlast the run clock, to end the component and tell how.
const GRACE: Duration = Duration::from_millis(250);

/// Starts children that run components.
#[derive(Clone, Debug)]
pub struct Sandbox {
    program: PathBuf,
    cache: Option<PathBuf>,
}

impl Sandbox {
    /// `program` is what is started as the child, with [`CHILD`] as its only argument: the caller's own executable.
    pub fn new(program: PathBuf) -> Self {
        Self { program, cache: None }
    }

    /// The same, but compiled components are kept in `folder`, and found there. It is made if it does not exist, and not
    /// used if others than this user may write there.
    pub fn caching(self, folder: PathBuf) -> Self {
        Self { cache: Some(folder), ..self }
    }

    /// The component in `binary` as [`Sandbox::run`] takes it. For several runs, one is enough: all of its bytes are read for
    /// it.
    pub fn subject<'c>(&self, binary: impl Into<Binary<'c>>) -> Subject<'c> {
        let binary = binary.into();
        Subject { binary, kept: self.cache.as_deref().and_then(|folder| Kept::of(binary.bytes(), folder)) }
    }

    /// Does `task` with `component`, and tells of what happens meanwhile to `on_event`.
    ///
    /// The events are those that only the task knows. The [`Stop`] that comes with them asks the task to come to its end
    /// early; it may be kept and used from another thread.
    ///
    /// # Errors
    ///
    /// Only for what is not the component's doing: see [`HostError`].
    pub fn run(
        &self,
        component: &Subject<'_>,
        task: Task,
        options: &Options,
        on_event: &mut dyn FnMut(Event, &Stop),
    ) -> Result<Outcome, HostError> {
        if let Some(verdict) = count::verdict(component.binary.bytes(), &options.limits) {
            let (stdout, stderr) = (Vec::new(), Vec::new());
            let (compiler, winch_panicked, peak_memory) = (None, None, None);
            return Ok(Outcome { verdict, stdout, stderr, compiler, winch_panicked, peak_memory });
        }
        let order = Order {
            task,
            options: Options { stdio: Stdio::Inherit, ..options.clone() },
            kept: component.kept.clone(),
            parent: std::process::id(),
        };
        let offer = component.binary.offer().map_err(HostError::handing)?;
        let file = offer.file().map_err(HostError::handing)?;
        let mut offer = Some(offer);
        let (most, reads) = (options.limits.output, order.task.reads_stdin());
        let mut process = Process::start(&self.program, file, &options.stdio, most, reads)?;
        process.tell(&order);
        let mut watch = Watch::new(&order);
        let too_much = Verdict::Exceeded { quantity: Quantity::Output, limit: options.limits.output };
        let ended = loop {
            match process.hear(watch.deadline) {
                Heard::Told(Event::Wanted) => {
                    offer.take().map_or(Ok(()), Offer::fill).map_err(HostError::handing)?;
                    process.tell(&Filled);
                }
                Heard::Told(event) => match watch.note(event) {
                    Noted::Other(event) => on_event(event, process.stopper()),
                    Noted::Known => {}
                    Noted::Ended(verdict) => break Ok(verdict),
                    Noted::Unready(message) => break Err(HostError::Unready { message }),
                    Noted::Failed(message) => break watch.failed(message, options),
                },
                Heard::Nothing => {
                    watch.peak_memory = process.peak_memory();
                    process.kill();
                    break Ok(watch.timed_out());
                }
                Heard::TooMuch => {
                    watch.peak_memory = process.peak_memory();
                    process.kill();
                    break Ok(too_much.clone());
                }
                Heard::Gone => break watch.gone(process.status(), options),
            }
        };
        let Captured { stdout, stderr, cut } = process.end();
        let Watch { compiler, winch_panicked, peak_memory, .. } = watch;
        let verdict = if cut { too_much } else { ended? };
        Ok(Outcome { verdict, stdout, stderr, compiler, winch_panicked, peak_memory })
    }
}

/// A component for a sandbox, with what its cache may hold of it.
pub struct Subject<'c> {
    binary: Binary<'c>,
    kept: Option<Kept>,
}

/// What the parent knows of a child.
struct Watch {
    phase: Phase,
    /// When the child is killed.
    deadline: Option<Instant>,
    /// The limit of the phase.
    limit: Option<Duration>,
    /// The limit of the next phase.
    clock: Option<Duration>,
    compiler: Option<Compiler>,
    winch_panicked: Option<String>,
    peak_memory: Option<u64>,
    panicked: Option<String>,
}

/// What an event means for the parent.
enum Noted {
    Known,
    Ended(Verdict),
    Unready(String),
    Failed(String),
    Other(Event),
}

impl Watch {
    fn new(order: &Order) -> Self {
        let limit = order.options.limits.compile_time;
        Self {
            phase: Phase::Compiling,
            deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
            limit,
            clock: order.task.clock(&order.options),
            compiler: None,
            winch_panicked: None,
            peak_memory: None,
            panicked: None,
        }
    }

    fn note(&mut self, event: Event) -> Noted {
        match event {
            Event::Compiled { compiler, winch_panicked, .. } => {
                self.compiler = Some(compiler);
                self.winch_panicked = winch_panicked;
                // What panicked until now was got over.
                self.panicked = None;
                self.phase = Phase::Running;
                self.limit = self.clock;
                self.deadline = self.clock.and_then(|limit| Instant::now().checked_add(limit + GRACE));
                Noted::Known
            }
            Event::Panicked { message } => {
                self.panicked = Some(message);
                Noted::Known
            }
            Event::Ended { verdict, peak_memory } => {
                self.peak_memory = peak_memory;
                Noted::Ended(verdict)
            }
            Event::Unready { message } => Noted::Unready(message),
            Event::Failed { message } => Noted::Failed(message),
            event => Noted::Other(event),
        }
    }

    fn timed_out(&self) -> Verdict {
        Verdict::TimedOut { phase: self.phase, limit: self.limit.unwrap_or_default() }
    }

    /// The verdict on a child that could not go on.
    fn failed(&mut self, message: String, options: &Options) -> Result<Verdict, HostError> {
        match self.panicked.take() {
            Some(panic) => panicked(&panic, options),
            None => without_memory(&message, options).ok_or(HostError::Sandbox { message }),
        }
    }

    /// The verdict on a child that ended and did not say how.
    fn gone(&mut self, status: String, options: &Options) -> Result<Verdict, HostError> {
        const ABORTED: &str = "SIGABRT";
        match (self.panicked.take(), options.limits.process_memory) {
            (Some(panic), _) => panicked(&panic, options),
            // What allocates and gets nothing aborts.
            (None, Some(limit)) if status.contains(ABORTED) => {
                Ok(Verdict::Exceeded { quantity: Quantity::ProcessMemory, limit })
            }
            (None, _) => {
                Err(HostError::Sandbox { message: format!("the sandbox ended without a verdict: {status}") })
            }
        }
    }
}

/// A panic is a bug, unless it says that there was no memory: for a thread, where the runtime has no other answer.
fn panicked(panic: &str, options: &Options) -> Result<Verdict, HostError> {
    let bug = || HostError::Sandbox { message: format!("the runtime panicked: {panic}") };
    without_memory(panic, options).ok_or_else(bug)
}

/// The verdict on a failure whose `message` says that there was no memory.
fn without_memory(message: &str, options: &Options) -> Option<Verdict> {
    // EAGAIN and ENOMEM.
    let no_memory = ["(os error 11)", "(os error 12)", "code: 11,", "code: 12,"];
    let limit = options.limits.process_memory?;
    let exceeded = Verdict::Exceeded { quantity: Quantity::ProcessMemory, limit };
    no_memory.iter().any(|words| message.contains(words)).then_some(exceeded)
}
