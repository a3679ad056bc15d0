//! `wcompose verify`: links anew by manifest and lock, and compares.

use std::path::PathBuf;
use std::rc::Rc;

use wcompose::{Parting, Provenance, Tool};

use super::choosing::{Choosing, Chosen};
use super::linking::{Intent, Jobs, Keeping, Linking, Record, Telling, drifted};
use crate::exit::Exit;
use crate::files;
use crate::manifest::Manifest;
use crate::settings::Settings;
use crate::versions::WCOMPOSE;

/// Links anew what the lock says, in memory, and compares it with a composition.
///
/// The composition is the one of the manifest that is written to that file, or else the only one; -p names another. Ends
/// with 0 if the bytes are the same, and with 3 if an input, a connection or a byte is not.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose verify shop.wasm
  wcompose verify shop.wasm --release
  wcompose verify dist/shop.wasm --manifest shop/wcompose.toml -p shop")]
pub(crate) struct Verify {
    /// The composition, `-` for standard input
    file: PathBuf,

    #[command(flatten)]
    choosing: Choosing,
}

impl Verify {
    pub(super) fn run(self) -> Exit {
        match self.attempt() {
            Ok(exit) | Err(exit) => exit,
        }
    }

    fn attempt(&self) -> Result<Exit, Exit> {
        let manifest = self.choosing.manifest()?;
        let written = manifest.compositions.iter().find(|one| files::same_file(one.output(), &self.file));
        let written = written.map(|one| one.name.as_str());
        let bytes = super::read_component(&self.file)?;
        let (record, settings) = Record::of(self.choosing.chosen_of(&manifest, written)?, Keeping::Held)?;
        // Whether it may be so large was asked when it was made.
        let settings = Settings { budget: None, ..settings };
        let telling = Telling::of_errors();
        let linking =
            Linking { settings: &settings, record: Some(&record), telling: &telling, jobs: &Jobs::default() };
        let mut notes = None;
        let exit = linking.run(&Intent::default(), |made| {
            let made = made.output.to_vec();
            notes = Parting::of(&made, &bytes).map(|parting| notes_on(&parting, &made, &bytes));
            Exit::Fine.into()
        });
        match (exit, notes) {
            (Exit::Fine, Some(notes)) => {
                self.tell(notes, &record, self.profile_of(&manifest, record.composition(), &bytes));
                Err(Exit::Drift)
            }
            (exit, _) => Ok(exit),
        }
    }

    fn tell(&self, mut notes: Vec<String>, record: &Record, profile: Option<String>) {
        if let Some(other) = record.written_by().filter(|other| *other != WCOMPOSE) {
            notes.push(format!("the lock was written by wcompose {other}; this is {WCOMPOSE}"));
        }
        let help = profile.map(|name| format!("it is what --profile {name} gives"));
        let message = format!(
            "`{}` is not what composition `{}` comes to by its manifest and lock",
            self.file.display(),
            record.composition()
        );
        Telling::of_errors().add(&drifted(&self.file, message, notes, help));
    }

    /// The profile by which the composition would come to these bytes, if there is one.
    fn profile_of(&self, manifest: &Rc<Manifest>, composition: &str, bytes: &[u8]) -> Option<String> {
        let gives = |profile: &str| {
            let chosen = Chosen::of(manifest, Some(composition), profile).ok()?;
            let (record, settings) = Record::of(chosen, Keeping::Left).ok()?;
            let settings = Settings { budget: None, ..settings };
            let telling = Telling::of_errors();
            let linking = Linking {
                settings: &settings,
                record: Some(&record),
                telling: &telling,
                jobs: &Jobs::default(),
            };
            let mut equal = false;
            linking.run(&Intent::default(), |made| {
                equal = made.output.to_vec() == bytes;
                Exit::Fine.into()
            });
            equal.then(|| profile.to_owned())
        };
        manifest.profiles().find_map(gives)
    }
}

/// Where two compositions part, and what the second says of its making that is not so of the first.
fn notes_on(parting: &Parting, made: &[u8], found: &[u8]) -> Vec<String> {
    let place = match &parting.place[..] {
        [] => ", where it would end".to_owned(),
        place => place.iter().rev().map(|part| format!(", in {part}")).collect::<String>(),
    };
    let mut notes = vec![format!("they differ first at byte {:#x}{place}", parting.offset)];
    let provenance = |bytes| Provenance::read(bytes).ok().flatten();
    let (Some(made), Some(found)) = (provenance(made), provenance(found)) else { return notes };
    if made.tool != found.tool {
        let Tool { name, version } = found.tool;
        notes.push(format!("it says that {name} {version} made it; this is {WCOMPOSE}"));
    }
    for input in found.inputs {
        let (name, digest) = (&input.name, &input.sha256);
        match made.inputs.iter().find(|ours| ours.name == *name) {
            Some(ours) if ours.sha256 == *digest => {}
            Some(_) => {
                notes.push(format!("it says that its `{name}` has sha256 {digest}, which the lock does not"))
            }
            None => {
                notes.push(format!("it says that it has an input `{name}`, which the lock does not have"))
            }
        }
    }
    notes
}
