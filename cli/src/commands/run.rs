//! `wcompose run`: runs a command component in the sandbox.

use wcompose_run::{EngineChoice, Options, Task};

use super::running::{Given, Running};
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
    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    running: Running,

    /// Arguments for the component
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

impl Run {
    pub(super) fn run(self) -> Exit {
        let (bytes, file) = match self.given.read() {
            Ok(read) => read,
            Err(exit) => return exit,
        };
        let options =
            Options { args: self.arguments, ..self.running.options(EngineChoice::Cranelift, &file) };
        match self.running.sandboxing.execute(&bytes, Task::Run, &options) {
            Ok(outcome) => verdict::report(&outcome.verdict, &bytes, &file, true),
            Err(exit) => exit,
        }
    }
}
