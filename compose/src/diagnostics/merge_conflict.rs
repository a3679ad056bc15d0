//! `merge-conflict`: two open imports of one interface need different types.

use super::comparison::{self, Party};
use super::{Code, Diagnostic, import_subject, import_words};
use crate::component::{Components, ImportId};
use crate::types::Difference;

pub(crate) const CODE: Code = Code {
    name: "merge-conflict",
    text: "Two instances leave the same import to the host, but need it at different types, so that one import of the composition
cannot serve both. Build both against one version of the interface, or connect one of them to another provider.",
};

pub(crate) fn new(
    components: &Components<'_>,
    first: ImportId,
    second: ImportId,
    difference: Option<Difference>,
) -> Diagnostic {
    let message =
        format!("{} and {} differ", import_words(components, first), import_words(components, second));
    let diagnostic = Diagnostic::error(CODE, import_subject(components, second), message);
    let Some(difference) = difference else {
        return diagnostic;
    };
    let needs = |id| Party::import(components, id, "needed");
    let parties = [needs(first), needs(second)];
    let [first, second] = [first, second].map(|id| &components.get(id.instance).name);
    let place = difference.place();
    let place = if place.is_empty() { place } else { format!("in {place}: ") };
    let sentence =
        format!("{place}`{first}` needs `{}`, `{second}` needs `{}`", difference.expected, difference.found);
    let [first, second] = &parties;
    diagnostic.compare(comparison::between(components, first, second, &difference, sentence))
}

/// Two imports of one label say that they implement different interfaces.
pub(crate) fn implements(components: &Components<'_>, first: ImportId, second: ImportId) -> Diagnostic {
    let message =
        format!("{} and {} differ", import_words(components, first), import_words(components, second));
    let diagnostic = Diagnostic::error(CODE, import_subject(components, second), message);
    [first, second].into_iter().fold(diagnostic, |diagnostic, id| {
        let instance = &components.get(id.instance).name;
        diagnostic.note(match &components.import(id).implements {
            Some(name) => format!("for `{instance}` it implements `{name}`"),
            None => format!("for `{instance}` it implements nothing"),
        })
    })
}
