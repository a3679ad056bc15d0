//! Verdicts of runs in words, as diagnostics, and what they mean for the exit code. Where in the composition it happened is
//! read from the component's binary: the runtime knows no instances.

mod trap;

use wcompose::{Code, Diagnostic, Subject};
use wcompose_run::{Deadlock, Frame, Phase, Quantity, Verdict};

use crate::codes;
use crate::exit::Exit;
use crate::paint;
use trap::Trace;

/// Connections in a message.
const MOST_CONNECTIONS: usize = 10;

/// Says how a run of the component in `bytes` ended, unless it ended well, and gives the exit code. `pass_on`: whether the
/// guest's own status is the program's.
pub(crate) fn report(verdict: &Verdict, bytes: &[u8], file: &str, pass_on: bool) -> Exit {
    if let (Verdict::Exited { status }, true) = (verdict, pass_on) {
        return if *status == 0 { Exit::Fine } else { Exit::Guest(*status) };
    }
    match diagnostic(verdict, bytes, file) {
        None => Exit::Fine,
        Some(diagnostic) => {
            paint::diagnostic(&diagnostic);
            Exit::RunFailed
        }
    }
}

/// What there is to say of a run of the component in `bytes`; `None` if it ended well.
pub(crate) fn diagnostic(verdict: &Verdict, bytes: &[u8], file: &str) -> Option<Diagnostic> {
    let (code, message) = match verdict {
        Verdict::Exited { status: 0 } | Verdict::Returned => return None,
        Verdict::Trapped { kind, message, frames, calls } => {
            let mut diagnostic = trapped(kind, message, frames, bytes, file);
            diagnostic.notes.extend(calls.iter().map(|call| unended(call)));
            return Some(diagnostic);
        }
        Verdict::Deadlocked(deadlock) => return Some(deadlocked(deadlock, bytes, file)),
        Verdict::Refused { message } => return Some(refused(message, file)),
        Verdict::Exited { status } => (codes::FAILED, format!("`{file}` failed with status {status}")),
        Verdict::TimedOut { phase, limit } => {
            let flag = match phase {
                Phase::Compiling => "--compile-timeout",
                Phase::Running => "--timeout",
            };
            let limit = humantime::format_duration(*limit);
            (codes::TIMED_OUT, format!("`{file}` was still {phase} after {limit}, the limit set by {flag}"))
        }
        Verdict::Exceeded { quantity, limit } => {
            let (limit, flag) = bound(*quantity, *limit);
            (codes::EXCEEDED, format!("`{file}` {limit}, the limit set by {flag}"))
        }
    };
    Some(error(code, file, message))
}

fn error(code: Code, file: &str, message: String) -> Diagnostic {
    let subject = Subject { file: Some(file.to_owned()), ..Subject::default() };
    Diagnostic::error(code, subject, message)
}

fn trapped(kind: &str, message: &str, frames: &[Frame], bytes: &[u8], file: &str) -> Diagnostic {
    let trace = Trace::new(frames, bytes);
    let message = match trace.not_eager() {
        Some(words) => format!("`{file}` trapped: {words}"),
        None => format!("`{file}` trapped{}: {}", trace.place_in_words(), message.replace("wasm trap: ", "")),
    };
    let mut diagnostic = error(codes::TRAPPED, file, message);
    diagnostic.subject.instance = trace.instance();
    diagnostic.notes.push(format!("kind of the trap: `{kind}`"));
    diagnostic.notes.extend(trace.lines());
    let help = match kind {
        _ if trace.not_eager().is_some() => {
            "an adapter cannot wait: link without `--bridge adapter`, so that the importer is recoloured and can wait"
        }
        "unreachable" => {
            "this is how a panic or a failed assertion ends: standard error may hold its message"
        }
        "cannot-block-sync-task" => {
            "a function whose type is not `async` may not wait before it has returned: make it `async` in WIT on both sides, \
             or do not wait in it"
        }
        _ => return diagnostic,
    };
    diagnostic.help.push(help.to_owned());
    diagnostic
}

fn deadlocked(deadlock: &Deadlock, bytes: &[u8], file: &str) -> Diagnostic {
    let mut diagnostic = error(codes::DEADLOCKED, file, format!("`{file}` deadlocked: {deadlock}"));
    let notes = &mut diagnostic.notes;
    notes.extend(deadlock.exports.iter().map(|export| unended(export)));
    let last = |call: &wcompose_run::HostCall| {
        format!("task {} last called `{}` of the host", call.task, call.function)
    };
    notes.extend(deadlock.host_calls.iter().map(last));
    // What the runtime has run can be read.
    let connections = wcompose::may_wait(bytes).unwrap_or_default();
    notes.extend(connections.iter().take(MOST_CONNECTIONS).map(|connection| {
        let wcompose::CompositionConnection { importer, import, provider } = connection;
        format!("possible wait between `{importer}` and `{provider}`: `{import}`")
    }));
    let more = connections.len().saturating_sub(MOST_CONNECTIONS);
    if more > 0 {
        notes.push(format!("and {more} more connections that may wait"));
    }
    diagnostic
}

fn unended(call: &str) -> String {
    format!("`{call}` was called and has not ended")
}

/// The first line is the message; the others become notes.
fn refused(message: &str, file: &str) -> Diagnostic {
    let mut lines = message.lines();
    let first = lines.next().unwrap_or_default();
    if let Some(import) = open_import(first) {
        let message = format!("`{file}` cannot run: it imports `{import}`, which the host does not provide");
        let help = vec!["link it with a component that exports that".to_owned()];
        return Diagnostic { help, ..error(codes::REFUSED, file, message) };
    }
    let mut diagnostic = error(codes::REFUSED, file, format!("`{file}` cannot run: {first}"));
    diagnostic.notes.extend(lines.map(|line| line.trim().to_owned()));
    diagnostic
}

/// The import that the runtime has nothing for, if that is what its `message` says. What is of WASI it may have in part: then the message
/// says what it lacks.
fn open_import(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("component imports ")?;
    let (import, rest) = rest.split_once('`')?.1.split_once('`')?;
    let open = rest.starts_with(", but a matching implementation was not found in the linker");
    (open && !import.starts_with("wasi:")).then_some(import)
}

/// What a component did to pass a limit, and the option that sets it.
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
        Quantity::Handles => format!("took more than {limit} {quantity}"),
        Quantity::Instances => format!("has more than {limit} {quantity}"),
        Quantity::Nesting => format!("has more than {limit} components within each other"),
        Quantity::LinearMemory | Quantity::ProcessMemory | Quantity::HostcallFuel | Quantity::Output => {
            format!("took more than {} of {quantity}", bytes(limit))
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
