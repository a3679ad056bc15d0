//! `wcompose explain`: what a diagnostic's code means and what to do about it.

use std::io::Write;

use super::linking::usage;
use crate::codes;
use crate::exit::Exit;

/// Explains the code of a diagnostic; without a code, lists them.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  wcompose explain type-mismatch\n  wcompose explain")]
pub(crate) struct Explain {
    /// The code, as it stands in brackets behind `error`
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(self) -> Exit {
        let codes = || wcompose::CODES.iter().chain(codes::CODES);
        let text = match &self.code {
            None => codes().map(|code| format!("{}\n", code.name)).collect::<String>(),
            Some(name) => match codes().find(|code| code.name == name) {
                Some(code) => format!("{}\n\n{}\n", code.name, code.text),
                None => {
                    let near = wcompose::suggestion(name, codes().map(|code| code.name));
                    let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                    return usage(format!("there is no code `{name}`{near}"));
                }
            },
        };
        // A reader that has seen enough and closed the pipe is no failure.
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        Exit::Fine
    }
}
