//! `wcompose run`: runs a command component in the sandbox.

use std::path::PathBuf;
use std::time::Duration;

use wcompose_run::{EngineChoice, Options, Task};

use super::sandboxing::{Choices, Sandboxing};
use crate::exit::Exit;
use crate::{files, paint, verdict};

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
        let bytes = match files::read_component(&self.file) {
            Ok(bytes) => bytes,
            Err(error) => {
                paint::error(error);
                return Exit::Failed;
            }
        };
        let file = self.file.display().to_string();
        let choices =
            Choices { features: &self.features, timeout: self.timeout, engine: EngineChoice::Cranelift };
        run_component(&bytes, &file, &self.sandboxing, &choices, self.arguments, true)
    }
}

/// Runs the component in `bytes` on this process's standard streams and reports how it ended. `pass_on`: whether the
/// guest's own status is the program's.
pub(super) fn run_component(
    bytes: &[u8],
    file: &str,
    sandboxing: &Sandboxing,
    choices: &Choices<'_>,
    arguments: Vec<String>,
    pass_on: bool,
) -> Exit {
    let options = Options { program: file.to_owned(), args: arguments, ..sandboxing.options(choices) };
    let ended = sandboxing.sandbox().map(|sandbox| sandbox.run(bytes, Task::Run, &options, &mut |_, _| ()));
    match ended {
        Ok(Ok(outcome)) => verdict::report(&outcome.verdict, bytes, file, pass_on),
        Ok(Err(error)) => {
            paint::error(error);
            Exit::RunFailed
        }
        Err(error) => {
            paint::error(format!("cannot find the program to run the sandbox with: {error}"));
            Exit::RunFailed
        }
    }
}
