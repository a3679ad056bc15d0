//! What `link` does with a composition: prints its plan, compiles it, writes it, runs or tests it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wcompose::{Diagnostic, Output, Subject};
use wcompose_run::{Options, Task};

use super::{Building, Delivered, Intent, Jobs, Keeping, Linking, Made, Record, Telling, unwritable, usage};
use crate::codes::TESTS_FAILED;
use crate::commands::compiling::Compiling;
use crate::commands::sandboxing::{Choices, Sandboxing};
use crate::commands::test::{self, Testing};
use crate::exit::Exit;
use crate::files;
use crate::paint;
use crate::settings::Settings;
use crate::suite::Suite;
use crate::suite::format::SuiteFormat;

#[derive(clap::Args)]
pub(in crate::commands) struct Delivery {
    /// Where to write the composition, `-` for standard output [default: composed.wasm]
    #[arg(short, long, value_name = "OUT", conflicts_with = "all")]
    output: Option<PathBuf>,

    /// Print the plan to standard output and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Write the text format
    #[arg(long)]
    wat: bool,

    /// Run the composition after it is written
    #[arg(long, conflicts_with_all = ["dry_run", "all"])]
    run: bool,

    /// Test the composition after it is written: with this suite, or with those of the manifest
    #[arg(long, value_name = "SUITE", num_args = 0..=1, conflicts_with_all = ["run", "dry_run", "all"])]
    test: Option<Option<PathBuf>>,

    /// With --run: the longest that running may take. With --test: that a case may take, unless the suite says otherwise
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = crate::commands::duration)]
    timeout: Duration,

    #[command(flatten)]
    building: Building,

    #[command(flatten)]
    pub(in crate::commands) jobs: Jobs,

    #[command(flatten)]
    compiling: Compiling,

    #[command(flatten, next_help_heading = "Sandbox, with --compile, --run and --test")]
    sandboxing: Sandboxing,

    /// With --run: arguments for the component
    #[arg(last = true, value_name = "ARGUMENT", requires = "run")]
    arguments: Vec<String>,
}

impl Delivery {
    /// The settings with what is said here.
    pub(in crate::commands) fn over(&self, mut base: Settings) -> Settings {
        if let Some(output) = &self.output {
            base.output.clone_from(output);
        }
        if let Some(Some(suite)) = &self.test {
            base.suites = vec![suite.clone()];
        }
        self.compiling.over(base)
    }

    /// What becomes of the lock if no option says anything: nothing where nothing is to be written.
    pub(in crate::commands) fn keeping(&self) -> Keeping {
        if self.dry_run { Keeping::Left } else { Keeping::Written }
    }

    /// Links by `settings`, in which these options stand already, and delivers the composition. `last`: whether the process
    /// ends with that.
    pub(in crate::commands) fn run(
        &self,
        settings: &Settings,
        record: Option<&Record>,
        telling: &Telling,
        last: bool,
    ) -> Exit {
        let linking = Linking { settings, record, telling, jobs: &self.jobs };
        let to_stdout = settings.output == Path::new("-");
        let mut claims = telling.stdout_claims();
        claims.extend(self.dry_run.then_some("--dry-run"));
        claims.extend((to_stdout && !self.dry_run).then_some("-o -"));
        claims.extend(self.building.stdout_claims());
        claims.extend(self.run.then_some("--run"));
        if let [first, second, ..] = claims[..] {
            return usage(format!("{first} and {second} both want standard output"));
        }
        if let Err(exit) = self.building.check(settings) {
            return exit;
        }
        let suites = match self.suites(settings) {
            Ok(suites) => suites,
            Err(exit) => return exit,
        };
        let output = (!self.dry_run).then_some((settings.output.as_path(), "-o"));
        let outputs = output.into_iter().chain(self.building.outputs()).collect::<Vec<_>>();
        let job = Job { delivery: self, linking: &linking, suites: &suites };
        // Compiling takes longer than writing: nothing should lie there meanwhile.
        let early = !self.dry_run && !self.wat && (self.run || !self.compiling.compile);
        let binary = early.then_some(settings.output.as_path());
        linking.run(&Intent { outputs: &outputs, binary, last }, |made| job.deliver(made))
    }

    /// The suites that the composition is tested with: none unless that is asked for.
    fn suites(&self, settings: &Settings) -> Result<Vec<Suite>, Exit> {
        if self.test.is_none() {
            return Ok(Vec::new());
        }
        if settings.suites.is_empty() {
            return Err(usage("--test needs a suite: neither the command line nor a manifest names one"));
        }
        let reads_stdin = |path: &Path| path == Path::new("-");
        if let Some(input) = settings.inputs.iter().find(|input| reads_stdin(&input.path))
            && settings.suites.iter().any(|suite| reads_stdin(suite))
        {
            let name = &input.name;
            return Err(usage(format!(
                "`{name}` and the suite are both standard input, which can be read only once"
            )));
        }
        // All that is wrong with any of them is told.
        let suites = settings.suites.iter().map(|path| test::load(path)).collect::<Vec<_>>();
        suites.into_iter().collect::<Option<_>>().ok_or(Exit::Failed)
    }
}

/// A composition that is to be delivered, whatever comes of the link.
struct Job<'j> {
    delivery: &'j Delivery,
    linking: &'j Linking<'j>,
    suites: &'j [Suite],
}

