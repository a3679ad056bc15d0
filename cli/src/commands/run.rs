//! `wcompose run`: runs a command component in the sandbox.

use std::path::PathBuf;
use std::time::Duration;

use wcompose_run::{EngineChoice, Options, Task};

use super::sandboxing::{Choices, Sandboxing};
use crate::exit::Exit;
use crate::verdict;

/// Runs a command component: `wasi:cli/run` at 0.3 or 0.2.
///
/// It sees its arguments and the standard streams, and no file, variable or address unless an option gives it. The exit
/// status is the component's own; 4 if it trapped, deadlocked or passed a limit, or if the runtime refuses it.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  wcompose run composed.wasm\n  wcompose run composed.wasm -- --name world\n  wcompose run --dir data::/data --env LANG composed.wasm"
)]
pub(crate) struct Run {
    /// The component, `-` for standard input
    file: PathBuf,

    /// The longest that running may take [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = super::duration)]
    timeout: Option<Duration>,

    /// Switch on a feature of the runtime that is off by default (repeatable)
    #[arg(long = "feature", value_name = "NAME", value_parser = super::feature)]
    features: Vec<&'static str>,

    #[command(flatten, next_help_heading = "Sandbox")]
    sandboxing: Sandboxing,

    /// Arguments for the component
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

impl Run {
    pub(super) fn run(self) -> Exit {
        let bytes = match super::read_component(&self.file) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        };
        let file = self.file.display().to_string();
        let choices =
            Choices { features: &self.features, timeout: self.timeout, engine: EngineChoice::Cranelift };
        let options =
            Options { program: file.clone(), args: self.arguments, ..self.sandboxing.options(&choices) };
        match self.sandboxing.execute(&bytes, Task::Run, &options) {
            Ok(outcome) => verdict::report(&outcome.verdict, &bytes, &file, true),
            Err(exit) => exit,
        }
    }
}
