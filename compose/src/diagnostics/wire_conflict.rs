//! `wire-conflict`: two wires connect one import to different exports, or one function of it to different functions.

use super::{Code, Diagnostic, import_subject, import_words};
use crate::component::{Components, ImportId};
use crate::request::Wire;

pub(crate) const CODE: Code = Code {
    name: "wire-conflict",
    text: "Two `--wire` options connect the same import, to different exports, or one function of it to different functions. An import
takes one export: leave out one of the two.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId, first: &Wire, second: &Wire) -> Diagnostic {
    let message = format!("two wires connect {}", import_words(components, import));
    Diagnostic::error(CODE, import_subject(components, import), message)
        .note(format!("one is `--wire {first}`"))
        .note(format!("the other is `--wire {second}`"))
}
