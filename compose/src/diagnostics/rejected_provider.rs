//! `rejected-provider`: an input does not fit an import, which something else serves.

use super::{Code, Diagnostic, import_subject, options, type_mismatch};
use crate::component::{Components, ExportId, ImportId};
use crate::resolve::Rejected;

pub(crate) const CODE: Code = Code {
    name: "rejected-provider",
    text: "An input exports what another imports, but does not fit, and another input that fits was taken in its place. Perhaps that
is not the one that was meant, so it is said.

Build the input that does not fit against the interface that is imported, or say with `--wire` which provider is meant:
then no other one is tried.",
};

/// `provider` serves the import in place of those that were `rejected`.
pub(crate) fn new(
    components: &Components<'_>,
    import: ImportId,
    rejected: &[Rejected],
    provider: ExportId,
) -> Diagnostic {
    let message = type_mismatch::message(components, import, rejected);
    let diagnostic = Diagnostic::warning(CODE, import_subject(components, import), message);
    let taken = components.get(provider.instance);
    type_mismatch::with_candidates(diagnostic, components, import, rejected)
        .note(format!("`{}` ({}) serves it instead", taken.name, taken.file))
        .help(format!("{} if that is meant", options::wire(components, import, provider)))
}
