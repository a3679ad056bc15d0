//! `invalid-output`: what was emitted does not validate. This is a bug of wcompose.

use super::{Code, Diagnostic, Severity, Subject};
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
