//! `wcompose link`: links components into one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wcompose::{Linked, Output, Plan};

use super::linking::{Linking, usage};
use super::run::{Running, run_component};
use crate::exit::Exit;
use crate::files::{self, Content};
use crate::paint;

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
  wcompose link app.wasm leaf.wasm --run -- --name world")]
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

    /// With --run: the longest that compiling and running may take together
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = super::duration)]
    timeout: Duration,

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
        let output = (!self.dry_run).then_some(self.output.as_path());
        self.linking.run(output, |linked, inputs| match linked {
            Linked::Done { plan, output, .. } => self.deliver(plan, output, inputs),
            Linked::Unparsed(_) | Linked::Unresolved { .. } => Exit::Failed,
        })
    }

    /// Does with the composition what was asked: prints its plan, writes it, runs it.
    fn deliver(&self, plan: &Plan, output: &Output<'_>, inputs: &[Content]) -> Exit {
        if self.dry_run {
            paint::to_stdout(plan.lines());
            return Exit::Fine;
        }
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
        if let Err(error) = written {
            paint::error(error);
            return Exit::Failed;
        }
        if !self.run {
            return Exit::Fine;
        }
        let file = self.output.display().to_string();
        let running = Running { timeout: self.timeout, features: &self.linking.features, pass_on: false };
        run_component(&output.to_vec(), &file, running, self.arguments.clone())
    }
}
