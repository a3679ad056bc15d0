//! How a run ended, as data. Does not decide what an ending means for an exit code or a report.

use crate::deadlock::Deadlock;
use crate::limits::Quantity;
use crate::trap::Frame;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// How a run ended and what it wrote.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub verdict: Verdict,
    /// What was captured of standard output; empty when the streams were inherited.
    pub stdout: Vec<u8>,
    /// What was captured of standard error; empty when the streams were inherited.
    pub stderr: Vec<u8>,
    /// What compiled it; `None` if it was not compiled.
    pub compiler: Option<Compiler>,
    /// What Winch said when it panicked, which is a bug in it; then Cranelift compiled in its place.
    pub winch_panicked: Option<String>,
    /// The most memory that the process of the sandbox had at once, in bytes, where that is known.
    pub peak_memory: Option<u64>,
}

/// A compiler of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compiler {
    /// Cranelift.
    Cranelift,
    /// Winch.
    Winch,
}

impl fmt::Display for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cranelift => "Cranelift",
            Self::Winch => "Winch",
        })
    }
}

/// How a run ended. As JSON, an object whose `verdict` is the name in kebab-case: `trapped`; times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The component ended by itself.
    Exited {
        /// What it gave to `wasi:cli/exit`; else 0 if `run` returned ok, 1 if it returned an error.
        status: u8,
    },
    /// What was asked for was done, and it is no command that would have a status.
    Returned,
    /// The component did what WebAssembly or the component model forbid.
    Trapped {
        /// The kind of the trap, a name that stays: `unreachable`, `cannot-block-sync-task`. `other` is what the runtime
        /// has no name for.
        kind: String,
        /// What it did, in the runtime's words, on one line.
        message: String,
        /// Where it was in core code, innermost first; empty if it was not in core code.
        frames: Vec<Frame>,
        /// Of several calls that were made at once, those that had not ended, as they were written: it was in one of them, or in
        /// a task that another one left. Empty if there was one call.
        calls: Vec<String>,
    },
    /// Every task waits for another one and nothing outside can wake any of them.
    Deadlocked(Deadlock),
    /// The time limit passed.
    TimedOut {
        /// What was going on then.
        phase: Phase,
        /// The limit that passed.
        #[serde(with = "seconds")]
        limit: Duration,
    },
    /// It took more of something than it may have.
    Exceeded {
        /// Of what.
        quantity: Quantity,
        /// How much it may have.
        limit: u64,
    },
    /// It does not compile, does not instantiate or does not export what was to be called: no code of it ran.
    Refused {
        /// Why, in the runtime's words.
        message: String,
    },
}

impl Verdict {
    /// The same, of a run that made several calls, of which `calls` had not ended.
    pub(crate) fn among(self, calls: Vec<String>) -> Self {
        match self {
            Self::Trapped { kind, message, frames, .. } => Self::Trapped { kind, message, frames, calls },
            verdict => verdict,
        }
    }
}

/// What the engine was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Turning the component into machine code.
    Compiling,
    /// Instantiating it or executing it.
    Running,
}

/// Why nothing could be said about the component: the world around it failed, never the component.
#[derive(Debug)]
#[non_exhaustive]
pub enum HostError {
    /// A directory to be granted cannot be opened.
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the runtime says.
        message: String,
    },
    /// The engine cannot be set up on this machine.
    Engine {
        /// What the runtime says.
        message: String,
    },
    /// A thread, timer or event queue could not be had.
    Resources(io::Error),
    /// The runtime panicked: a bug in it.
    Panicked,
    /// What the run needs could not be had: an address, a directory, a process. Nothing of the component has run.
    Unready {
        /// What happened.
        message: String,
    },
    /// The process of the sandbox ended without a verdict.
    Sandbox {
        /// What happened.
        message: String,
    },
}

impl HostError {
    /// Whether that was so before the component could run.
    pub fn is_before_the_run(&self) -> bool {
        matches!(self, Self::Directory { .. } | Self::Unready { .. })
    }

    /// The component did not come to where it is compiled.
    pub(crate) fn handing(error: io::Error) -> Self {
        Self::Unready { message: format!("cannot hand the component to the sandbox: {error}") }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory { path, message } => {
                write!(f, "cannot open directory `{}`: {message}", path.display())
            }
            Self::Engine { message } => write!(f, "cannot set up the engine: {message}"),
            Self::Resources(error) => write!(f, "cannot set up the runtime: {error}"),
            Self::Panicked => write!(f, "the runtime panicked"),
            Self::Unready { message } | Self::Sandbox { message } => f.write_str(message),
        }
    }
}

impl std::error::Error for HostError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Resources(error) => Some(error),
            Self::Directory { .. }
            | Self::Engine { .. }
            | Self::Panicked
            | Self::Unready { .. }
            | Self::Sandbox { .. } => None,
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compiling => "compiling",
            Self::Running => "running",
        })
    }
}

mod seconds {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(from)?).map_err(de::Error::custom)
    }
}

/// The error's chain on one line, without the backtrace, which [`Frame`]s hold.
pub(crate) fn message_of(error: &wasmtime::Error) -> String {
    let links: Vec<String> = error
        .chain()
        .map(ToString::to_string)
        .filter(|link| !link.starts_with("error while executing at wasm backtrace"))
        .collect();
    links.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verdicts pass between processes as JSON, and readers of reports know their form.
    #[test]
    fn verdicts_as_json() {
        let frame = r#"{"module":"m","function":null,"index":1,"offset":16,"trampoline":false}"#;
        let call = r#"{"task":1,"function":"wasi:cli/stdout#write-via-stream"}"#;
        for json in [
            r#"{"verdict":"exited","status":3}"#,
            r#"{"verdict":"returned"}"#,
            &format!(
                r#"{{"verdict":"trapped","kind":"unreachable","message":"trap","frames":[{frame}],"calls":["f()"]}}"#
            ),
            &format!(r#"{{"verdict":"deadlocked","exports":["run"],"host_calls":[{call}]}}"#),
            r#"{"verdict":"timed-out","phase":"compiling","limit":1.5}"#,
            r#"{"verdict":"exceeded","quantity":"linear-memory","limit":65536}"#,
            r#"{"verdict":"refused","message":"no"}"#,
        ] {
            let verdict: Verdict = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&verdict).unwrap(), json);
        }
    }
}
