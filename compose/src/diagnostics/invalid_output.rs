//! `invalid-output`: what was emitted does not validate. This is a bug of wcompose.

use super::{Code, Diagnostic, Severity, Subject, import_subject, import_words};
use crate::component::{Components, ImportId};
use crate::parse::Fault;

pub(crate) const CODE: Code = Code {
    name: "invalid-output",
    text: "The composition that wcompose made does not pass the validator. Nothing was written. This is a bug of wcompose: please
report it with the inputs.",
};

pub(crate) fn new(fault: &Fault) -> Diagnostic {
    let message = format!("the composition does not validate: {}", fault.message);
    let diagnostic = Diagnostic::error(CODE, Subject::default(), message);
    Diagnostic { severity: Severity::Bug, ..diagnostic }
        .note(format!("at offset {:#x} of the output", fault.offset))
}

/// A recoloured component does not parse.
pub(crate) fn recoloured(problem: &Diagnostic) -> Diagnostic {
    let message = format!("a component does not validate after recolouring: {}", problem.message);
    let diagnostic = Diagnostic::error(CODE, problem.subject.clone(), message);
    let diagnostic = problem.notes.iter().cloned().fold(diagnostic, Diagnostic::note);
    Diagnostic { severity: Severity::Bug, ..diagnostic }
}

/// Recolouring was to connect an import, and it is connected in another way or not at all.
pub(crate) fn not_connected(components: &Components<'_>, import: ImportId) -> Diagnostic {
    let message = format!("{} is not connected as it was to be", import_words(components, import));
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    Diagnostic { severity: Severity::Bug, ..diagnostic }
}
