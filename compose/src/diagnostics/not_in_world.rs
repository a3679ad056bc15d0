//! `not-in-world`: a component imports what the world does not have.

use super::{Code, Diagnostic, Subject, suggestion};
use crate::component::{Component, Extern};

pub(crate) const CODE: Code = Code {
    name: "not-in-world",
    text: "`wcompose targets`: a component imports something that the world does not import, so a runtime of that world does not provide it.

Link the component with one that exports it, or build it without: what a toolchain imports without being asked can often be
switched off. Versions on one track stand in for each other; where the world has the interface on another track, build the
component against that.",
};

/// `component` has the `import`, and the `world` does not.
pub(crate) fn new(component: &Component<'_>, import: &Extern, world: &Component<'_>) -> Diagnostic {
    let (file, name) = (&component.file, &import.name);
    let subject = Subject { file: Some(file.clone()), instance: None, item: Some(name.to_string()) };
    let message = format!("import `{name}` of `{file}` is not in the world `{}`", world.file);
    let diagnostic = Diagnostic::error(CODE, subject, message);
    let path = |item: &Extern| item.name.interface().map(|interface| interface.path.clone());
    let other_track = world.imports.iter().find(|item| path(item).is_some() && path(item) == path(import));
    let diagnostic = match other_track {
        Some(other) => diagnostic.note(format!("the world has `{}`", other.name)),
        None => match suggestion(name.as_str(), world.imports.iter().map(|item| item.name.as_str())) {
            Some(near) => diagnostic.note(format!("the world has `{near}`")),
            None => diagnostic,
        },
    };
    diagnostic.help(format!("link it with a component that exports `{name}`"))
}
