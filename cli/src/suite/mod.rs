//! A suite: named cases that a component must pass, each with what is done and how that must end. How suites are read
//! is `parse`, how cases are run `run`, what counts as passing `judge`, how the outcome is told `format`.

pub(crate) mod format;
mod judge;
mod parse;
mod run;
mod settings;

use std::path::PathBuf;

use serde::Serialize;
use wcompose_run::{CallExpression, http};

pub(crate) use parse::load;
pub(crate) use run::{Runner, Tested};
use settings::Settings;

/// A suite, with at least one case, and no two of one name.
pub(crate) struct Suite {
    /// The component that it is for, if it says so.
    pub component: Option<PathBuf>,
    pub cases: Vec<Case>,
}

/// A case: one thing that is done with a new instance of the component.
pub(crate) struct Case {
    pub name: String,
    act: Act,
    stdin: String,
    stdout: Vec<Text>,
    stderr: Vec<Text>,
    settings: Settings,
}

/// What is done, and how it must end.
enum Act {
    Invoke { call: CallExpression, expected: Expected<Returns> },
    Run { arguments: Vec<String>, expected: Expected<Status> },
    Ask { request: http::Request, expected: Expected<Answer> },
}

/// How an act must end: well, with something to look at, or badly.
enum Expected<T> {
    Well(T),
    Badly(Ending),
}

/// What a call gives.
enum Returns {
    Anything,
    /// This value, in WAVE.
    Value(String),
}

/// What a command ends with.
struct Status(u8);

/// What a response must be like.
struct Answer {
    status: u16,
    /// Headers that it must have, among others.
    headers: Vec<(String, String)>,
    body: Vec<Text>,
}

/// What a text must be like.
enum Text {
    Is(String),
    Contains(String),
}

/// A bad ending.
enum Ending {
    /// With a trap, of this kind if there is one.
    Trapped(Option<String>),
    Deadlocked,
    TimedOut,
    Exceeded,
    Refused,
}

/// How a case went.
#[derive(Serialize)]
pub(crate) struct CaseResult {
    pub name: String,
    #[serde(flatten)]
    pub ended: Ended,
    pub seconds: f64,
    /// What the component wrote, as far as it is kept. What is not UTF-8 is replaced.
    pub stdout: String,
    pub stderr: String,
}

impl CaseResult {
    pub(crate) fn passed(&self) -> bool {
        matches!(self.ended, Ended::Passed)
    }
}

/// Whether a case passed, and why not.
#[derive(Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub(crate) enum Ended {
    Passed,
    /// The component did something else than the case expects.
    Failed(Failure),
    /// Nothing can be said about the component.
    Broken {
        message: String,
    },
}

/// Why a case failed.
#[derive(Serialize)]
pub(crate) struct Failure {
    /// What differs; none if the call does not fit the component.
    pub differences: Vec<Difference>,
    /// What there is to say of the component's ending, or of the call.
    pub reason: Option<Reason>,
}

/// Something that was expected and something else that was found.
#[derive(Serialize)]
pub(crate) struct Difference {
    /// What it is about: `stdout`, `returns`, `header content-type`.
    pub of: String,
    pub expected: String,
    pub found: String,
    /// Whether all of it had to be as expected, and not only to contain it.
    pub whole: bool,
}

/// A diagnostic, as far as a case shows it.
#[derive(Serialize)]
pub(crate) struct Reason {
    /// The diagnostic's code, if it has one.
    pub code: Option<&'static str>,
    pub message: String,
    pub notes: Vec<String>,
}
