//! Runs a component as a command: its `wasi:cli/run`, and the status that it ends with.

use crate::function::FunctionPath;
use crate::options::Options;
use crate::outcome::{HostError, Outcome, Verdict};
use crate::session::{self, Ended, Function};
use wasmtime::component::Val;

/// Runs the `wasi:cli/run` that `component`, in the binary format, exports at 0.3, else at 0.2.
///
/// Returns when the component and all tasks that it started have ended, when it cannot go on, or when a time limit
/// has passed, whichever is first. After [`Verdict::TimedOut`] a thread may be left behind that still compiles or is
/// blocked in a system call: end the process.
///
/// # Errors
///
/// Only for what is not the component's doing: see [`HostError`].
pub fn run(component: &[u8], options: &Options) -> Result<Outcome, HostError> {
    let (ended, written) = session::execute(component, options, job())?;
    let (stdout, stderr) = (written.stdout(), written.stderr());
    let (compiler, winch_panicked, peak_memory) = (None, None, None);
    Ok(Outcome { verdict: verdict(ended), stdout, stderr, compiler, winch_panicked, peak_memory })
}

/// The call that runs a command.
pub(crate) fn job() -> Function {
    let candidates = TRACKS.map(|interface| FunctionPath::of_interface(interface, "run")).to_vec();
    Function { candidates, arguments: Vec::new(), returns_status: true }
}

/// The verdict on a command from what its call gave.
pub(crate) fn verdict(ended: Ended<Vec<Val>>) -> Verdict {
    match ended {
        Ok(results) => Verdict::Exited { status: u8::from(matches!(results[..], [Val::Result(Err(_))])) },
        Err(verdict) => verdict,
    }
}

/// Any version of a track answers to its first: wasmtime looks names up by track.
const TRACKS: [&str; 2] = ["wasi:cli/run@0.3.0", "wasi:cli/run@0.2.0"];
