//! `wcompose invoke`: calls exported functions in the sandbox and prints what they give.

use wcompose_run::{CallExpression, CallProblem, CallResult, EngineChoice, Event, Task, Verdict};

use super::running::{Given, Running};
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
    #[command(flatten)]
    given: Given,

    /// The calls
    #[arg(required = true, value_name = "CALL")]
    calls: Vec<CallExpression>,

    /// How results are printed
    #[arg(long, value_enum, default_value_t = ResultFormat::Wave)]
    format: ResultFormat,

    #[command(flatten)]
    running: Running,
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
        let (bytes, file) = match self.given.read() {
            Ok(read) => read,
            Err(exit) => return exit,
        };
        let options = self.running.options(EngineChoice::Cranelift, &file);
        let (mut results, mut problems) = (Vec::new(), Vec::new());
        let mut note = |event| match event {
            Event::Called { results: called } => results = called,
            Event::Misfits { problems: found } => problems = found,
            _ => {}
        };
        let task = Task::Invoke { calls: self.calls };
        let sandboxing = &self.running.sandboxing;
        match sandboxing.execute_telling(&bytes, task, &options, &mut |event, _| note(event)) {
            Ok(_) if !problems.is_empty() => told(&file, &problems),
            Ok(outcome) if outcome.verdict == (Verdict::Exited { status: 0 }) => {
                paint::error(format!("`{file}` ended itself before all calls had returned"));
                Exit::RunFailed
            }
            Ok(outcome) => {
                print(&results, self.format);
                verdict::report(&outcome.verdict, &bytes, &file, false)
            }
            Err(exit) => exit,
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
