//! `unused-option`: an option that has no effect.

use std::collections::BTreeSet;

use super::{Code, Diagnostic, Subject, listed, suggestion};
use crate::component::Components;
use crate::request::Pattern;

pub(crate) const CODE: Code = Code {
    name: "unused-option",
    text: "The pattern of an `--allow-import` matches no import of any input, so it leaves nothing to the host. Perhaps a name is misspelled, or
the import is gone and the option can go as well.

A pattern is tried on the name of an import with and without its version; `*` stands for any characters.",
};

/// The pattern matches no import.
pub(crate) fn allow_import(components: &Components<'_>, pattern: &Pattern) -> Diagnostic {
    let message = format!("`--allow-import {}` matches no import", pattern.as_str());
    let names =
        components.imports().map(|id| components.import(id).name.to_string()).collect::<BTreeSet<_>>();
    // A pattern may be a name, with or without its version, or all of a package.
    let forms = names.iter().flat_map(|name| {
        let path = name.split('@').next().unwrap_or(name);
        let package = path.split_once('/').map(|(package, _)| format!("{package}/*"));
        [name.clone(), path.to_owned()].into_iter().chain(package)
    });
    let forms = forms.collect::<BTreeSet<_>>();
    let names = names.into_iter().collect::<Vec<_>>();
    let note = match names.as_slice() {
        [] => "the inputs import nothing".to_owned(),
        names => format!("the inputs import {}", listed(names)),
    };
    let diagnostic = Diagnostic::warning(CODE, Subject::default(), message).note(note);
    match suggestion(pattern.as_str(), forms.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}
