//! What parent and child tell each other: lines of JSON over two pipes. Owns their form, not what is done with them; the
//! component itself is in `image`.

use crate::calls::{CallExpression, CallProblem, CallResult};
use crate::http;
use crate::kept::Kept;
use crate::options::Options;
use crate::outcome::{Compiler, Verdict};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};
use std::net::SocketAddr;
use std::time::Duration;

/// What the child is to do with a component.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Task {
    /// Compile it, and nothing more. Ends with [`Verdict::Returned`].
    Compile,
    /// Run it as a command. Ends with [`Verdict::Exited`].
    Run,
    /// Make calls, all at once on one instance. Ends with [`Verdict::Returned`] after [`Event::Called`], or with
    /// [`Verdict::Refused`] after [`Event::Misfits`].
    Invoke {
        /// The calls.
        calls: Vec<CallExpression>,
    },
    /// Make one call, and read in WAVE what it should give, which is an [`Event::Expected`]; then as [`Task::Invoke`].
    Expect {
        /// The call.
        call: CallExpression,
        /// A value of the type of its result.
        returns: String,
    },
    /// Give it one HTTP request and read the whole response, which is an [`Event::Answered`]. Ends with
    /// [`Verdict::Returned`].
    Ask {
        /// The request.
        request: http::Request,
    },
    /// Answer HTTP requests with it until the [`super::Stop`]. Ends with [`Verdict::Returned`].
    Serve {
        /// Where to listen; port 0 is any free one.
        addr: SocketAddr,
    },
}

impl Task {
    /// How long the whole of the task may take, once the component is compiled.
    pub(super) fn clock(&self, options: &Options) -> Option<Duration> {
        match self {
            Self::Compile => None,
            Self::Run | Self::Invoke { .. } | Self::Expect { .. } | Self::Ask { .. } => {
                options.limits.run_time
            }
            // The limit is that of a request.
            Self::Serve { .. } => None,
        }
    }

    /// Whether it reads standard input, and thus belongs to the terminal's own group of processes.
    pub(super) fn reads_stdin(&self) -> bool {
        match self {
            Self::Compile | Self::Ask { .. } | Self::Serve { .. } => false,
            Self::Run | Self::Invoke { .. } | Self::Expect { .. } => true,
        }
    }
}

/// What the parent tells the child first.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) task: Task,
    pub(super) options: Options,
    /// The compiled forms of the component, if such are kept.
    pub(super) kept: Option<Kept>,
    /// The parent's process, without which the child must not go on.
    pub(super) parent: u32,
}

/// What the parent tells the child that wanted the component: all of it is in the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Filled;

/// What the child tells the parent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// It needs the bytes of the component.
    Wanted,
    /// The component can run.
    Compiled {
        /// What compiled it.
        compiler: Compiler,
        /// Whether that was done by an earlier run.
        cached: bool,
        /// What Winch said when it panicked, if that is why Cranelift compiled.
        winch_panicked: Option<String>,
    },
    /// A server listens.
    Listening {
        /// Where.
        addr: SocketAddr,
    },
    /// Something happened in a server.
    Served(http::Event),
    /// All calls of [`Task::Invoke`] have returned.
    Called {
        /// What each gave, in the order of the calls.
        results: Vec<CallResult>,
    },
    /// The call of [`Task::Expect`] fits the component, and so does its result.
    Expected {
        /// What it should give, spelled as a result is.
        wave: String,
    },
    /// Calls of [`Task::Invoke`] do not fit the component; none was made.
    Misfits {
        /// Why, for each that does not.
        problems: Vec<CallProblem>,
    },
    /// The request of [`Task::Ask`] has its response.
    Answered {
        /// All of it.
        response: http::Response,
    },
    /// The task has ended.
    Ended {
        /// How.
        verdict: Verdict,
        /// The most memory that the child had at once, in bytes, where that is known.
        peak_memory: Option<u64>,
    },
    /// The child panicked: a bug of ours or of the runtime.
    Panicked {
        /// What it said.
        message: String,
    },
    /// What the task needs could not be had. Nothing of the component has run.
    Unready {
        /// What happened.
        message: String,
    },
    /// What is not the component's doing.
    Failed {
        /// What happened.
        message: String,
    },
}

/// Writes one message.
pub(super) fn tell(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    to.write_all(&line)?;
    to.flush()
}

/// Reads one message; `None` at the end.
pub(super) fn hear<T: DeserializeOwned>(from: &mut impl BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    match from.read_until(b'\n', &mut line)? {
        0 => Ok(None),
        _ => Ok(Some(serde_json::from_slice(&line)?)),
    }
}
