//! `merge-conflict`: two open imports of one interface need different types.

use super::comparison::{self, Party};
use super::{Code, Diagnostic, Subject, import_subject, import_words, listed};
use crate::component::{Components, ImportId};
use crate::types::Difference;

pub(crate) const CODE: Code = Code {
    name: "merge-conflict",
    text: "Two instances leave the same import to the host, but need it at different types, so that one import of the composition
cannot serve both. Build both against one version of the interface, or connect one of them to another provider.

Or several imports cannot be one each because their types go in a circle: one instance has a type of the first from the second,
another has it the other way around. Or two names in an interface are one resource for one instance, and for another
the interface has them the other way around, or apart, or only the second.",
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

/// The open imports of `members`, each the first of its interface, use types of each other if each is one import.
pub(crate) fn circular(components: &Components<'_>, members: &[ImportId]) -> Diagnostic {
    let names = members.iter().map(|id| components.import(*id).name.to_string()).collect::<Vec<_>>();
    let message = format!("imports {} would use types of each other in the composition", listed(&names));
    let subject = members.first().map_or_else(Subject::default, |id| import_subject(components, *id));
    let diagnostic = Diagnostic::error(CODE, subject, message).note(
        "each is one import for all inputs, and these do not agree which of them has the types of the other",
    );
    diagnostic.help("build the inputs against the same WIT, or connect one of these imports to a provider")
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

/// Two imports introduce what is one resource by what all of them say under different names.
pub(crate) fn aliases(components: &Components<'_>, introduced: [(&str, ImportId); 2]) -> Diagnostic {
    let [(a, first), (b, second)] = introduced;
    let message =
        format!("{} and {} differ", import_words(components, first), import_words(components, second));
    let [one, other] = [first, second].map(|id| &components.get(id.instance).name);
    Diagnostic::error(CODE, import_subject(components, second), message)
        .note(format!(
            "`{a}` and `{b}` are one resource for some of them: what `{one}` has as `{a}`, `{other}` has as `{b}`"
        ))
        .help("build the inputs against the same WIT, or connect one of these imports to a provider")
}
