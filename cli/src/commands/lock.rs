//! `wcompose lock`: writes down what the compositions of a manifest come to, or says what does not hold of that.

use std::path::PathBuf;
use std::rc::Rc;

use super::choosing::{self, Chosen, told};
use super::linking::{Intent, Jobs, Keeping, Linking, Record, Telling, drifted, no_lock, write};
use crate::exit::Exit;
use crate::lock::{Lock, Locked, LockedInputs};
use crate::manifest::{DEV, Manifest};
use crate::settings::Settings;

/// Links all compositions of a manifest, and writes what they come to into the lock beside it.
///
/// The lock holds digest and size of every input, every connection, what is left to the host, and the target. `link`
/// keeps it up to date; with --locked it must come to what the lock says.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose lock
  wcompose lock --check
  wcompose lock --manifest shop/wcompose.toml")]
pub(crate) struct LockAll {
    /// The manifest [default: wcompose.toml, here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// Write nothing; end with 3 and say what drifted if the lock does not hold
    #[arg(long)]
    check: bool,
}

impl LockAll {
    pub(super) fn run(self) -> Exit {
        match self.attempt() {
            Ok(exit) | Err(exit) => exit,
        }
    }

    fn attempt(&self) -> Result<Exit, Exit> {
        let manifest = Rc::new(choosing::load(self.manifest.as_deref())?);
        // What is wrong with it is told once, and not for each composition.
        if self.check && Lock::load(&manifest.lock()).map_err(told)?.is_none() {
            Telling::of_errors().add(&no_lock(&manifest.lock()));
            return Err(Exit::Drift);
        }
        let mut lock = Lock::empty();
        let mut worst = Exit::Fine;
        for composition in &manifest.compositions {
            let exit = match self.locked(&manifest, &composition.name) {
                Ok(locked) => {
                    lock.compositions.insert(composition.name.clone(), locked);
                    Exit::Fine
                }
                Err(exit) => exit,
            };
            worst = if worst == Exit::Fine { exit } else { worst };
        }
        match worst {
            Exit::Fine if self.check => no_more_than(&manifest),
            Exit::Fine => write(&lock, &manifest.lock()).map(|()| Exit::Fine),
            _ => Err(worst),
        }
    }

    /// What a composition comes to.
    fn locked(&self, manifest: &Rc<Manifest>, name: &str) -> Result<Locked, Exit> {
        let chosen = Chosen::of(manifest, Some(name), DEV)?;
        let keeping = if self.check { Keeping::Held } else { Keeping::Left };
        let (record, settings) = Record::of(chosen, keeping)?;
        // How large it may be is not what a lock is about.
        let settings = Settings { budget: None, ..settings };
        let telling = Telling::of_errors();
        let linking =
            Linking { settings: &settings, record: Some(&record), telling: &telling, jobs: &Jobs::default() };
        let mut locked = None;
        let exit = linking.run(&Intent::default(), |made| {
            let inputs = LockedInputs::of(&settings, made.inputs, &manifest.folder);
            locked = Some(Locked::of(&settings, inputs, made.report));
            Exit::Fine.into()
        });
        locked.ok_or(exit)
    }
}

/// Says so if the lock has compositions that the manifest does not have.
fn no_more_than(manifest: &Manifest) -> Result<Exit, Exit> {
    let path = manifest.lock();
    let recorded = Lock::load(&path).map_err(told)?.unwrap_or_else(Lock::empty);
    let more = recorded.compositions.keys().filter(|name| !manifest.has(name));
    let more = more.map(|name| format!("`{}` has no composition `{name}`", manifest.file.name));
    let more = more.collect::<Vec<_>>();
    if more.is_empty() {
        return Ok(Exit::Fine);
    }
    let message = format!("`{}` has more than its manifest", path.display());
    Telling::of_errors().add(&drifted(&path, message, more, Some("`wcompose lock` writes it anew".into())));
    Err(Exit::Drift)
}
