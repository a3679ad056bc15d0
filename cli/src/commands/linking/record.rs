//! What a link by a manifest is held to: the digests that the manifest gives.

use std::path::Path;

use crate::commands::choosing::Chosen;
use crate::digest::Digest;
use crate::exit::Exit;
use crate::fault::fault;
use crate::files::Content;
use crate::manifest::Manifest;
use crate::settings::Settings;

/// What is recorded of a composition.
pub(in crate::commands) struct Record {
    manifest: Manifest,
}

impl Record {
    /// The record of a composition, and what it is linked by.
    pub(in crate::commands) fn of(chosen: Chosen) -> (Record, Settings) {
        let Chosen { manifest, settings, .. } = chosen;
        (Record { manifest }, settings)
    }

    /// The manifest's file.
    pub(super) fn file(&self) -> &Path {
        Path::new(&self.manifest.file.name)
    }

    /// Compares the inputs, as they were read, with what is recorded of them. What differs is told, and is the error.
    pub(super) fn hold_inputs(&self, settings: &Settings, contents: &[Content]) -> Result<(), Exit> {
        let mut faults = Vec::new();
        for (input, content) in settings.inputs.iter().zip(contents) {
            let found = Digest::of(content);
            if let Some(said) = &input.digest
                && *said.get_ref() != found
            {
                let message = format!("`{}` has another digest", input.file());
                faults.push(fault(said.span(), message).help(format!("it is {found} now")));
            }
        }
        self.manifest.file.tell(&faults);
        if faults.is_empty() { Ok(()) } else { Err(Exit::Drift) }
    }
}
