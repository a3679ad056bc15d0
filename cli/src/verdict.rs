//! Verdicts of runs in words, and what they mean for the exit code.

use wcompose_run::{Outcome, Verdict};

use crate::exit::Exit;
use crate::paint;

/// Says how a run ended, unless it ended well, and gives the exit code. `pass_on`: whether the guest's own status is
/// the program's.
pub(crate) fn report(outcome: &Outcome, file: &str, pass_on: bool) -> Exit {
    match &outcome.verdict {
        Verdict::Exited { status: 0 } => return Exit::Fine,
        Verdict::Exited { status } if pass_on => return Exit::Guest(*status),
        Verdict::Exited { status } => paint::error(format!("`{file}` failed with status {status}")),
        Verdict::Trapped { message, frames } => {
            let frames = frames.iter().map(|frame| {
                let module = frame.module.as_deref().unwrap_or("a module without a name");
                let function = frame.function.clone().unwrap_or_else(|| format!("function {}", frame.index));
                format!("in {function} of {module}")
            });
            paint::error_with(format!("`{file}` trapped: {message}"), &frames.collect::<Vec<_>>());
        }
        Verdict::Deadlocked => {
            paint::error(format!(
                "`{file}` deadlocked: every task waits, and nothing outside can wake any of them"
            ));
        }
        Verdict::TimedOut { phase, limit } => {
            let limit = humantime::format_duration(*limit);
            paint::error(format!("`{file}` was still {phase} after {limit}, the limit set by --timeout"));
        }
        Verdict::Refused { message } => paint::error_of_lines(&format!("`{file}` cannot run: {message}")),
    }
    Exit::RunFailed
}
