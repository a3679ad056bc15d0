//! What people read: on standard error diagnostics and errors, in colour on a terminal; on standard output plain lines.
//!
//! Text that comes from inputs is escaped here, so that no control character of a file reaches the terminal, and none
//! begins a line, which GitHub Actions could take for a command.

use std::fmt::Display;
use std::io::Write;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use wcompose::{Comparison, Diagnostic, Severity, Side};

/// Prints a diagnostic: a title with its notes and helps below.
pub(crate) fn diagnostic(diagnostic: &Diagnostic) {
    print(&render(diagnostic));
}

/// Prints an error that is no diagnostic: of the world, or of the command line.
pub(crate) fn error(message: impl Display) {
    error_with(message, &[]);
}

/// Prints a warning that is no diagnostic.
pub(crate) fn warning(message: impl Display) {
    print(
        &renderer().render(&[Group::with_title(Level::WARNING.primary_title(escape(&message.to_string())))]),
    );
}

/// Prints an error with notes.
pub(crate) fn error_with(message: impl Display, notes: &[String]) {
    error_helped(message, notes, &[]);
}

/// Prints an error with notes, and what to do about it.
pub(crate) fn error_helped(message: impl Display, notes: &[String], helps: &[String]) {
    let group = Group::with_title(Level::ERROR.primary_title(escape(&message.to_string())));
    let notes = notes.iter().map(|note| Level::NOTE.message(escape(note)));
    let helps = helps.iter().map(|help| Level::HELP.message(escape(help)));
    print(&renderer().render(&[notes.chain(helps).fold(group, Group::element)]));
}

/// Prints an error with a help.
pub(crate) fn error_with_help(message: &str, help: &str) {
    let group = Group::with_title(Level::ERROR.primary_title(escape(message)));
    print(&renderer().render(&[group.element(Level::HELP.message(escape(help)))]));
}

/// Prints an error in a file of text: its place is a range of bytes of `text`.
pub(crate) fn error_at(file: &str, text: &str, place: Range<usize>, message: &str, help: Option<&str>) {
    let snippet = Snippet::source(plain(text)).path(escape(file));
    let group = Group::with_title(Level::ERROR.primary_title(escape(message)))
        .element(snippet.annotation(AnnotationKind::Primary.span(place)));
    let help = help.map(|help| Level::HELP.message(escape(help)));
    print(&renderer().render(&[help.into_iter().fold(group, Group::element)]));
}

/// Text without control characters, of the same length.
fn plain(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        '\r' => ' ',
        _ if c.is_control() && c.len_utf8() == 1 => '?',
        _ if c.is_control() => '\u{b7}',
        _ => c,
    };
    text.chars().map(shown).collect()
}

/// Prints a line that begins with a word for what went well.
pub(crate) fn good(word: &str, line: &str) {
    print(&format!("\x1b[1;32m{word}\x1b[0m {}", escape(line)));
}

/// Prints a line that begins with a word for what did not.
pub(crate) fn bad(word: &str, line: &str) {
    print(&format!("\x1b[1;31m{word}\x1b[0m {}", escape(line)));
}

/// Prints an error whose first line is the message; the others become notes.
pub(crate) fn error_of_lines(text: &str) {
    let mut lines = text.lines();
    let message = lines.next().unwrap_or_default();
    error_with(message, &lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>());
}

/// Prints one line as it is, but for control characters.
pub(crate) fn line(text: &str) {
    print(&escape(text));
}

/// Puts lines on standard output as they are, but for control characters.
pub(crate) fn to_stdout(lines: impl IntoIterator<Item = impl AsRef<str>>) {
    let text = lines.into_iter().map(|line| escape(line.as_ref()) + "\n").collect::<String>();
    // A reader that has seen enough and closed the pipe is no failure.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Puts text on standard output that is made for machines.
pub(crate) fn raw_to_stdout(text: &str) {
    // A reader that has seen enough and closed the pipe is no failure.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn render(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Bug => Level::ERROR.with_name("bug"),
    };
    let title = level.primary_title(escape(&diagnostic.message)).id(diagnostic.code.name);
    let (mut groups, mut group) = (Vec::new(), Group::with_title(title));
    for Comparison { sides, .. } in &diagnostic.comparisons {
        for (index, side) in sides.iter().enumerate() {
            // What was found comes last.
            let last = index + 1 == sides.len();
            let kind = if last { AnnotationKind::Primary } else { AnnotationKind::Context };
            let origin = Level::ERROR.no_name().secondary_title(format!("--> {}", escape(&side.origin)));
            groups.push(std::mem::replace(&mut group, origin.element(snippet(side, kind))));
        }
    }
    // Declarations say what the sentence says.
    let sentences = diagnostic.comparisons.iter().filter(|comparison| comparison.sides.is_empty());
    let notes = sentences.map(|comparison| &comparison.sentence).chain(&diagnostic.notes);
    let notes = notes.map(|note| Level::NOTE.message(escape(note)));
    let helps = diagnostic.help.iter().map(|help| Level::HELP.message(escape(help)));
    groups.push(notes.chain(helps).fold(group, Group::element));
    renderer().render(&groups)
}

/// The declaration of one side, with what differs underlined. Of a long one, the first line and those around the mark.
fn snippet(side: &Side, kind: AnnotationKind) -> Snippet<'_, Annotation<'_>> {
    let (text, mark) = (&side.declaration.text, &side.declaration.mark);
    // Escapes are longer than what they stand for, so the mark moves.
    let place = |end: usize| escape_lines(text.get(..end).unwrap_or(text)).len();
    let shown = escape_lines(text);
    let first = 0..shown.lines().next().map_or(0, str::len);
    Snippet::source(shown)
        .line_numbering(false)
        .annotation(kind.span(place(mark.start)..place(mark.end)).label(escape(&side.label)))
        .annotation(AnnotationKind::Visible.span(first))
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
pub(crate) fn escape(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().collect() } else { String::from(c) };
    text.chars().map(shown).collect()
}

/// Like `escape`, but lines stay lines.
pub(crate) fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// JSON means the same with the control characters escaped that its writers leave in strings.
pub(crate) fn json(text: &str) -> String {
    let plain = |c: char| c == '\n' || !c.is_control();
    text.chars().map(|c| if plain(c) { c.into() } else { format!("\\u{:04x}", u32::from(c)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An escape is longer than what it stands for; what differs must stay underlined all the same.
    #[test]
    fn the_mark_follows_the_escapes() {
        let declaration = wcompose::Declaration { text: "a\x1b: (\n  u8\n)".into(), mark: 8..10 };
        let side = Side { origin: String::new(), declaration, label: "found\x07".into() };
        let group = Group::with_level(Level::ERROR).element(snippet(&side, AnnotationKind::Primary));
        let shown = Renderer::plain().render(&[group]);
        assert_eq!(shown, " |\n | a\\u{1b}: (\n |   u8\n |   ^^ found\\u{7}");
    }

    /// An input chooses its names, so it must not be able to drive the terminal with them.
    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("a\x1b[31mb\x07\r"), r"a\u{1b}[31mb\u{7}\r");
        assert_eq!(escape("grün\n::error::"), r"grün\n::error::");
        assert_eq!(json("{\n\"a\": \"\u{9b}31m\"\n}"), "{\n\"a\": \"\\u009b31m\"\n}");
    }
}
