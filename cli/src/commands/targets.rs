//! `wcompose targets`: whether a component conforms to a world.

use std::path::PathBuf;

use serde::Serialize;
use wcompose::{Diagnostic, WorldType};

use super::read_component;
use crate::exit::Exit;
use crate::report::Problem;
use crate::world::WorldName;
use crate::{files, paint};

/// Says whether a component conforms to a world: it imports no more, and exports no less. Ends with 1 if it does not.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose targets service.wasm wasi:http/service@0.3.0
  wcompose targets composed.wasm world.wit
  wcompose targets composed.wasm wit/#app --format json")]
pub(crate) struct Targets {
    /// The component, `-` for standard input
    file: PathBuf,

    /// The world: a WIT file or folder, with the world's name where there are several; or a world of WASI
    #[arg(value_name = "WIT[#WORLD]|NAME")]
    world: String,

    /// How to tell the outcome
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: TargetsFormat,
}

/// What `--format` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum TargetsFormat {
    /// For people: what is missing or in the way, on standard error
    #[default]
    Human,
    /// JSON, on standard output
    Json,
}

/// The shape of `--format json`.
#[derive(Serialize)]
struct Verdict<'v> {
    file: &'v str,
    world: &'v str,
    conforms: bool,
    diagnostics: Vec<Problem>,
}

impl Targets {
    pub(super) fn run(self) -> Exit {
        let world = match world(&self.world) {
            Ok(world) => world,
            Err(message) => {
                paint::error_of_lines(&message);
                return Exit::Failed;
            }
        };
        let bytes = match read_component(&self.file) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        };
        let file = self.file.display().to_string();
        let diagnostics = wcompose::conformance(&file, &bytes, &world);
        self.tell(&file, &world.name, &diagnostics);
        if diagnostics.is_empty() { Exit::Fine } else { Exit::Failed }
    }

    fn tell(&self, file: &str, world: &str, diagnostics: &[Diagnostic]) {
        let conforms = diagnostics.is_empty();
        match self.format {
            TargetsFormat::Human => {
                diagnostics.iter().for_each(paint::diagnostic);
                if conforms {
                    paint::to_stdout([format!("`{file}` conforms to the world `{world}`")]);
                }
            }
            TargetsFormat::Json => {
                let diagnostics = diagnostics.iter().map(Problem::new).collect();
                let verdict = Verdict { file, world, conforms, diagnostics };
                let json =
                    serde_json::to_string_pretty(&verdict).expect("a verdict holds only text and lists");
                paint::to_stdout(paint::json(&json).lines());
            }
        }
    }
}

/// The world that is meant. An error may take several lines.
fn world(text: &str) -> Result<WorldType, String> {
    let world = WorldName::from(text);
    match world.path().and_then(files::absent) {
        Some(absent) => Err(absent.to_string()),
        None => world.read(""),
    }
}
