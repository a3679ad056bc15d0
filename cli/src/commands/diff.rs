//! `wcompose diff`: what changed from one component to another.

use std::path::{Path, PathBuf};

use wcompose::{Level, Provenance};

use crate::changes::DiffFormat;
use crate::exit::Exit;
use crate::{files, paint};

/// Shows what changed from one component to another: imports and exports, what is inside, size; and what that asks of its
/// version by semver. Ends as diff does: with 0 if the files are equal, 1 if they differ, 2 if they cannot be compared.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose diff old.wasm new.wasm
  wcompose diff old.wasm new.wasm --format markdown > comment.md
  wcompose diff old.wasm new.wasm --format json | jq -r .level")]
pub(crate) struct Diff {
    /// The old component
    old: PathBuf,

    /// The new component, `-` for standard input
    new: PathBuf,

    /// How to show it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: DiffFormat,
}

/// The exit codes of `diff`, which other programs know. The second is that of a wrong command line as well.
const DIFFERENT: Exit = Exit::Failed;
const TROUBLE: Exit = Exit::Usage;

impl Diff {
    pub(super) fn run(self) -> Exit {
        let (old, new) = match (read(&self.old), read(&self.new)) {
            (Some(old), Some(new)) => (old, new),
            _ => return TROUBLE,
        };
        let [old_file, new_file] = [&self.old, &self.new].map(|path| path.display().to_string());
        match wcompose::changes((&old_file, &old), (&new_file, &new)) {
            Ok(changes) => {
                let text = self.format.text(&changes, [&old_file, &new_file]);
                paint::to_stdout(text.lines());
                if changes.level == Level::Same { Exit::Fine } else { DIFFERENT }
            }
            Err(diagnostics) => {
                diagnostics.iter().for_each(paint::diagnostic);
                TROUBLE
            }
        }
    }
}

/// Reads a component; `None` if that cannot be done, which is told. What it says of its making may be unreadable.
fn read(path: &Path) -> Option<Vec<u8>> {
    match files::read_component(path) {
        Ok(bytes) => {
            if let Err(error) = Provenance::read(&bytes) {
                paint::warning(format!("what `{}` was made of is not known: {error}", path.display()));
            }
            Some(bytes)
        }
        Err(error) => {
            paint::error(error);
            None
        }
    }
}
