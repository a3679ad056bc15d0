//! `unreadable-provenance`: an input has a section that should say what it was made of, and it cannot be read.

use super::{Code, Diagnostic, Subject};
use crate::component::Component;
use crate::provenance::UnreadableProvenance;

pub(crate) const CODE: Code = Code {
    name: "unreadable-provenance",
    text: "An input has a section `wcompose-provenance`, which says what a composition was made of, but it was damaged, or written by a
release of wcompose with another format. The input is linked all the same, and the new composition names it with its digest; what
it was made of is not repeated there.

Link the input anew, or leave the sections out with `--no-provenance`.",
};

pub(crate) fn new(component: &Component<'_>, error: &UnreadableProvenance) -> Diagnostic {
    let message = format!("what `{}` ({}) was made of is not known", component.name, component.file);
    Diagnostic::warning(CODE, Subject::of(component), message).note(error.to_string())
}
