//! Calls as the job of a run: what they end with, and what the component wrote meanwhile.

use super::expression::CallExpression;
use super::prepared::Calls;
use super::problem::CallProblem;
use super::{CallResult, arguments, exports};
use crate::compile::Compiled;
use crate::options::Options;
use crate::outcome::{HostError, Verdict};
use crate::session::{self, Ended, Job};
use crate::state::State;
use wasmtime::Engine;
use wasmtime::component::Component;

/// How calls ended and what the component wrote meanwhile.
#[derive(Clone, Debug)]
pub struct Invoked {
    /// What each call gave, in their order; or why calls do not fit the component; or how the run ended instead.
    pub results: Result<Result<Vec<CallResult>, Vec<CallProblem>>, Verdict>,
    /// What was captured of standard output.
    pub stdout: Vec<u8>,
    /// What was captured of standard error.
    pub stderr: Vec<u8>,
}

/// Makes all `calls` at once on one instance of `component`, in the binary format, in this process.
///
/// Returns when all of them have returned, what they stream has ended, and no task is left, or as [`crate::run`] does.
///
/// # Errors
///
/// Only for what is not the component's doing: see [`HostError`].
pub fn invoke(component: &[u8], calls: &[CallExpression], options: &Options) -> Result<Invoked, HostError> {
    let (results, written) = session::execute(component, options, Invocations(calls.to_vec()))?;
    Ok(Invoked { results, stdout: written.stdout(), stderr: written.stderr() })
}

/// The job that makes calls.
pub(crate) struct Invocations(pub(crate) Vec<CallExpression>);

impl Invocations {
    /// Why they do not fit the exports of `component`, whose code may be missing.
    pub(crate) fn check(&self, engine: &Engine, component: &Component) -> Result<(), Vec<CallProblem>> {
        Calls::fitting(engine, component, &self.0).map(|_| ())
    }
}

impl Job for Invocations {
    type Output = Result<Vec<CallResult>, Vec<CallProblem>>;

    async fn perform(self, compiled: &Compiled, state: State) -> Ended<Self::Output> {
        let judge = compiled.judge(&state.limits);
        let verdict = |error: wasmtime::Error| judge.verdict_on(&error);
        let Compiled { engine, component, .. } = compiled;
        let calls = match Calls::prepare(engine, component, &self.0).map_err(verdict)? {
            Ok(calls) => calls,
            Err(problems) => return Ok(Err(problems)),
        };
        let (mut store, instance) = session::instantiate(compiled, state).await?;
        let performed = calls.perform(&mut store, component, &instance).await;
        performed.map(Ok).map_err(|error| verdict(error).among(calls.unended()))
    }
}

/// The job that makes one call and tells, spelled as its result is, what it should give.
pub(crate) struct Expectation {
    pub(crate) call: CallExpression,
    /// The expected value in WAVE.
    pub(crate) returns: String,
}

impl Expectation {
    /// Why it does not fit the exports of `component`, whose code may be missing.
    pub(crate) fn check(&self, engine: &Engine, component: &Component) -> Result<(), Vec<CallProblem>> {
        self.expected(engine, component)?;
        Invocations(vec![self.call.clone()]).check(engine, component)
    }

    /// The expected value, spelled as a result is.
    fn expected(&self, engine: &Engine, component: &Component) -> Result<String, Vec<CallProblem>> {
        let exports = exports::exports(engine, component);
        let export = exports::find(&exports, &self.call);
        export.and_then(|export| arguments::expected(export, &self.returns)).map_err(|problem| vec![problem])
    }
}

impl Job for Expectation {
    type Output = Result<(Vec<CallResult>, String), Vec<CallProblem>>;

    async fn perform(self, compiled: &Compiled, state: State) -> Ended<Self::Output> {
        match self.expected(&compiled.engine, &compiled.component) {
            Err(problems) => Ok(Err(problems)),
            Ok(expected) => {
                let results = Invocations(vec![self.call]).perform(compiled, state).await?;
                Ok(results.map(|results| (results, expected)))
            }
        }
    }
}
