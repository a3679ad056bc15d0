//! What a link by a manifest is held to: the digests that the manifest gives, and the lock.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use wcompose::{Diagnostic, Inputs, Subject};

use super::usage;
use crate::codes::DRIFTED;
use crate::commands::choosing::Chosen;
use crate::exit::Exit;
use crate::lock::{Lock, Locked, LockedInputs};
use crate::manifest::Manifest;
use crate::paint;
use crate::report::Report;
use crate::settings::Settings;
use crate::watch::Watch;

/// Whether a link must come to what the lock says.
#[derive(clap::Args)]
pub(in crate::commands) struct Locking {
    /// Fail if inputs or connections are not those of wcompose.lock, and leave it as it is
    #[arg(long)]
    locked: bool,

    /// The same as --locked --offline
    #[arg(long)]
    frozen: bool,

    /// Use no network: nothing here does, with or without this
    #[arg(long)]
    offline: bool,
}

impl Locking {
    /// An option that was given and needs a lock, if any was.
    pub(super) fn given(&self) -> Option<&'static str> {
        let options = [(self.locked, "--locked"), (self.frozen, "--frozen")];
        options.into_iter().find_map(|(given, option)| given.then_some(option))
    }

    /// What is done with the lock: what these options say, or else `otherwise`.
    pub(super) fn keeping(&self, otherwise: Keeping) -> Keeping {
        if self.given().is_some() { Keeping::Held } else { otherwise }
    }
}

/// What is done with the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::commands) enum Keeping {
    /// It is made to say what the link comes to.
    Written,
    /// Nothing: it is not even read.
    Left,
    /// The link must come to what it says.
    Held,
}

/// What is recorded of a composition.
pub(in crate::commands) struct Record {
    manifest: Rc<Manifest>,
    composition: String,
    keeping: Keeping,
    /// What the lock says, if there is one and it is not left alone.
    lock: Option<Lock>,
}

impl Record {
    /// The record of a composition, and what it is linked by. What is wrong with the lock is told, and is the error.
    pub(in crate::commands) fn of(chosen: Chosen, keeping: Keeping) -> Result<(Record, Settings), Exit> {
        let Chosen { manifest, composition, settings } = chosen;
        let lock = match keeping {
            Keeping::Left => None,
            Keeping::Written | Keeping::Held => Lock::load(&manifest.lock()).map_err(|error| {
                error.tell();
                Exit::Failed
            })?,
        };
        Ok((Record { manifest, composition, keeping, lock }, settings))
    }

    /// The name of the composition.
    pub(in crate::commands) fn composition(&self) -> &str {
        &self.composition
    }

    /// The release that wrote the lock, if that was read.
    pub(in crate::commands) fn written_by(&self) -> Option<&str> {
        self.lock.as_ref().map(|lock| lock.wcompose.as_str())
    }

    /// What a change of could change what is linked, beside the files that the settings name.
    pub(in crate::commands) fn watch(&self) -> Watch {
        self.manifest.watch(&self.composition).and(Watch { paths: self.sources(), patterns: Vec::new() })
    }

    /// The files that hold the record: no output may take their place.
    pub(super) fn files(&self) -> [PathBuf; 2] {
        [self.manifest.path.clone(), self.manifest.lock()]
    }

    /// The files that decide what a link comes to. A lock that the link writes is none of them.
    pub(super) fn sources(&self) -> Vec<PathBuf> {
        let lock = (self.keeping == Keeping::Held).then(|| self.manifest.lock());
        std::iter::once(self.manifest.path.clone()).chain(lock).collect()
    }

