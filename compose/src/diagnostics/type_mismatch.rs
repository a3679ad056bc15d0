//! `type-mismatch`: a provider has the right name and the wrong type.

use super::comparison::{self, Party};
use super::{Code, Diagnostic, import_subject, import_words};
use crate::component::{Components, ImportId};
use crate::resolve::{Rejected, Why};

pub(crate) const CODE: Code = Code {
    name: "type-mismatch",
    text: "An input exports what another imports, but the types differ: a function is missing, or a parameter, result, field, case
or payload has another type. The note names the first difference: what the importer expects there, and what the provider
has.

Build both sides against the same version of the interface.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId, rejected: &[Rejected]) -> Diagnostic {
    let message = message(components, import, rejected);
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    with_candidates(diagnostic, components, import, rejected)
}

/// The head line of every diagnostic about candidates that do not fit.
pub(super) fn message(components: &Components<'_>, import: ImportId, rejected: &[Rejected]) -> String {
    let import = import_words(components, import);
    match rejected {
        [only] => {
            let provider = components.get(only.provider.instance);
            format!("{import} does not fit the export of `{}` ({})", provider.name, provider.file)
        }
        several => format!("{import} does not fit any of the {} inputs that export it", several.len()),
    }
}

/// Adds what was tried and why it failed.
pub(super) fn with_candidates(
    mut diagnostic: Diagnostic,
    components: &Components<'_>,
    import: ImportId,
    rejected: &[Rejected],
) -> Diagnostic {
    let several = rejected.len() > 1;
    for Rejected { provider, misfit } in rejected {
        let component = components.get(provider.instance);
        let of = if several { format!("`{}` ({}): ", component.name, component.file) } else { String::new() };
        let needed = Party::import(components, import, "expected");
        let offered = Party::export(components, *provider, "found");
        let sentence = format!("{of}{}", misfit.difference.sentence());
        diagnostic = diagnostic.compare(comparison::between(
            components,
            &needed,
            &offered,
            &misfit.difference,
            sentence,
        ));
        if let Why::Identity { needed, offered } = &misfit.why {
            diagnostic = diagnostic
                .note(format!("`{}` has it from {needed}", components.get(import.instance).name))
                .note(format!("`{}` has it from {offered}", component.name));
        }
        let (import, export) = (&components.import(import).name, &components.export(*provider).name);
        if import != export {
            diagnostic = diagnostic.note(format!("the export is named `{export}`"));
        }
    }
    let name = &components.import(import).name;
    if components.host.provides(&name.key()).is_some() {
        // A provider that does not fit must not give way to the host in silence; aloud it may.
        diagnostic = diagnostic.help(format!("--allow-import '{name}' to leave it to the host"));
    }
    diagnostic
}
