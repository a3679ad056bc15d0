//! `effect-mismatch`: one side is `async`, the other is not, and all else is equal.

use super::{Code, Diagnostic, import_subject, type_mismatch};
use crate::component::{Components, ImportId};
use crate::resolve::Rejected;

pub(crate) const CODE: Code = Code {
    name: "effect-mismatch",
    text: "A provider has everything that an importer needs, but a function is `async` on one side and not on the other. In the
Component Model, `async` is part of a function's type, and neither is a subtype of the other (Concurrency, \"Async
functions\"). By default wcompose recolours the synchronous side; here `--bridge none` forbids it.

Leave the option out, or build both sides against the same version of the interface.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId, rejected: &[Rejected]) -> Diagnostic {
    let message = type_mismatch::message(components, import, rejected);
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    type_mismatch::with_candidates(diagnostic, components, import, rejected)
}
