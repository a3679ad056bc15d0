//! `wcompose run`: runs a command component in the sandbox.

use std::path::PathBuf;
use std::time::Duration;

use wcompose_run::{Features, Options, Stdio};

use crate::exit::Exit;
use crate::{files, paint, verdict};

/// Runs a command component: `wasi:cli/run` at 0.3 or 0.2.
///
/// It sees its arguments and the standard streams, and no file, variable or address. The exit status is the
/// component's own; 4 if it trapped, deadlocked or ran out of time, or if the runtime refuses it.
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

    /// Switch on a feature of the runtime that is off by default (repeatable)
    #[arg(long = "feature", value_name = "NAME", value_parser = super::feature)]
    features: Vec<&'static str>,

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
        run_component(
            &bytes,
            &file,
            Running { timeout: self.timeout, features: &self.features, pass_on: true },
            self.arguments,
        )
    }
}

/// How to run a component.
pub(super) struct Running<'r> {
    /// The longest that compiling and running may take together.
    pub timeout: Duration,
    /// The optional features that the runtime is to have.
    pub features: &'r [&'static str],
    /// Whether the guest's own status is the program's.
    pub pass_on: bool,
}

/// Runs the component in `bytes` on this process's standard streams and reports how it ended.
pub(super) fn run_component(bytes: &[u8], file: &str, running: Running<'_>, arguments: Vec<String>) -> Exit {
    let options = Options {
        program: file.to_owned(),
        args: arguments,
        stdio: Stdio::Inherit,
        time_limit: Some(running.timeout),
        // The runner has them all on or all off; which ones a composition may use was settled when it was linked.
        features: if running.features.is_empty() { Features::Default } else { Features::Extended },
        ..Options::default()
    };
    match wcompose_run::run(bytes, &options) {
        Ok(outcome) => verdict::report(&outcome, file, running.pass_on),
        Err(error) => {
            paint::error(error);
            Exit::RunFailed
        }
    }
}
