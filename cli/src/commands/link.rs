//! `wcompose link`: links components into one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wcompose::{Output, Plan};
use wcompose_run::{Options, Task};

use super::compiling::Compiling;
use super::linking::{Delivered, Linking, usage};
use super::sandboxing::{Choices, Sandboxing};
use super::test::Testing;
use crate::exit::Exit;
use crate::files::{self, Content};
use crate::paint;
use crate::suite::Suite;
use crate::suite::format::SuiteFormat;

/// Links components into one: connects every import to the export that satisfies it.
///
/// Each input is one instance, named after its file. The first that nobody consumes gives the exports; an import that
/// several inputs could serve goes to the nearest later one if they form a chain of middleware. What no input provides
/// is left for the host, if the target has it. Anything that does not fit is an error, and nothing is written.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose link app.wasm auth.wasm store.wasm -o out.wasm
  wcompose link app.wasm cache=redis.wasm --wire app:demo:kv/store=cache
  wcompose link app.wasm leaf.wasm --dry-run
  wcompose link app.wasm leaf.wasm --run -- --name world
  wcompose link app.wasm leaf.wasm --test suite.toml")]
pub(crate) struct Link {
    #[command(flatten)]
    linking: Linking,

    /// Where to write the composition, `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "composed.wasm")]
    output: PathBuf,

    /// Print the plan to standard output and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Write the text format
    #[arg(long)]
    wat: bool,

    /// Run the composition after it is written
    #[arg(long, conflicts_with = "dry_run")]
    run: bool,

    /// Test the composition with a suite after it is written
    #[arg(long, value_name = "SUITE", conflicts_with_all = ["run", "dry_run"])]
    test: Option<PathBuf>,

    /// With --run: the longest that running may take. With --test: that a case may take, unless the suite says otherwise
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = super::duration)]
    timeout: Duration,

    #[command(flatten)]
    compiling: Compiling,

    #[command(flatten, next_help_heading = "Sandbox, with --compile, --run and --test")]
    sandboxing: Sandboxing,

    /// With --run: arguments for the component
    #[arg(last = true, value_name = "ARGUMENT", requires = "run")]
    arguments: Vec<String>,
}

impl Link {
    pub(super) fn run(self) -> Exit {
        let to_stdout = self.output == Path::new("-");
        let mut claims = self.linking.stdout_claims();
        claims.extend(self.dry_run.then_some("--dry-run"));
        claims.extend((to_stdout && !self.dry_run).then_some("-o -"));
        claims.extend(self.run.then_some("--run"));
        if let [first, second, ..] = claims[..] {
            return usage(format!("{first} and {second} both want standard output"));
        }
        let suite = match &self.test {
            None => None,
            Some(path) => match super::test::load(path) {
                None => return Exit::Failed,
                suite => suite,
            },
        };
        let output = (!self.dry_run).then_some(self.output.as_path());
        let runs = self.run || self.compiling.compile || suite.is_some();
        self.linking
            .run(output, runs, |plan, output, inputs| self.deliver(plan, output, inputs, suite.as_ref()))
    }

    /// Does with the composition what was asked: prints its plan, compiles it, writes it, runs or tests it.
    fn deliver(
        &self,
        plan: &Plan,
        output: &Output<'_>,
        inputs: &[Content],
        suite: Option<&Suite>,
    ) -> Delivered {
        let file = self.output.display().to_string();
        let mut delivered = Delivered::from(Exit::Fine);
        // If it is to be run as well, the run says whether it compiles.
        if self.compiling.compile && !self.run {
            delivered = self.compiling.compile(&output.to_vec(), &file, &self.linking, &self.sandboxing);
        }
        if delivered.exit != Exit::Fine {
            return delivered;
        }
        if self.dry_run {
            paint::to_stdout(plan.lines());
            return delivered;
        }
        match (self.write(output, inputs), suite) {
            (Exit::Fine, Some(suite)) => {
                Delivered { exit: self.try_out(suite, &output.to_vec(), &file), ..delivered }
            }
            (Exit::Fine, None) if self.run => self.execute(&output.to_vec(), &file),
            (exit, _) => Delivered { exit, ..delivered },
        }
    }

    fn write(&self, output: &Output<'_>, inputs: &[Content]) -> Exit {
        let written = if self.wat {
            match wasmprinter::print_bytes(output.to_vec()) {
                Ok(text) => files::write_text(&self.output, &text, inputs),
                Err(error) => {
                    paint::error(format!("cannot print the text of the composition: {error}"));
                    return Exit::Bug;
                }
            }
        } else {
            files::write(&self.output, output, inputs)
        };
        match written {
            Ok(()) => Exit::Fine,
            Err(error) => {
                paint::error(error);
                Exit::Failed
            }
        }
    }

    fn execute(&self, bytes: &[u8], file: &str) -> Delivered {
        let options =
            Options { program: file.to_owned(), args: self.arguments.clone(), ..self.sandbox_options() };
        let outcome = match self.sandboxing.execute(bytes, Task::Run, &options) {
            Ok(outcome) => outcome,
            Err(exit) => return exit.into(),
        };
        if let (true, Some(compiler)) = (self.linking.verbose, outcome.compiler) {
            paint::line(&format!("compiled by {compiler}"));
        }
        Delivered::of(&outcome, bytes, file)
    }

    fn try_out(&self, suite: &Suite, bytes: &[u8], file: &str) -> Exit {
        let testing = Testing {
            cases: &suite.cases.iter().collect::<Vec<_>>(),
            format: SuiteFormat::Human,
            jobs: None,
            options: self.sandbox_options(),
            sandboxing: &self.sandboxing,
        };
        testing.run(bytes, file)
    }

    fn sandbox_options(&self) -> Options {
        let engine = self.compiling.engine();
        let choices = Choices { features: &self.linking.features, timeout: Some(self.timeout), engine };
        self.sandboxing.options(&choices)
    }
}
