//! `wcompose check`: links without writing.

use super::linking::{Linking, usage};
use crate::exit::Exit;

/// Checks whether components link: `link` without an output.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose check app.wasm auth.wasm store.wasm
  wcompose check app.wasm leaf.wasm --format sarif > wcompose.sarif")]
pub(crate) struct Check {
    #[command(flatten)]
    linking: Linking,
}

impl Check {
    pub(super) fn run(self) -> Exit {
        if let [first, second, ..] = self.linking.stdout_claims()[..] {
            return usage(format!("{first} and {second} both want standard output"));
        }
        self.linking.run(None, |_, _| Exit::Fine)
    }
}
