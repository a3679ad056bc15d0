//! The exit codes of wcompose: a contract. Every command ends in one of these.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is well.
    Fine,
    /// 1: the link or check failed: something is wrong with the inputs, or a file could not be read or written.
    Failed,
    /// 2: the command line is wrong.
    Usage,
    /// 4: the run trapped, timed out, deadlocked or was refused by the runtime.
    RunFailed,
    /// The guest's own status, passed on by `run`.
    Guest(u8),
    /// 101: wcompose has a bug.
    Bug,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::RunFailed => 4,
            Exit::Guest(status) => status,
            Exit::Bug => 101,
        })
    }
}
