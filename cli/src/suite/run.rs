//! Runs cases, each in a process of its own, several at a time. Does not say what their outcome means.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use wcompose_run::{Compiler, HostError, Options, Outcome, Sandbox, Stdio, Subject, Task, Verdict};

use super::judge::{Seen, judge};
use super::{Act, Case, CaseResult, Ended, Expected, Returns};

/// What cases are run with.
pub(crate) struct Runner<'r> {
    pub sandbox: Sandbox,
    /// The component for the sandbox, its bytes, and what it is called.
    pub subject: Subject<'r>,
    pub bytes: &'r [u8],
    pub file: &'r str,
    /// What every component may do and have, unless the suite says otherwise.
    pub options: Options,
    /// How many cases run at once.
    pub jobs: usize,
}

/// How the cases of a suite went.
pub(crate) struct Tested {
    /// What compiled the component; `None` if it was not compiled.
    pub compiler: Option<Compiler>,
    /// What Winch said when it panicked.
    pub winch_panicked: Option<String>,
    /// In the order of the suite.
    pub results: Vec<CaseResult>,
}

impl Runner<'_> {
    /// Runs `cases`. `told` gets the results in the order of the cases, each as soon as those before it are there.
    pub(crate) fn run(
        &self,
        cases: &[&Case],
        mut told: impl FnMut(&CaseResult),
    ) -> Result<Tested, HostError> {
        // Once, so that the cases find it compiled.
        let compiled = self.sandbox.run(&self.subject, Task::Compile, &self.options, &mut |_, _| ())?;
        let (compiler, winch_panicked) = (compiled.compiler, compiled.winch_panicked.clone());
        let compiled = if compiled.verdict == Verdict::Returned { None } else { Some(compiled) };
        let next = AtomicUsize::new(0);
        let (sender, ended) = mpsc::channel();
        let mut results = Vec::new();
        thread::scope(|scope| {
            for _ in 0..self.jobs.clamp(1, cases.len().max(1)) {
                let (sender, next, compiled) = (sender.clone(), &next, &compiled);
                scope.spawn(move || {
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let Some(case) = cases.get(place) else { break };
                        // Whoever listens does so to the end.
                        _ = sender.send((place, self.result(case, compiled.as_ref())));
                    }
                });
            }
            drop(sender);
            let mut early = BTreeMap::new();
            for (place, result) in ended {
                early.insert(place, result);
                while let Some(result) = early.remove(&results.len()) {
                    told(&result);
                    results.push(result);
                }
            }
        });
        Ok(Tested { compiler, winch_panicked, results })
    }

    /// Runs one case; if the component did not compile, that is how it ends.
    fn result(&self, case: &Case, uncompiled: Option<&Outcome>) -> CaseResult {
        let began = Instant::now();
        let mut seen = Seen::default();
        let outcome = match uncompiled {
            Some(outcome) => Ok(outcome.clone()),
            None => {
                let options = self.options(case);
                let note = &mut |event, _: &_| seen.note(event);
                self.sandbox.run(&self.subject, task(case), &options, note)
            }
        };
        let seconds = began.elapsed().as_secs_f64();
        let name = case.name.clone();
        match outcome {
            Ok(outcome) => CaseResult {
                name,
                ended: judge(case, &outcome, &seen, self.bytes, self.file),
                seconds,
                stdout: String::from_utf8_lossy(&outcome.stdout).into_owned(),
                stderr: String::from_utf8_lossy(&outcome.stderr).into_owned(),
            },
            Err(error) => {
                let ended = Ended::Broken { message: error.to_string() };
                CaseResult { name, ended, seconds, stdout: String::new(), stderr: String::new() }
            }
        }
    }

    fn options(&self, case: &Case) -> Options {
        let mut options = self.options.clone();
        options.stdio = Stdio::Captured { stdin: case.stdin.clone().into_bytes() };
        if let Act::Run { arguments, .. } = &case.act {
            options.args.clone_from(arguments);
        }
        case.settings.apply(&mut options);
        options
    }
}

fn task(case: &Case) -> Task {
    match &case.act {
        Act::Run { .. } => Task::Run,
        Act::Ask { request, .. } => Task::Ask { request: request.clone() },
        Act::Invoke { call, expected: Expected::Well(Returns::Value(returns)) } => {
            Task::Expect { call: call.clone(), returns: returns.clone() }
        }
        Act::Invoke { call, .. } => Task::Invoke { calls: vec![call.clone()] },
    }
}
