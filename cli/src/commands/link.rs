//! `wcompose link`: links components into one.

use super::linking::{Delivery, LinkOptions, Settings, Telling};
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

    #[command(flatten)]
    telling: Telling,

    #[command(flatten)]
    delivery: Delivery,
}

impl Link {
    pub(super) fn run(self) -> Exit {
        let Link { options, telling, delivery } = self;
        let settings = delivery.over(options.over(Settings::default()));
        delivery.run(&settings, &telling)
    }
}
