//! The exit codes of wcompose: a contract. Every command ends in one of these. Their meaning is written here and nowhere
//! else: the help prints it, and a test compares the documentation with it.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine,
    /// Something is wrong with the inputs, or with a file.
    Failed,
    /// The command line is wrong.
    Usage,
    /// Something is not what was recorded: an input, a connection, a composition.
    Drift,
    /// The run did not end by itself, or could not begin.
    RunFailed,
    /// The guest's own status, passed on by `run`.
    Guest(u8),
    /// wcompose has a bug.
    Bug,
}

impl Exit {
    /// Every way to end but the guest's, by number.
    pub const ALL: [Exit; 6] =
        [Exit::Fine, Exit::Failed, Exit::Usage, Exit::Drift, Exit::RunFailed, Exit::Bug];

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Drift => 3,
            Exit::RunFailed => 4,
            Exit::Guest(status) => status,
            Exit::Bug => 101,
        }
    }

    /// What the number means, in words for users.
    pub fn meaning(self) -> &'static str {
        match self {
            Exit::Fine => "all is well",
            Exit::Failed => "something is wrong with the inputs, or a file could not be read or written",
            Exit::Usage => "the command line is wrong",
            Exit::Drift => "something is not what was recorded of it: in the manifest, or in the lock",
            Exit::RunFailed => {
                "the run trapped, timed out, deadlocked or was refused by the runtime, or a test failed"
            }
            Exit::Guest(_) => "the component's own status, from `run`",
            Exit::Bug => "wcompose has a bug; please report it",
        }
    }

    /// The table of all codes, as `wcompose --help` ends.
    pub(crate) fn table() -> String {
        let rows = Exit::ALL.map(|exit| format!("  {:>3}  {}\n", exit.code(), exit.meaning()));
        format!(
            "Exit codes:\n{}`run` otherwise ends with the component's own status, `diff` as diff does.",
            rows.concat()
        )
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
