//! `wcompose link`: links components into one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::choosing::{Choosing, ChoosingSome};
use super::linking::{self, Delivery, LinkOptions, Locking, Record, Telling};
use crate::exit::Exit;
use crate::watch::Watch;
use crate::{paint, signals};

/// Links components into one: connects every import to the export that satisfies it.
///
/// Each input is one instance, named after its file. The first that nobody consumes gives the exports; an import that
/// several inputs could serve goes to the nearest later one if they form a chain of middleware. What no input provides
/// is left for the host, if the target has it. Anything that does not fit is an error, and nothing is written.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose link app.wasm auth.wasm store.wasm -o out.wasm
  wcompose link app.wasm cache=redis.wasm --wire app:demo:kv/store=cache
  wcompose link --release --locked
  wcompose link --watch --test
  wcompose link app.wasm leaf.wasm --dry-run
  wcompose link app.wasm leaf.wasm --run -- --name world
  wcompose link app.wasm leaf.wasm --test suite.toml")]
pub(crate) struct Link {
    #[command(flatten)]
    options: LinkOptions,

    #[command(flatten, next_help_heading = "Manifest")]
    choosing: ChoosingSome,

    #[command(flatten, next_help_heading = "Manifest")]
    locking: Locking,

    #[command(flatten)]
    telling: Telling,

    /// Link again, and test again with --test, whenever a file changes; Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["run", "dry_run", "all"])]
    watch: bool,

    #[command(flatten)]
    delivery: Delivery,
}

impl Link {
    pub(super) fn run(self) -> Exit {
        if !self.watch {
            let one = |choosing: &Choosing| self.attempt(choosing, |_| ());
            return linking::each(&self.options, &self.choosing, &self.telling, one);
        }
        // What fails here fails whatever changes.
        if let Err(exit) = self.delivery.jobs.start(None) {
            return exit;
        }
        let stopped = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stopped);
        if let Err(error) = signals::on_stop(move || flag.store(true, Ordering::Relaxed)) {
            paint::error(format!("cannot wait for signals: {error}"));
            return Exit::Failed;
        }
        self.relink(&stopped)
    }

    /// Links once. Before, `note` is given what to watch for changes of what is linked.
    fn attempt(&self, choosing: &Choosing, note: impl FnOnce(Watch)) -> Exit {
        let Link { options, locking, telling, delivery, .. } = self;
        match linking::settings(options.clone(), choosing, locking, delivery.keeping()) {
            Ok((settings, record)) => {
                let settings = delivery.over(settings);
                note(settings.watch().and(record.as_ref().map(Record::watch).unwrap_or_default()));
                let last = !self.watch && !self.choosing.all();
                delivery.run(&settings, record.as_ref(), telling, last)
            }
            Err(exit) => {
                note(choosing.watch());
                exit
            }
        }
    }

    /// Links whenever something changed, until it is stopped. A wrong command line ends it at once. Later, that can only
    /// have come of a change of the manifest, which may be gone for a moment: then what was watched before still is.
    fn relink(&self, stopped: &AtomicBool) -> Exit {
        let mut last = None::<Watch>;
        loop {
            let before = last.take().map(|watch| (watch.look(), watch));
            let mut watched = None;
            let exit = self.attempt(self.choosing.one(), |watch| watched = Some((watch.look(), watch)));
            let Some((seen, watch)) = watched.filter(|_| exit != Exit::Usage).or(before) else { return exit };
            let word = if exit == Exit::Fine { "linked" } else { "failed" };
            let files = if seen.len() == 1 { "file" } else { "files" };
            paint::line(&format!("{word}; watching {} {files}", seen.len()));
            match watch.wait(&seen, stopped) {
                None => return Exit::Fine,
                Some(changed) => {
                    changed.iter().for_each(|path| paint::line(&format!("changed: {}", path.display())))
                }
            }
            last = Some(watch);
        }
    }
}
