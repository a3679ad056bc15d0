//! Verdicts of runs in words, and what they mean for the exit code.

use wcompose_run::{Outcome, Phase, Quantity, Verdict};

use crate::exit::Exit;
use crate::paint;

/// Says how a run ended, unless it ended well, and gives the exit code. `pass_on`: whether the guest's own status is
/// the program's.
pub(crate) fn report(outcome: &Outcome, file: &str, pass_on: bool) -> Exit {
    match &outcome.verdict {
        Verdict::Exited { status: 0 } | Verdict::Returned => return Exit::Fine,
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
            let flag = match phase {
                Phase::Compiling => "--compile-timeout",
                Phase::Running => "--timeout",
            };
            let limit = humantime::format_duration(*limit);
            paint::error(format!("`{file}` was still {phase} after {limit}, the limit set by {flag}"));
        }
        Verdict::Exceeded { quantity, limit } => {
            let (limit, flag) = bound(*quantity, *limit);
            paint::error(format!("`{file}` took more than {limit}, the limit set by {flag}"));
        }
        Verdict::Refused { message } => paint::error_of_lines(&format!("`{file}` cannot run: {message}")),
    }
    Exit::RunFailed
}

/// A limit in words, and the option that sets it.
fn bound(quantity: Quantity, limit: u64) -> (String, &'static str) {
    let flag = match quantity {
        Quantity::LinearMemory => "--max-memory",
        Quantity::ProcessMemory => "--max-process-memory",
        Quantity::Handles => "--max-handles",
        Quantity::HostcallFuel => "--hostcall-fuel",
        Quantity::Output => "--max-output",
        Quantity::Instances => "--max-instances",
        Quantity::Nesting => "--max-nesting",
    };
    let limit = match quantity {
        Quantity::Handles | Quantity::Instances => format!("{limit} {quantity}"),
        Quantity::Nesting => format!("{limit} components within each other"),
        Quantity::LinearMemory | Quantity::ProcessMemory | Quantity::HostcallFuel | Quantity::Output => {
            format!("{} of {quantity}", bytes(limit))
        }
    };
    (limit, flag)
}

/// A number of bytes in the largest unit that gives a whole number.
fn bytes(bytes: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.into_iter().find(|(shift, _)| bytes > 0 && bytes.trailing_zeros() >= *shift);
    unit.map_or_else(|| format!("{bytes} bytes"), |(shift, unit)| format!("{} {unit}", bytes >> shift))
}
