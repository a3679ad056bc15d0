//! Calls any exported function with values. For tests of what crosses between components: values are wasmtime's.

use crate::function::FunctionPath;
use crate::options::Options;
use crate::outcome::{HostError, Verdict};
use crate::session::{self, Function};
use wasmtime::component::Val;

/// How a call ended and what the component wrote meanwhile.
#[derive(Clone, Debug)]
pub struct Called {
    /// The function's results, of which there is none or one, or how the run ended instead.
    pub results: Result<Vec<Val>, Verdict>,
    /// What was captured of standard output.
    pub stdout: Vec<u8>,
    /// What was captured of standard error.
    pub stderr: Vec<u8>,
}

/// Instantiates `component`, in the binary format, and calls `function`, be its type sync or async.
///
/// Ends as [`crate::run`] does: tasks that the call started come to their end too. Resources, streams and futures
/// among the results are dead, since the instance is gone. Arguments of a wrong type are a trap, a wrong number of
/// them is a refusal.
///
/// # Errors
///
/// Only for what is not the component's doing: see [`HostError`].
pub fn call(
    component: &[u8],
    function: &FunctionPath,
    arguments: &[Val],
    options: &Options,
) -> Result<Called, HostError> {
    let job =
        Function { candidates: vec![function.clone()], arguments: arguments.to_vec(), returns_status: false };
    let (results, written) = session::execute(component, options, job)?;
    Ok(Called { results, stdout: written.stdout(), stderr: written.stderr() })
}
