//! `wcompose run`: runs a command component in the sandbox.

use std::path::PathBuf;
use std::time::Duration;

use wcompose_run::{Options, Stdio};

use crate::exit::Exit;
use crate::{files, paint, verdict};

/// Runs a command component: `wasi:cli/run` at 0.3 or 0.2.
///
/// It sees its arguments and the standard streams, and no file, variable or address. The exit status is the
/// component's own; 4 if it trapped, deadlocked or ran out of time.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  wcompose run composed.wasm\n  wcompose run composed.wasm -- --name world"
)]
pub(crate) struct Run {
    /// The component, `-` for standard input
    file: PathBuf,

    /// The longest that compiling and running may take together
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = super::duration)]
    timeout: Duration,

    /// Arguments for the component
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

impl Run {
    pub(super) fn run(self) -> Exit {
        let bytes = match files::read(&self.file) {
            Ok(bytes) => bytes,
            Err(error) => {
                paint::error(error);
                return Exit::Failed;
            }
        };
        let file = self.file.display().to_string();
        run_component(&bytes, &file, self.timeout, self.arguments, true)
    }
}

/// Runs the component in `bytes` on this process's standard streams and reports how it ended.
pub(super) fn run_component(
    bytes: &[u8],
    file: &str,
    timeout: Duration,
    arguments: Vec<String>,
    pass_on: bool,
) -> Exit {
    let options = Options {
        program: file.to_owned(),
        args: arguments,
        stdio: Stdio::Inherit,
        time_limit: Some(timeout),
        ..Options::default()
    };
    match wcompose_run::run(bytes, &options) {
        Ok(outcome) => verdict::report(&outcome, file, pass_on),
        Err(error) => {
            paint::error(error);
            Exit::RunFailed
        }
    }
}
