//! `wcompose inspect`: shows the world of a component and the instances inside it.

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;

use serde::Serialize;
use wcompose::{Composition, Provenance};
use wcompose_wit::{World, WorldItem};

use crate::exit::Exit;
use crate::{files, paint};

/// Shows the world of a component as WIT, and the instances inside it and what connects them.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  wcompose inspect composed.wasm\n  wcompose inspect --json composed.wasm | jq .imports"
)]
pub(crate) struct Inspect {
    /// The component, `-` for standard input
    file: PathBuf,

    /// Print JSON: imports, exports, the effect of each function, instances
    #[arg(long)]
    json: bool,
}

/// The shape of `--json`.
#[derive(Serialize)]
struct View {
    imports: Vec<WorldItem>,
    exports: Vec<WorldItem>,
    #[serde(flatten)]
    composition: Composition,
    provenance: Option<Provenance>,
}

impl Inspect {
    pub(super) fn run(self) -> Exit {
        match self.show() {
            Ok(text) => {
                paint::to_stdout(text.trim_end().lines());
                Exit::Fine
            }
            Err(message) => {
                paint::error(message);
                Exit::Failed
            }
        }
    }

    fn show(&self) -> Result<String, String> {
        let file = self.file.display();
        let bytes = files::read_component(&self.file).map_err(|error| error.to_string())?;
        // What reads the world takes the end of the file for the end of what it reads.
        files::whole(&self.file, &bytes).map_err(|error| error.to_string())?;
        let world = unless_it_panics(|| World::decode(&bytes).map_err(|error| error.to_string()))
            .map_err(|error| format!("cannot show the world of `{file}`: {error}"))?;
        let composition = Composition::read(&bytes).map_err(|fault| {
            format!("cannot read `{file}`: {} at offset {:#x}", fault.message, fault.offset)
        })?;
        let provenance = Provenance::read(&bytes).unwrap_or_else(|error| {
            paint::warning(format!("what `{file}` was made of is not known: {error}"));
            None
        });
        if self.json {
            let view = View { imports: world.imports(), exports: world.exports(), composition, provenance };
            return serde_json::to_string_pretty(&view)
                .map(|text| paint::json(&text))
                .map_err(|error| format!("cannot print JSON: {error}"));
        }
        let wit = unless_it_panics(|| world.to_wit().map_err(|error| error.to_string()))
            .map_err(|error| format!("cannot print the world of `{file}`: {error}"))?;
        Ok(format!("{wit}\n{}{}", tree(&composition), provenance.as_ref().map_or(String::new(), made)))
    }
}

/// What `read` gives. What reads and prints worlds expects components as toolchains make them, and panics at some that nothing is
/// wrong with.
fn unless_it_panics<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    panic::set_hook(hook);
    result.unwrap_or_else(|_| Err("wit-parser, which reads it, does not expect such a component".into()))
}

/// The instances as WIT comments, so that the whole output stays WIT.
fn tree(composition: &Composition) -> String {
    let mut text = String::new();
    for instance in &composition.instances {
        text.push_str(&format!("// instance {}\n", paint::escape(&instance.name)));
        for argument in &instance.arguments {
            let (import, from) = (paint::escape(&argument.import), paint::escape(&argument.from));
            text.push_str(&format!("//   {import} <- {from}\n"));
        }
    }
    text
}

/// What made it and what it was made of, as WIT comments too.
fn made(provenance: &Provenance) -> String {
    let Provenance { tool, target, .. } = provenance;
    let [tool, version, target] = [&tool.name, &tool.version, &target.name].map(|text| paint::escape(text));
    let mut text = format!("// made by {tool} {version} for {target} of\n");
    inputs(provenance, 1, &mut text);
    text
}

fn inputs(provenance: &Provenance, depth: usize, text: &mut String) {
    for input in &provenance.inputs {
        let (indent, name) = ("  ".repeat(depth), paint::escape(&input.name));
        text.push_str(&format!("// {indent}{name} sha256:{}\n", input.sha256));
        if let Some(provenance) = &input.provenance {
            inputs(provenance, depth + 1, text);
        }
    }
}
