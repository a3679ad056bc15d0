//! `--format github`: what people read, and an annotation for each diagnostic.
//!
//! Source: GitHub Actions, "Workflow commands", for the escapes.

use wcompose::{Diagnostic, Linked};

use super::human;
use crate::paint;
use crate::report::{Problem, Report};

pub(super) fn tell(linked: &Linked<'_>, report: &Report, quiet: bool) {
    human::tell(linked, report, quiet);
    for problem in report.diagnostics.iter().filter(|problem| !quiet || problem.severity != "warning") {
        paint::line(&annotation(problem));
    }
}

/// The annotation for one diagnostic more.
pub(super) fn add(diagnostic: &Diagnostic) {
    paint::line(&annotation(&Problem::new(diagnostic)));
}

fn annotation(problem: &Problem) -> String {
    let command = if problem.severity == "warning" { "warning" } else { "error" };
    let file = problem.file.as_ref().map(|file| format!("file={},", property(file))).unwrap_or_default();
    let mut message = vec![problem.message.clone()];
    message.extend(problem.details());
    format!("::{command} {file}title={}::{}", property(problem.code), data(&message.join("\n")))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name from an input must not be able to start another workflow command or property.
    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(data("a%b\n::error::c"), "a%25b%0A::error::c");
        assert_eq!(property("a:b,c"), "a%3Ab%2Cc");
    }
}
