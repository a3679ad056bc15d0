//! `wcompose check`: links without writing.

use super::choosing::{Choosing, ChoosingSome};
use super::compiling::Compiling;
use super::linking::{self, Intent, Jobs, Keeping, LinkOptions, Linking, Locking, Telling, usage};
use super::sandboxing::Sandboxing;
use crate::exit::Exit;

/// Checks whether components link: `link` without an output.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose check app.wasm auth.wasm store.wasm
  wcompose check app.wasm leaf.wasm --compile
  wcompose check app.wasm leaf.wasm --format sarif > wcompose.sarif")]
pub(crate) struct Check {
    #[command(flatten)]
    options: LinkOptions,

    #[command(flatten, next_help_heading = "Manifest")]
    choosing: ChoosingSome,

    #[command(flatten, next_help_heading = "Manifest")]
    locking: Locking,

    #[command(flatten)]
    telling: Telling,

    #[command(flatten)]
    jobs: Jobs,

    #[command(flatten)]
    compiling: Compiling,

    #[command(flatten, next_help_heading = "Sandbox, with --compile")]
    sandboxing: Sandboxing,
}

impl Check {
    pub(super) fn run(self) -> Exit {
        if let [first, second, ..] = self.telling.stdout_claims()[..] {
            return usage(format!("{first} and {second} both want standard output"));
        }
        linking::each(&self.options, &self.choosing, &self.telling, |choosing| self.one(choosing))
    }

    fn one(&self, choosing: &Choosing) -> Exit {
        let settings = linking::settings(self.options.clone(), choosing, &self.locking, Keeping::Left);
        let (settings, record) = match settings {
            Ok((settings, record)) => (self.compiling.over(settings), record),
            Err(exit) => return exit,
        };
        let Check { telling, jobs, .. } = self;
        let linking = Linking { settings: &settings, record: record.as_ref(), telling, jobs };
        let intent = Intent { last: !self.choosing.all(), ..Intent::default() };
        linking.run(&intent, |made| {
            if !self.compiling.compile {
                return Exit::Fine.into();
            }
            self.compiling.compile(made.output, "composition", &linking, &self.sandboxing)
        })
    }
}
