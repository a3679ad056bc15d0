//! Components that mean harm: what each is, how it must end, and how it is run. What must hold of such a run is in
//! `tests/hostile.rs`, and how long they take in `docs/hostile.md`, which `examples/hostile.rs` writes.

mod guests;
mod made;
mod run;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

pub use run::{Place, Run};

/// A verdict's code, and its message after the name of the file: `timed-out`, `was still running after 1s, ...`.
pub type Ending = (&'static str, &'static str);

/// A component that means harm, and how it must end.
pub struct Hostile {
    /// A name of its own.
    pub name: &'static str,
    /// What it does, for who reads the table.
    pub does: &'static str,
    /// The command that runs it, with `FILE` for its file.
    pub command: &'static str,
    /// The verdict.
    pub ends: Ending,
    /// The longest that it may take by the limits of its command.
    pub clock: Duration,
    make: fn(&str) -> Result<Vec<u8>>,
}

impl Hostile {
    /// All of them.
    pub fn all() -> Vec<Hostile> {
        guests::all()
    }

    /// How the program says that it ended.
    pub fn diagnostic(&self) -> String {
        let (code, message) = self.ends;
        format!("error[{code}]: `guest.wasm` {message}\n")
    }

    /// The component.
    pub fn component(&self) -> Result<Vec<u8>> {
        (self.make)(self.name).with_context(|| format!("cannot make `{}`", self.name))
    }
}

/// Assembles the text in `tests/hostile/`.
fn text(name: &str) -> Result<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile").join(format!("{name}.wat"));
    Ok(wat::parse_file(path)?)
}
