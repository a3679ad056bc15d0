//! Whether a case passed: compares what it expects with what happened.

use std::fmt::Display;

use wcompose::Diagnostic;
use wcompose_run::{CallProblem, CallResult, Event, Outcome, Verdict, http};

use super::{Act, Answer, Case, Difference, Ended, Ending, Expected, Failure, Reason, Returns, Status, Text};
use crate::verdict;

/// What the sandbox told while a case ran.
#[derive(Default)]
pub(super) struct Seen {
    results: Vec<CallResult>,
    /// What the call should give, spelled as results are.
    expected: Option<String>,
    problems: Vec<CallProblem>,
    response: Option<http::Response>,
}

impl Seen {
    pub(super) fn note(&mut self, event: Event) {
        match event {
            Event::Called { results } => self.results = results,
            Event::Expected { wave } => self.expected = Some(wave),
            Event::Misfits { problems } => self.problems = problems,
            Event::Answered { response } => self.response = Some(response),
            _ => {}
        }
    }
}

/// Judges how `case` went with the component in `bytes`.
pub(super) fn judge(case: &Case, outcome: &Outcome, seen: &Seen, bytes: &[u8], file: &str) -> Ended {
    if let Some(CallProblem { function, message, notes }) = seen.problems.first() {
        let of = function.as_ref().map_or(String::new(), |function| format!("`{function}` of "));
        let message = format!("{of}`{file}` {message}");
        let reason = Reason { code: None, message, notes: notes.clone() };
        return Ended::Failed(Failure { differences: Vec::new(), reason: Some(reason) });
    }
    let mut differences = Vec::new();
    let ended = match &case.act {
        Act::Invoke { expected, .. } => compare(expected, &outcome.verdict, &mut differences, |returns| {
            matches!(outcome.verdict, Verdict::Returned).then(|| returned(returns, seen))
        }),
        Act::Run { expected, .. } => compare(expected, &outcome.verdict, &mut differences, |status| {
            let Verdict::Exited { status: found } = outcome.verdict else { return None };
            Some(unequal("status", status.0, found))
        }),
        Act::Ask { expected, .. } => compare(expected, &outcome.verdict, &mut differences, |answer| {
            seen.response.as_ref().map(|response| answered(answer, response))
        }),
    };
    differences.extend(texts("stdout", &case.stdout, &outcome.stdout));
    differences.extend(texts("stderr", &case.stderr, &outcome.stderr));
    if differences.is_empty() {
        return Ended::Passed;
    }
    let diagnostic = if ended { None } else { verdict::diagnostic(&outcome.verdict, bytes, file) };
    Ended::Failed(Failure { differences, reason: diagnostic.map(reason) })
}

/// Adds what differs, and says whether it ended as expected. `well` compares what a good ending gave; there is none of
/// that after a bad one.
fn compare<T: Wanted>(
    expected: &Expected<T>,
    verdict: &Verdict,
    differences: &mut Vec<Difference>,
    well: impl FnOnce(&T) -> Option<Vec<Difference>>,
) -> bool {
    let wanted = match expected {
        Expected::Well(wanted) => match well(wanted) {
            Some(found) => {
                differences.extend(found);
                return true;
            }
            None => wanted.ending(),
        },
        Expected::Badly(ending) if ending.is(verdict) => return true,
        Expected::Badly(ending) => ending.name(),
    };
    differences.push(Difference { of: "ending".into(), expected: wanted, found: name(verdict), whole: true });
    false
}

/// What an act gives when it ends well.
trait Wanted {
    /// The good ending, in the words of [`name`].
    fn ending(&self) -> String;
}

impl Wanted for Returns {
    fn ending(&self) -> String {
        name(&Verdict::Returned)
    }
}

impl Wanted for Status {
    fn ending(&self) -> String {
        name(&Verdict::Exited { status: self.0 })
    }
}

impl Wanted for Answer {
    fn ending(&self) -> String {
        format!("answered with status {}", self.status)
    }
}

impl Ending {
    fn is(&self, verdict: &Verdict) -> bool {
        match (self, verdict) {
            (Ending::Trapped(None), Verdict::Trapped { .. })
            | (Ending::Deadlocked, Verdict::Deadlocked(_))
            | (Ending::TimedOut, Verdict::TimedOut { .. })
            | (Ending::Exceeded, Verdict::Exceeded { .. })
            | (Ending::Refused, Verdict::Refused { .. }) => true,
            (Ending::Trapped(Some(expected)), Verdict::Trapped { kind, .. }) => expected == kind,
            _ => false,
        }
    }

    fn name(&self) -> String {
        match self {
            Ending::Trapped(None) => "trapped".into(),
            Ending::Trapped(Some(kind)) => format!("trapped: {kind}"),
            Ending::Deadlocked => "deadlocked".into(),
            Ending::TimedOut => "timed-out".into(),
            Ending::Exceeded => "exceeded".into(),
            Ending::Refused => "refused".into(),
        }
    }
}

fn name(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Exited { status } => format!("exited with status {status}"),
        Verdict::Returned => "returned".into(),
        Verdict::Trapped { kind, .. } => format!("trapped: {kind}"),
        Verdict::Deadlocked(_) => "deadlocked".into(),
        Verdict::TimedOut { .. } => "timed-out".into(),
        Verdict::Exceeded { .. } => "exceeded".into(),
        Verdict::Refused { .. } => "refused".into(),
    }
}

fn returned(returns: &Returns, seen: &Seen) -> Vec<Difference> {
    let found = seen.results.first().and_then(|result| result.wave.as_deref()).unwrap_or_default();
    match (returns, &seen.expected) {
        (Returns::Anything, _) => Vec::new(),
        (Returns::Value(_), Some(expected)) => unequal("returns", expected, found),
        (Returns::Value(expected), None) => unequal("returns", expected, found),
    }
}

fn answered(answer: &Answer, response: &http::Response) -> Vec<Difference> {
    let mut differences = unequal("status", answer.status, response.status);
    for (name, expected) in &answer.headers {
        let same = response.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let found = same.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ");
        differences.extend(unequal(&format!("header {name}"), expected, found));
    }
    differences.extend(texts("body", &answer.body, &response.body));
    differences
}

fn texts(of: &str, expected: &[Text], found: &[u8]) -> Vec<Difference> {
    let found = String::from_utf8_lossy(found);
    let compared = expected.iter().flat_map(|text| match text {
        Text::Is(whole) => unequal(of, whole, &found),
        Text::Contains(part) if found.contains(part) => Vec::new(),
        Text::Contains(part) => vec![Difference {
            of: of.to_owned(),
            expected: part.clone(),
            found: found.to_string(),
            whole: false,
        }],
    });
    compared.collect()
}

fn unequal(of: &str, expected: impl Display, found: impl Display) -> Vec<Difference> {
    let (of, expected, found) = (of.to_owned(), expected.to_string(), found.to_string());
    if expected == found { Vec::new() } else { vec![Difference { of, expected, found, whole: true }] }
}

fn reason(diagnostic: Diagnostic) -> Reason {
    let help = diagnostic.help.iter().map(|help| format!("help: {help}"));
    Reason {
        code: Some(diagnostic.code.name),
        message: diagnostic.message,
        notes: diagnostic.notes.iter().cloned().chain(help).collect(),
    }
}
