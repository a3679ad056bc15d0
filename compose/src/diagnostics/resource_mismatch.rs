//! `resource-mismatch`: the two sides of a connection mean different resources.

use super::{Code, Diagnostic, import_subject, type_mismatch};
use crate::component::{Components, ImportId};
use crate::resolve::Rejected;

pub(crate) const CODE: Code = Code {
    name: "resource-mismatch",
    text: "A provider and an importer agree on everything but on where a resource comes from: each has it from another instance,
and handles of one cannot be used as handles of the other. An interface that uses types of another fits only if both
sides resolve the used one to the same instance.

Let both take the used interface from the same provider: order the inputs so, or say it with `--wire`.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId, rejected: &[Rejected]) -> Diagnostic {
    let message = type_mismatch::message(components, import, rejected);
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    let diagnostic = type_mismatch::with_candidates(diagnostic, components, import, rejected);
    type_mismatch::with_host(diagnostic, components, import)
}
