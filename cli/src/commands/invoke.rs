//! `wcompose invoke`: calls exported functions in the sandbox and prints what they give.

use std::path::PathBuf;
use std::time::Duration;

use wcompose_run::{CallExpression, CallProblem, CallResult, EngineChoice, Event, Options, Task, Verdict};

use super::sandboxing::{Choices, Sandboxing};
use crate::exit::Exit;
use crate::{paint, verdict};

/// Calls exported functions: arguments and results are in WAVE.
///
/// A call is `package:name/interface#function(arguments)`. The version, the package and the interface may be left out
/// where that leaves no doubt. A stream is given and printed as the list of its items, a future as its value. Several
/// calls are made at once, on one instance; their results are printed in the order of the calls.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  wcompose invoke composed.wasm 'demo:chain/step#greet(\"world\")'\n  wcompose invoke composed.wasm 'numbers(3)' 'total([1, 2, 3])'"
)]
pub(crate) struct Invoke {
    /// The component, `-` for standard input
    file: PathBuf,

    /// The calls
    #[arg(required = true, value_name = "CALL")]
    calls: Vec<CallExpression>,

    /// How results are printed
    #[arg(long, value_enum, default_value_t = ResultFormat::Wave)]
    format: ResultFormat,

    /// The longest that running may take [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = super::duration)]
    timeout: Option<Duration>,

    /// Switch on a feature of the runtime that is off by default (repeatable)
    #[arg(long = "feature", value_name = "NAME", value_parser = super::feature)]
    features: Vec<&'static str>,

    #[command(flatten, next_help_heading = "Sandbox")]
    sandboxing: Sandboxing,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ResultFormat {
    /// A line in WAVE for each result
    Wave,
    /// A list with an object for each call: `function`, `wave`, `json`
    Json,
}

impl Invoke {
    pub(super) fn run(self) -> Exit {
        let bytes = match super::read_component(&self.file) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        };
        let file = self.file.display().to_string();
        let choices =
            Choices { features: &self.features, timeout: self.timeout, engine: EngineChoice::Cranelift };
        let options = Options { program: file.clone(), ..self.sandboxing.options(&choices) };
        let (mut results, mut problems) = (Vec::new(), Vec::new());
        let mut note = |event| match event {
            Event::Called { results: called } => results = called,
            Event::Misfits { problems: found } => problems = found,
            _ => {}
        };
        let task = Task::Invoke { calls: self.calls };
        let sandbox = match self.sandboxing.sandbox() {
            Ok(sandbox) => sandbox,
            Err(error) => {
                paint::error(format!("cannot find the program to run the sandbox with: {error}"));
                return Exit::RunFailed;
            }
        };
        match sandbox.run(&bytes, task, &options, &mut |event, _| note(event)) {
            Ok(_) if !problems.is_empty() => told(&file, &problems),
            Ok(outcome) if outcome.verdict == (Verdict::Exited { status: 0 }) => {
                paint::error(format!("`{file}` ended itself before all calls had returned"));
                Exit::RunFailed
            }
            Ok(outcome) => {
                print(&results, self.format);
                verdict::report(&outcome.verdict, &bytes, &file, false)
            }
            Err(error) => {
                paint::error(error);
                Exit::RunFailed
            }
        }
    }
}

/// Prints what the calls gave; a call without a result gives an empty line, so that lines and calls keep in step.
fn print(results: &[CallResult], format: ResultFormat) {
    match format {
        ResultFormat::Wave => {
            paint::to_stdout(results.iter().map(|result| result.wave.as_deref().unwrap_or_default()));
        }
        ResultFormat::Json if results.is_empty() => {}
        // What was read from JSON can be written as JSON.
        ResultFormat::Json => {
            let text = serde_json::to_string_pretty(results).unwrap_or_default();
            paint::to_stdout(paint::json(&text).lines());
        }
    }
}

fn told(file: &str, problems: &[CallProblem]) -> Exit {
    for CallProblem { function, message, notes } in problems {
        let of = function.as_ref().map_or(String::new(), |function| format!("`{function}` of "));
        paint::error_with(format!("{of}`{file}` {message}"), notes);
    }
    Exit::Failed
}