impl Job<'_> {
    fn deliver(&self, made: Made<'_>) -> Delivered {
        let Made { plan, output, .. } = made;
        let Delivery { compiling, dry_run, run, .. } = self.delivery;
        let mut delivered = Delivered::from(Exit::Fine);
        // If it is to be run as well, the run says whether it compiles.
        if compiling.compile && !run {
            delivered = compiling.compile(output, &self.file(), self.linking, &self.delivery.sandboxing);
        }
        if delivered.exit != Exit::Fine {
            return delivered;
        }
        if *dry_run {
            paint::to_stdout(plan.lines());
            return delivered;
        }
        match self.write(made) {
            Ok(()) if *run => self.execute(output),
            Ok(()) => {
                let (exit, failed) = self.try_out(output);
                Delivered { exit, failed, ..delivered }
            }
            Err((exit, failed)) => Delivered { exit, failed, ..delivered },
        }
    }

    /// Writes the composition and what goes with it. What cannot be written is the error, and how that ends.
    fn write(&self, mut made: Made<'_>) -> Result<(), (Exit, Vec<Diagnostic>)> {
        let Linking { settings, .. } = self.linking;
        let building = &self.delivery.building;
        let failed = |path: Option<&Path>, error: &dyn std::fmt::Display| {
            (Exit::Failed, vec![unwritable(path.unwrap_or(&settings.output), error)])
        };
        let depfile = building.write_depfile(settings, self.files());
        depfile.map_err(|error| failed(building.depfile.as_deref(), &error))?;
        let started = Instant::now();
        let text = self.delivery.wat.then(|| wasmprinter::print_bytes(made.output.to_vec())).transpose();
        let text = text.map_err(|error| {
            paint::error(format!("cannot print the text of the composition: {error}"));
            (Exit::Bug, Vec::new())
        })?;
        let written = match &text {
            Some(text) => files::write_text(&settings.output, text, made.contents),
            None => {
                let draft = made.draft.take();
                files::write(&settings.output, made.output, made.contents, draft)
            }
        };
        written.map_err(|error| failed(None, &error))?;
        let output = || text.map_or_else(|| made.output.to_vec(), String::into_bytes);
        let metadata = building.write_metadata(settings, &made, output, started.elapsed());
        metadata.map_err(|error| failed(building.metadata_file.as_deref(), &error))
    }

    fn execute(&self, output: &Output<'_>) -> Delivered {
        let options =
            Options { program: self.file(), args: self.delivery.arguments.clone(), ..self.sandbox_options() };
        let ran = self.delivery.sandboxing.execute_output(output, Task::Run, &options);
        let (composition, outcome) = match ran {
            Ok(ran) => ran,
            Err(exit) => return exit.into(),
        };
        if let (true, Some(compiler)) = (self.linking.telling.verbose, outcome.compiler) {
            paint::line(&format!("compiled by {compiler}"));
        }
        Delivered::of(&outcome, &composition, &self.file())
    }

    /// Tests the composition with each suite, and says what failed; the first that does not pass says how it ends.
    fn try_out(&self, output: &Output<'_>) -> (Exit, Vec<Diagnostic>) {
        let (mut worst, mut all) = (Exit::Fine, Vec::new());
        for (suite, path) in self.suites.iter().zip(&self.linking.settings.suites) {
            let testing = Testing {
                cases: &suite.cases.iter().collect::<Vec<_>>(),
                format: SuiteFormat::Human,
                quiet: self.linking.telling.quiet,
                jobs: self.delivery.jobs.jobs,
                options: self.sandbox_options(),
                sandboxing: &self.delivery.sandboxing,
            };
            let exit = match testing.run(&output.to_vec(), &self.file()) {
                Ok(failed) if failed.is_empty() => Exit::Fine,
                Ok(failed) => {
                    all.push(tests_failed(path, suite, &failed));
                    Exit::RunFailed
                }
                Err(exit) => exit,
            };
            worst = if worst == Exit::Fine { exit } else { worst };
        }
        (worst, all)
    }

    fn sandbox_options(&self) -> Options {
        let Delivery { sandboxing, timeout, .. } = self.delivery;
        let settings = self.linking.settings;
        let (features, engine) = (&settings.features, settings.engine());
        sandboxing.options(&Choices { features, timeout: Some(*timeout), engine })
    }

    /// The files beside the inputs that decide what comes of the link.
    fn files(&self) -> Vec<PathBuf> {
        let Linking { settings, record, .. } = self.linking;
        let suites = if self.suites.is_empty() { &[][..] } else { &settings.suites };
        record.iter().flat_map(|record| record.sources()).chain(suites.iter().cloned()).collect()
    }

    /// What the composition is called.
    fn file(&self) -> String {
        self.linking.settings.output.display().to_string()
    }
}

/// What is wrong with a composition on which these cases of the suite at `path` failed.
fn tests_failed(path: &Path, suite: &Suite, cases: &[String]) -> Diagnostic {
    let (file, failed, all) = (path.display().to_string(), cases.len(), suite.cases.len());
    let message = format!("{failed} of {all} cases of `{file}` failed on the composition");
    let subject = Subject { file: Some(file), ..Subject::default() };
    let notes = cases.iter().map(|case| format!("`{case}` failed")).collect();
    Diagnostic { notes, ..Diagnostic::error(TESTS_FAILED, subject, message) }
}
