//! What a component may see and use, and what bounds it: the options that all commands share which run one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wcompose::Output;
use wcompose_run::{
    Binary, Directory, EngineChoice, Event, Features, HostError, Image, Limits, Network, Options, Outcome,
    Sandbox, Stdio, Stop, Task,
};

use super::units;
use crate::exit::Exit;
use crate::paint;

#[derive(clap::Args)]
pub(super) struct Sandboxing {
    /// Let the component read and write a directory, as GUEST if that is given (repeatable)
    #[arg(long = "dir", value_name = "HOST[::GUEST]", value_parser = units::directory)]
    directories: Vec<Directory>,

    /// Give the component an environment variable, with the value that it has here if there is none (repeatable)
    #[arg(long = "env", value_name = "NAME[=VALUE]", value_parser = variable)]
    environment: Vec<(String, String)>,

    /// Give the component all environment variables
    #[arg(long)]
    inherit_env: bool,

    /// Let the component use the network
    #[arg(long)]
    inherit_network: bool,

    /// The longest that compiling may take
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = super::duration)]
    compile_timeout: Duration,

    /// The most linear memory, all memories together
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = units::size)]
    max_memory: u64,

    /// The most memory of the process that compiles and runs the component
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = units::size)]
    max_process_memory: u64,

    /// The most handles to resources, streams, futures and tasks
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().handles)]
    max_handles: u64,

    /// The most instances, the nested ones among them
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().instances)]
    max_instances: u64,

    /// The deepest that components are nested
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().nesting, value_parser = clap::value_parser!(u64).range(..=1000))]
    max_nesting: u64,

    /// The most that the component may hand to the host in one call
    #[arg(long, value_name = "SIZE", default_value = "128MiB", value_parser = units::size)]
    hostcall_fuel: u64,

    /// Compile anew, and do not keep what was compiled
    #[arg(long)]
    no_cache: bool,
}

/// What the command decides, and not an option of [`Sandboxing`].
pub(super) struct Choices<'c> {
    /// The optional features that the runtime is to have.
    pub features: &'c [&'static str],
    /// The longest that running may take.
    pub timeout: Option<Duration>,
    /// What compiles.
    pub engine: EngineChoice,
}

impl Sandboxing {
    /// The options of a run on this process's standard streams, without arguments for the component.
    pub(super) fn options(&self, choices: &Choices<'_>) -> Options {
        let inherited = self.inherit_env.then(|| std::env::vars_os().filter_map(utf8)).into_iter().flatten();
        Options {
            environment: inherited.chain(self.environment.iter().cloned()).collect(),
            stdio: Stdio::Inherit,
            directories: self.directories.clone(),
            network: if self.inherit_network { Network::Inherited } else { Network::Denied },
            // The runner has them all on or all off; which ones a composition may use was settled when it was linked.
            features: if choices.features.is_empty() { Features::Default } else { Features::Extended },
            engine: choices.engine,
            limits: Limits {
                compile_time: Some(self.compile_timeout),
                run_time: choices.timeout,
                linear_memory: Some(self.max_memory),
                process_memory: Some(self.max_process_memory),
                handles: self.max_handles,
                instances: self.max_instances,
                nesting: self.max_nesting,
                hostcall_fuel: self.hostcall_fuel,
                ..Limits::default()
            },
            ..Options::default()
        }
    }

    /// Does `task` with a component. What keeps the sandbox from saying anything is told, and is the error.
    pub(super) fn execute<'b>(
        &self,
        component: impl Into<Binary<'b>>,
        task: Task,
        options: &Options,
    ) -> Result<Outcome, Exit> {
        self.execute_telling(component, task, options, &mut |_, _| ())
    }

    /// The same, and tells `on_event` of what happens meanwhile.
    pub(super) fn execute_telling<'b>(
        &self,
        component: impl Into<Binary<'b>>,
        task: Task,
        options: &Options,
        on_event: &mut dyn FnMut(Event, &Stop),
    ) -> Result<Outcome, Exit> {
        let sandbox = self.sandbox().map_err(|error| {
            paint::error(format!("cannot find the program to run the sandbox with: {error}"));
            Exit::Failed
        })?;
        let ended = sandbox.run(&sandbox.subject(component), task, options, on_event);
        let outcome = ended.map_err(unheard)?;
        warn_of_winch(outcome.winch_panicked.as_deref());
        Ok(outcome)
    }

    /// The same with a composition that is not in one piece yet, which it gives as the sandbox had it.
    pub(super) fn execute_output(
        &self,
        output: &Output<'_>,
        task: Task,
        options: &Options,
    ) -> Result<(Image, Outcome), Exit> {
        let composition = Image::of(output.chunks()).map_err(unheard)?;
        let outcome = self.execute(&composition, task, options)?;
        Ok((composition, outcome))
    }

    /// What starts this program once more as the process that runs the component.
    fn sandbox(&self) -> std::io::Result<Sandbox> {
        let sandbox = Sandbox::new(std::env::current_exe()?);
        Ok(match self.cache() {
            Some(folder) => sandbox.caching(folder),
            None => sandbox,
        })
    }

    /// The same for several runs of one component: what is not kept for longer is kept in `folder`.
    pub(super) fn sandbox_keeping(&self, folder: &Path) -> std::io::Result<Sandbox> {
        let folder = self.cache().unwrap_or_else(|| folder.to_owned());
        Ok(Sandbox::new(std::env::current_exe()?).caching(folder))
    }

    fn cache(&self) -> Option<PathBuf> {
        if self.no_cache { None } else { cache_folder() }
    }
}

/// Tells why the sandbox says nothing.
fn unheard(error: HostError) -> Exit {
    paint::error(&error);
    if error.is_before_the_run() { Exit::Failed } else { Exit::RunFailed }
}

/// Says that Winch panicked, if it did.
pub(super) fn warn_of_winch(panicked: Option<&str>) {
    if let Some(panic) = panicked {
        paint::warning(format!("Winch has a bug, so Cranelift compiled instead: it panicked: {panic}"));
    }
}

/// Where compiled components are kept, if this user has a place for such things.
pub(super) fn cache_folder() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let caches = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
    Some(caches.join("wcompose"))
}

/// A variable that a component can be given: its strings are Unicode.
fn utf8((name, value): (std::ffi::OsString, std::ffi::OsString)) -> Option<(String, String)> {
    Some((name.into_string().ok()?, value.into_string().ok()?))
}

/// Reads `NAME[=VALUE]`.
fn variable(text: &str) -> Result<(String, String), String> {
    if let Some((name, value)) = text.split_once('=') {
        return Ok((name.to_owned(), value.to_owned()));
    }
    let value = std::env::var(text).map_err(|_| format!("there is no variable `{text}` here to pass on"))?;
    Ok((text.to_owned(), value))
}
