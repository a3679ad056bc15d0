//! What people read on standard error: diagnostics and single-line errors, in colour on a terminal.
//!
//! Text that comes from inputs is escaped here, so that no control character of a file reaches the terminal.

use std::fmt::Display;
use std::io::Write;

use annotate_snippets::{Group, Level, Renderer};
use wcompose::{Diagnostic, Severity};

/// Prints diagnostics, each as a title with its notes and helps below.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic]) {
    for diagnostic in diagnostics {
        print(&render(diagnostic));
    }
}

/// Prints an error that is no diagnostic: of the world, or of the command line.
pub(crate) fn error(message: impl Display) {
    let message = escape(&message.to_string());
    print(&renderer().render(&[Group::with_title(Level::ERROR.primary_title(message))]));
}

/// Prints lines as they are, but for control characters.
pub(crate) fn line(text: &str) {
    print(&escape(text));
}

fn render(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Bug => Level::ERROR.with_name("bug"),
    };
    let title = level.primary_title(escape(&diagnostic.message)).id(diagnostic.code.name);
    let notes = diagnostic.notes.iter().map(|note| Level::NOTE.message(escape(note)));
    let helps = diagnostic.help.iter().map(|help| Level::HELP.message(escape(help)));
    let group = notes.chain(helps).fold(Group::with_title(title), |group, message| group.element(message));
    renderer().render(&[group])
}

/// Colours are always rendered; the stream takes them away where they do not belong.
fn renderer() -> Renderer {
    Renderer::styled()
}

fn print(text: &str) {
    // If standard error is gone, there is nobody left to tell.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Control characters become their escapes; all else stays as it is.
fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let shown =
                if c.is_control() && c != '\n' { c.escape_default().collect::<String>() } else { c.into() };
            shown.chars().collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An input chooses its names, so it must not be able to drive the terminal with them.
    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("a\x1b[31mb\x07\r"), r"a\u{1b}[31mb\u{7}\r");
        assert_eq!(escape("grün\n"), "grün\n");
    }
}
