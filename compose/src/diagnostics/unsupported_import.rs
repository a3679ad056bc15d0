//! `unsupported-import`: an open import of a kind that cannot be passed on.

use super::{Code, Diagnostic, import_subject, import_words};
use crate::component::{Components, ImportId};

pub(crate) const CODE: Code = Code {
    name: "unsupported-import",
    text: "An import that no input satisfies is a core module, a component, a value, or an interface that holds one of these or
another interface. wcompose passes open imports on to the host only if they are interfaces, functions or types. Provide
the import from another input.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId) -> Diagnostic {
    let message = format!("{} cannot be left to the host", import_words(components, import));
    let note = match components.import(import).kind() {
        "interface" => "it holds something else than functions and types, which is not passed on".into(),
        kind => format!("it is a {kind}, which is not passed on"),
    };
    Diagnostic::error(CODE, import_subject(components, import), message).note(note)
}
