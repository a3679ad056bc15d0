//! `missing-export`: a world has an export that the roots of a link, or the component that should conform to it, lack.

use wcompose_wit::ExternName;

use super::{Code, Diagnostic, Subject, options, suggestion};
use crate::component::{Component, Components, Extern};
use crate::worlds::WorldType;

pub(crate) const CODE: Code = Code {
    name: "missing-export",
    text: "`--world` asks for an export that no unconsumed input has. Add the component that has it, or export it from an inner
instance with `--export INSTANCE:EXPORT`.

Of `wcompose targets`: the component does not export what the world does, so a runtime of that world has nothing to call.",
};

pub(crate) fn new(components: &Components<'_>, world: &WorldType, name: &ExternName) -> Diagnostic {
    let subject = Subject { item: Some(name.to_string()), ..Subject::default() };
    let message = format!("world `{}` asks for export `{name}`, which no root has", world.name);
    let holders = components
        .iter()
        .filter(|component| component.exports.iter().any(|export| export.name.key() == name.key()));
    let others =
        components.iter().filter_map(|component| Some((component, of_another_track(component, name)?)));
    let diagnostic =
        others.fold(Diagnostic::error(CODE, subject, message), |diagnostic, (component, other)| {
            diagnostic.note(format!("`{}` exports `{}`", component.name, other.name))
        });
    holders.fold(diagnostic, |diagnostic, component| {
        diagnostic.help(options::export(&format!("{}:{name}", component.name)))
    })
}

/// The `component` does not export what the `world` does.
pub(crate) fn of(component: &Component<'_>, needed: &Extern, world: &str) -> Diagnostic {
    let (file, name) = (&component.file, &needed.name);
    let subject = Subject { file: Some(file.clone()), instance: None, item: Some(name.to_string()) };
    let message = format!("world `{world}` asks for export `{name}`, which `{file}` does not have");
    let diagnostic = Diagnostic::error(CODE, subject, message);
    let other = of_another_track(component, name);
    let near = || suggestion(name.as_str(), component.exports.iter().map(|item| item.name.as_str()));
    match other.map(|other| other.name.as_str()).or_else(near) {
        Some(near) => diagnostic.note(format!("it exports `{near}`")),
        None => diagnostic,
    }
}

/// The export that has the name of an interface but for its version.
fn of_another_track<'c>(component: &'c Component<'_>, name: &ExternName) -> Option<&'c Extern> {
    let path = &name.interface()?.path;
    let mut exports = component.exports.iter().filter(|export| export.name.key() != name.key());
    exports.find(|export| export.name.interface().is_some_and(|interface| interface.path == *path))
}
