//! What a case expects of each of its commands, read back from its output: for the table of cases, and to see which
//! diagnostics have one.

use crate::Case;

/// What one command of a case is expected to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The exit code.
    pub exit: String,
    /// The codes of the diagnostics that are printed for people, each once, in their order.
    pub codes: Vec<String>,
    /// The first line of the first diagnostic or error; empty if there is none.
    pub message: String,
}

impl Case {
    /// What is expected of each command, in their order.
    pub fn shown(&self) -> Vec<Shown> {
        let mut all = Vec::new();
        for line in self.expected.lines() {
            if let Some(exit) = line.strip_prefix("exit: ") {
                all.push(Shown { exit: exit.into(), ..Shown::default() });
                continue;
            }
            let Some(shown) = all.last_mut() else { continue };
            let Some((code, message)) = problem(line) else { continue };
            if shown.message.is_empty() {
                shown.message = message.into();
            }
            if !code.is_empty() && !shown.codes.iter().any(|known| known == code) {
                shown.codes.push(code.into());
            }
        }
        all
    }
}

/// The code and the message of a line `error[CODE]: MESSAGE`, or of one without a code.
fn problem(line: &str) -> Option<(&str, &str)> {
    let rest = ["error", "warning", "bug"].iter().find_map(|level| line.strip_prefix(level))?;
    let (code, message) = rest.split_once(": ")?;
    match code {
        "" => Some(("", message)),
        _ => Some((code.strip_prefix('[')?.strip_suffix(']')?, message)),
    }
}
