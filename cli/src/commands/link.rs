//! `wcompose link`: links components into one.

use super::choosing::Choosing;
use super::linking::{self, Delivery, LinkOptions, Locking, Telling};
use crate::exit::Exit;

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
    options: LinkOptions,

    #[command(flatten, next_help_heading = "Manifest")]
    choosing: Choosing,

    #[command(flatten, next_help_heading = "Manifest")]
    locking: Locking,

    #[command(flatten)]
    telling: Telling,

    #[command(flatten)]
    delivery: Delivery,
}

impl Link {
    pub(super) fn run(self) -> Exit {
        let Link { options, choosing, locking, telling, delivery } = self;
        match linking::settings(options, &choosing, &locking, delivery.keeping()) {
            Ok((settings, record)) => delivery.run(&delivery.over(settings), record.as_ref(), &telling),
            Err(exit) => exit,
        }
    }
}
