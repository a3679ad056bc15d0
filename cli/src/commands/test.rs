//! `wcompose test`: runs the cases of a suite in the sandbox, and tells which pass.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use wcompose_run::{EngineChoice, Limits, Options};

use super::linking::usage;
use super::running::Running;
use super::sandboxing::{Sandboxing, warn_of_winch};
use super::units;
use crate::exit::Exit;
use crate::paint;
use crate::suite::format::{Human, SuiteFormat};
use crate::suite::{self, Case, Runner, Suite, Tested};

/// Tests a component: runs the cases of a suite, each in a sandbox of its own.
///
/// A case calls a function, runs a command or asks an HTTP handler, and says what must come of it; docs/guide.md has
/// the keys. The component is compiled once, and several cases run at a time. The exit status is 0 if all pass, 4 if
/// one does not, or if the filters leave none.
#[derive(clap::Args)]
#[command(
    mut_arg("timeout", |timeout| timeout
        .default_value("10s")
        .help("The longest that a case may take, unless the suite says otherwise")),
    after_help = "Examples:\n  wcompose test suite.toml\n  wcompose test suite.toml composed.wasm --filter greet\n  wcompose test suite.toml --format junit > junit.xml"
)]
pub(crate) struct Test {
    /// The suite, in TOML, `-` for standard input
    suite: PathBuf,

    /// The component, `-` for standard input [default: the one that the suite names]
    file: Option<PathBuf>,

    /// Run only cases with this in their name (repeatable: any of them)
    #[arg(long = "filter", value_name = "TEXT")]
    filters: Vec<String>,

    /// Print the names of the cases and run none
    #[arg(long)]
    list: bool,

    /// How the outcome is told
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = SuiteFormat::Human)]
    format: SuiteFormat,

    /// How many cases run at a time [default: as many as there are processors]
    #[arg(short, long, value_name = "NUMBER", value_parser = units::jobs)]
    jobs: Option<NonZeroUsize>,

    /// The most that a case may write to each of its standard streams, or to a response
    #[arg(long, value_name = "SIZE", default_value = "1MiB", value_parser = units::size)]
    max_output: u64,

    /// Compile with Cranelift at once: it takes longer, and the component runs faster. Otherwise Winch is tried first
    #[arg(long)]
    optimize: bool,

    #[command(flatten)]
    running: Running,
}

impl Test {
    pub(super) fn run(self) -> Exit {
        if self.suite == Path::new("-") && self.file.as_deref() == Some(Path::new("-")) {
            return usage("the suite and the component are both standard input, which can be read only once");
        }
        let Some(suite) = load(&self.suite) else { return Exit::Failed };
        let cases = self.chosen(&suite);
        if self.list {
            paint::to_stdout(cases.iter().map(|case| &case.name));
            return Exit::Fine;
        }
        if cases.is_empty() {
            paint::error(format!("no case has {} in its name", quoted(&self.filters)));
            return Exit::RunFailed;
        }
        let Some(path) = self.file.as_ref().or(suite.component.as_ref()) else {
            let suite = self.suite.display();
            return usage(format!("`{suite}` names no `component`, and neither does the command line"));
        };
        let bytes = match super::read_component(path) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        };
        let engine = if self.optimize { EngineChoice::Cranelift } else { EngineChoice::WinchFirst };
        let file = path.display().to_string();
        let options = self.running.options(engine, &file);
        let limits = Limits { output: self.max_output, ..options.limits.clone() };
        let testing = Testing {
            cases: &cases,
            format: self.format,
            quiet: false,
            jobs: self.jobs,
            options: Options { limits, ..options },
            sandboxing: &self.running.sandboxing,
        };
        match testing.run(&bytes, &file) {
            Ok(failed) if failed.is_empty() => Exit::Fine,
            Ok(_) => Exit::RunFailed,
            Err(exit) => exit,
        }
    }

    fn chosen<'s>(&self, suite: &'s Suite) -> Vec<&'s Case> {
        let chosen = |case: &&Case| {
            self.filters.is_empty() || self.filters.iter().any(|text| case.name.contains(text))
        };
        suite.cases.iter().filter(chosen).collect()
    }
}

/// The suite in `path`; what is wrong with it is told.
pub(super) fn load(path: &Path) -> Option<Suite> {
    suite::load(path).inspect_err(|error| error.tell()).ok()
}

fn quoted(texts: &[String]) -> String {
    texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" or ")
}

/// Which cases are run, and how.
pub(super) struct Testing<'t> {
    pub cases: &'t [&'t Case],
    pub format: SuiteFormat,
    /// Whether people are told of failures only.
    pub quiet: bool,
    pub jobs: Option<NonZeroUsize>,
    pub options: Options,
    pub sandboxing: &'t Sandboxing,
}

impl Testing<'_> {
    /// Runs the cases on the component in `bytes`, which is called `file`, and tells the outcome. Gives the names of those that
    /// failed; what keeps them from being run is told, and is the error.
    pub(super) fn run(self, bytes: &[u8], file: &str) -> Result<Vec<String>, Exit> {
        let tested = self.tested(bytes, file).map_err(|message| {
            paint::error(message);
            Exit::RunFailed
        })?;
        paint::raw_to_stdout(&self.format.text(&tested, file));
        let failed = tested.results.into_iter().filter(|result| !result.passed());
        Ok(failed.map(|result| result.name).collect())
    }

    fn tested(&self, bytes: &[u8], file: &str) -> Result<Tested, String> {
        let unready = |error: std::io::Error| format!("cannot set up the sandbox: {error}");
        // What is not to be kept for longer is kept for the cases.
        let folder = tempfile::tempdir().map_err(unready)?;
        let sandbox = self.sandboxing.sandbox_keeping(folder.path()).map_err(unready)?;
        let processors = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let runner = Runner {
            subject: sandbox.subject(bytes),
            sandbox,
            bytes,
            file,
            options: Options { program: file.to_owned(), ..self.options.clone() },
            jobs: self.jobs.unwrap_or_else(processors).get(),
        };
        let tested = self.told(&runner)?;
        warn_of_winch(tested.winch_panicked.as_deref());
        Ok(tested)
    }

    /// Runs the cases, and tells each as it ends if that is the format.
    fn told(&self, runner: &Runner<'_>) -> Result<Tested, String> {
        let failed = |error: wcompose_run::HostError| error.to_string();
        if self.format != SuiteFormat::Human {
            return runner.run(self.cases, |_| ()).map_err(failed);
        }
        let human = Human::begin(runner.file, self.cases.len(), self.quiet);
        let tested = runner.run(self.cases, |result| human.tell(result)).map_err(failed)?;
        human.end(&tested);
        Ok(tested)
    }
}
