//! `wcompose sbom`: what a composition was made of, for programs that keep account of that.

use std::path::{Path, PathBuf};

use wcompose::{Annotations, Digest, Provenance};

use super::read_component;
use crate::exit::Exit;
use crate::sbom::{Subject, cyclone_dx, in_toto};
use crate::{files, paint};

/// Writes what a composition was made of: a bill of materials, or a statement on how it was made, unsigned.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose sbom composed.wasm > composed.cdx.json
  wcompose sbom composed.wasm --format in-toto > composed.intoto.json")]
pub(crate) struct Sbom {
    /// The composition, `-` for standard input
    file: PathBuf,

    /// What to write
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: SbomFormat,
}

/// What `--format` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum SbomFormat {
    /// A bill of materials, CycloneDX 1.6
    #[default]
    Cyclonedx,
    /// An in-toto Statement v1 with SLSA provenance v1
    InToto,
}

impl Sbom {
    pub(super) fn run(self) -> Exit {
        let bytes = match read_component(&self.file) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        };
        match self.text(&bytes) {
            Ok(text) => {
                paint::to_stdout(paint::json(&text).lines());
                Exit::Fine
            }
            Err(message) => {
                paint::error(message);
                Exit::Failed
            }
        }
    }

    fn text(&self, bytes: &[u8]) -> Result<String, String> {
        let file = self.file.display();
        // Of what is cut off, what it says would be taken for all that it says.
        files::whole(&self.file, bytes).map_err(|error| error.to_string())?;
        let provenance = Provenance::read(bytes)
            .map_err(|error| format!("what `{file}` was made of is not known: {error}"))?;
        let annotations = Annotations::read(bytes).map_err(|fault| {
            format!("cannot read `{file}`: {} at offset {:#x}", fault.message, fault.offset)
        })?;
        let subject = Subject { name: name(&self.file), sha256: Digest::of(bytes) };
        Ok(match (self.format, provenance) {
            (SbomFormat::Cyclonedx, Some(provenance)) => {
                pretty(&cyclone_dx(&subject, Some(&provenance), &annotations))
            }
            (SbomFormat::Cyclonedx, None) => {
                paint::warning(format!("`{file}` does not say what it was made of"));
                pretty(&cyclone_dx(&subject, None, &annotations))
            }
            (SbomFormat::InToto, Some(provenance)) => pretty(&in_toto(&subject, &provenance)),
            (SbomFormat::InToto, None) => {
                return Err(format!("`{file}` does not say what it was made of"));
            }
        })
    }
}

/// The name of the file alone: where it lies does not belong into what is published of it.
fn name(path: &Path) -> String {
    match path.file_name() {
        Some(name) if path != Path::new("-") => name.to_string_lossy().into_owned(),
        _ => "stdin".into(),
    }
}

fn pretty(document: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(document).expect("a document holds only text, numbers and lists")
}