    /// Compares the inputs, as they were read, with what is recorded of them. What differs is the error.
    pub(super) fn hold(&self, settings: &Settings, inputs: &Inputs<'_>) -> Result<Held<'_>, Vec<Diagnostic>> {
        let mut differing = Vec::new();
        // Asked for only where something is said of one: else they are made while the inputs are linked.
        let found = |place: usize| inputs.digests()[place];
        for (place, input) in settings.inputs.iter().enumerate() {
            if let Some(said) = &input.digest
                && *said.get_ref() != found(place)
            {
                let subject =
                    Subject { file: Some(input.file()), instance: Some(input.name.to_string()), item: None };
                let message = format!("`{}` has another digest than its manifest gives", input.file());
                let mut diagnostic = Diagnostic::error(DRIFTED, subject, message);
                let file = &self.manifest.file;
                let line = file.line(said.span().start);
                diagnostic.notes = vec![format!("{}:{line} gives {}", file.name, said.get_ref())];
                diagnostic.help =
                    vec![format!("it is {} now: say that there if the change is meant", found(place))];
                differing.push(diagnostic);
            }
        }
        if !differing.is_empty() {
            return Err(differing);
        }
        if self.keeping == Keeping::Held {
            let inputs = LockedInputs::of(settings, inputs, &self.manifest.folder);
            let drift = self.locked().map_err(|none| vec![none])?.drift_of_inputs(settings, &inputs);
            self.held_to(drift).map_err(|drifted| vec![drifted])?;
        }
        Ok(Held { record: self })
    }

    /// What the lock says of the composition; that it says nothing is the error.
    fn locked(&self) -> Result<&Locked, Diagnostic> {
        let path = self.manifest.lock();
        let Some(lock) = &self.lock else { return Err(no_lock(&path)) };
        lock.compositions.get(&self.composition).ok_or_else(|| {
            unlocked(
                &path,
                format!("`{}` says nothing of composition `{}`", path.display(), self.composition),
            )
        })
    }

    /// How the composition drifted from the lock is the error, if it did.
    fn held_to(&self, drift: Vec<String>) -> Result<(), Diagnostic> {
        if drift.is_empty() {
            return Ok(());
        }
        let path = self.manifest.lock();
        let message = format!("composition `{}` is not what `{}` says", self.composition, path.display());
        Err(drifted(&path, message, drift, Some("`wcompose lock` takes it as it is now".into())))
    }
}

/// A composition whose inputs are what is recorded of them.
pub(super) struct Held<'r> {
    record: &'r Record,
}

impl Held<'_> {
    /// How what the link came to drifted from the lock, if it is held to that.
    pub(super) fn drift(
        &self,
        settings: &Settings,
        inputs: &Inputs<'_>,
        report: &Report,
    ) -> Option<Diagnostic> {
        let held = self.record.keeping == Keeping::Held;
        let compare =
            |locked: &Locked| self.record.held_to(locked.drift(&self.now(settings, inputs, report)));
        held.then(|| self.record.locked().and_then(compare).err()).flatten()
    }

    /// Has the lock say what the link came to, unless it is held to that or left alone. What goes wrong is told, and is the error.
    pub(super) fn settle(
        self,
        settings: &Settings,
        inputs: &Inputs<'_>,
        report: &Report,
    ) -> Result<(), Exit> {
        let Record { manifest, composition, keeping, lock } = self.record;
        if *keeping != Keeping::Written {
            return Ok(());
        }
        let mut written = lock.clone().unwrap_or_else(Lock::empty);
        let now = self.now(settings, inputs, report);
        let before = written.compositions.insert(composition.clone(), now);
        written.compositions.retain(|name, _| manifest.has(name));
        let same = lock.as_ref().is_some_and(|lock| {
            lock.compositions.len() == written.compositions.len()
                && before.as_ref() == written.compositions.get(composition)
        });
        // A lock that says the same stays as it is, also if another release wrote it.
        if same { Ok(()) } else { write(&written, &manifest.lock()) }
    }

    fn now(&self, settings: &Settings, inputs: &Inputs<'_>, report: &Report) -> Locked {
        Locked::of(settings, LockedInputs::of(settings, inputs, &self.record.manifest.folder), report)
    }
}

/// Writes a lock of this release. What goes wrong is told, and is the error.
pub(in crate::commands) fn write(lock: &Lock, path: &Path) -> Result<(), Exit> {
    let lock = Lock { compositions: lock.compositions.clone(), ..Lock::empty() };
    lock.write(path).map_err(|error| {
        paint::error(error);
        Exit::Failed
    })
}

/// There is no lock to hold a link to.
pub(in crate::commands) fn no_lock(path: &Path) -> Diagnostic {
    unlocked(path, format!("there is no lock `{}`", path.display()))
}

fn unlocked(path: &Path, message: String) -> Diagnostic {
    drifted(path, message, Vec::new(), Some("wcompose lock".into()))
}

/// Something is not what was recorded of it: what `file` says, or its content.
pub(in crate::commands) fn drifted(
    file: &Path,
    message: String,
    notes: Vec<String>,
    help: Option<String>,
) -> Diagnostic {
    let subject = Subject { file: Some(file.display().to_string()), ..Subject::default() };
    let help = help.into_iter().collect();
    Diagnostic { notes, help, ..Diagnostic::error(DRIFTED, subject, message) }
}

/// Says that an option and inputs exclude each other.
pub(super) fn beside_inputs(option: &str) -> Exit {
    usage(format!("{option} is about a manifest, and inputs were named: give one of the two"))
}
