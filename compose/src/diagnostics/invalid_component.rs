//! `invalid-component`: a component does not validate.

use super::{Code, Diagnostic, Subject};
use crate::input::Input;
use crate::parse::Fault;

pub(crate) const CODE: Code = Code {
    name: "invalid-component",
    text: "An input begins as a component does, but the validator of the target runtime rejects it: it is cut off, damaged,
or was made by a tool with a bug or for a newer runtime. The message is the validator's, with the offset in the file.",
};

pub(crate) fn new(input: &Input<'_>, fault: &Fault) -> Diagnostic {
    let subject =
        Subject { file: Some(input.file.clone()), instance: Some(input.name.to_string()), item: None };
    let message = format!("`{}` is not a valid component: {}", input.file, fault.message);
    Diagnostic::error(CODE, subject, message).note(format!("at offset {:#x} of the file", fault.offset))
}
