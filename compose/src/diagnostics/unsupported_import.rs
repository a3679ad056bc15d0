//! `unsupported-import`: an open import of a kind that cannot be passed on.

use super::{Code, Diagnostic, import_subject, import_words};
use crate::component::{Components, ImportId};

pub(crate) const CODE: Code = Code {
    name: "unsupported-import",
    text: "An import that no input satisfies is a core module, a component, a value, or an interface that holds one of these or
another interface. wcompose passes open imports on to the host only if they are interfaces, functions or types. Provide
the import from another input.

Neither can an import be left to the host that uses types of an interface which an input provides, unless it gives all
of them names of its own. Leave both interfaces to the host, or provide both.

A `--wire` cannot give functions of an interface other names if it has methods, or other functions of a resource, and holds
another interface as well. Build the two sides with the same names.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId) -> Diagnostic {
    let message = format!("{} cannot be left to the host", import_words(components, import));
    let note = match components.import(import).kind() {
        "interface" => "it holds something else than functions and types, which is not passed on".into(),
        kind => format!("it is a {kind}, which is not passed on"),
    };
    Diagnostic::error(CODE, import_subject(components, import), message).note(note)
}

/// No wire can give functions of `import` other names.
pub(crate) fn renamed(components: &Components<'_>, import: ImportId) -> Diagnostic {
    let message = format!("{} takes no functions of other names", import_words(components, import));
    Diagnostic::error(CODE, import_subject(components, import), message)
        .note("it has functions of a resource, and holds something else than functions and types")
        .help("build both sides with the same names")
}

/// The open `import` uses types that only `source` names, which an input provides.
pub(crate) fn over(components: &Components<'_>, import: ImportId, source: ImportId) -> Diagnostic {
    let message = format!("{} cannot be left to the host", import_words(components, import));
    let source = &components.import(source).name;
    Diagnostic::error(CODE, import_subject(components, import), message)
        .note(format!("it uses types of import `{source}`, which another input provides"))
}
