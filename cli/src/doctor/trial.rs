//! Tries the sandbox on a component of our own: does each compiler work, and do the limits hold?

use std::time::Duration;

use wcompose_run::{Compiler, EngineChoice, Event, Limits, Options, Quantity, Sandbox, Task, Verdict};

use super::Problem;
use crate::verdict;

/// The component.
const PROBE: &str = include_str!("probe.wat");

/// What its `answer` gives.
const ANSWER: &str = "42";

/// The compilers that the sandbox has shown to work; what is wrong with it goes to `problems`.
pub(super) fn compilers(sandbox: &Sandbox, problems: &mut Vec<Problem>) -> Vec<Compiler> {
    let probe = probe();
    let mut working = Vec::new();
    for engine in [EngineChoice::Cranelift, EngineChoice::WinchFirst] {
        match answered(sandbox, &probe, engine) {
            // On a machine that Winch does not know, Cranelift takes its place.
            Ok(compiler) if working.contains(&compiler) => {}
            Ok(compiler) => working.push(compiler),
            Err(message) => problems.push(Problem::of_sandbox(message)),
        }
    }
    working
}

/// The limits that the sandbox has shown to hold; those that do not go to `problems`.
pub(super) fn limits(sandbox: &Sandbox, problems: &mut Vec<Problem>) -> Vec<&'static str> {
    let probe = probe();
    let short = Duration::from_millis(200);
    let time = Limits { run_time: Some(short), ..Limits::default() };
    let memory = Limits { linear_memory: Some(1 << 20), ..Limits::default() };
    let process = Limits { linear_memory: None, process_memory: Some(256 << 20), ..Limits::default() };
    let exceeded = |verdict: &Verdict, wanted| matches!(verdict, Verdict::Exceeded { quantity, .. } if *quantity == wanted);
    type Expected<'e> = &'e dyn Fn(&Verdict) -> bool;
    let tries: [(&str, &str, Limits, Expected<'_>); 3] = [
        ("time", "spin()", time, &|verdict| matches!(verdict, Verdict::TimedOut { .. })),
        ("linear-memory", "grow()", memory, &|verdict| exceeded(verdict, Quantity::LinearMemory)),
        ("process-memory", "grow()", process, &|verdict| exceeded(verdict, Quantity::ProcessMemory)),
    ];
    let mut holding = Vec::new();
    for (limit, call, limits, expected) in tries {
        match ended(sandbox, &probe, call, Options { limits, ..Options::default() }) {
            Ok(Ended { verdict, .. }) if expected(&verdict) => holding.push(limit),
            Ok(Ended { verdict, .. }) => {
                let message = format!("the limit `{limit}` does not hold: {}", words(&verdict, &probe));
                problems.push(Problem::of_sandbox(message));
            }
            Err(message) => problems.push(Problem::of_sandbox(message)),
        }
    }
    holding
}

fn probe() -> Vec<u8> {
    wat::parse_str(PROBE).expect("the text of the probe is that of a component")
}

/// How a call of the probe ended.
struct Ended {
    verdict: Verdict,
    compiler: Option<Compiler>,
    results: Vec<Option<String>>,
}

/// What compiled the probe, if it gave the right answer.
fn answered(sandbox: &Sandbox, probe: &[u8], engine: EngineChoice) -> Result<Compiler, String> {
    let Ended { verdict, compiler, results } =
        ended(sandbox, probe, "answer()", Options { engine, ..Options::default() })?;
    match compiler {
        Some(compiler) if results == [Some(ANSWER.to_owned())] => Ok(compiler),
        _ => Err(format!("a component that should answer {ANSWER} did not: {}", words(&verdict, probe))),
    }
}

fn ended(sandbox: &Sandbox, probe: &[u8], call: &str, options: Options) -> Result<Ended, String> {
    let call = call.parse().expect("the calls of the probe are spelled right");
    let mut results = Vec::new();
    let mut note = |event| {
        if let Event::Called { results: called } = event {
            results = called.into_iter().map(|result| result.wave).collect();
        }
    };
    let task = Task::Invoke { calls: vec![call] };
    let outcome = sandbox.run(&sandbox.subject(probe), task, &options, &mut |event, _| note(event));
    let outcome = outcome.map_err(|error| error.to_string())?;
    Ok(Ended { verdict: outcome.verdict, compiler: outcome.compiler, results })
}

fn words(verdict: &Verdict, probe: &[u8]) -> String {
    verdict::diagnostic(verdict, probe, "probe")
        .map_or("it ended well".into(), |diagnostic| diagnostic.message)
}
