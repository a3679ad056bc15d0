//! `world-mismatch`: a component and a world have the same import or export, with other types.

use super::comparison::{self, Party};
use super::{Code, Diagnostic, Subject};
use crate::component::{Component, Components, ExportId, Extern};
use crate::types::Difference;

pub(crate) const CODE: Code = Code {
    name: "world-mismatch",
    text: "`wcompose targets`: a component imports or exports what the world does, but with a function missing, or with another type. An
import may ask for less than the world has, and an export may have more than the world asks for; nothing else fits.

Of `--world`: the composition exports what the world does in that way.

Build the component against the WIT of the world.",
};

/// What the component imports, and what the world has in its place.
pub(crate) fn import(
    components: &Components<'_>,
    (needed, offered): (&Extern, &Extern),
    difference: &Difference,
) -> Diagnostic {
    let [component, world] = [0, 1].map(|index: usize| &components.list[index].file);
    let message =
        format!("import `{}` of `{component}` needs what the world `{world}` does not have", needed.name);
    let needed_by = Party {
        name: component.clone(),
        origin: format!("{component} import {}", needed.name),
        item: needed,
        renames: &[],
        label: "expected".into(),
    };
    let offered_by = Party {
        name: world.clone(),
        origin: format!("{world} import {}", offered.name),
        item: offered,
        renames: &[],
        label: "found".into(),
    };
    let subject =
        Subject { file: Some(component.clone()), instance: None, item: Some(needed.name.to_string()) };
    new(components, subject, message, [&needed_by, &offered_by], difference)
}

/// Who has an export that does not fit.
pub(crate) struct Exporter {
    /// What it is called.
    name: String,
    /// Where the export stands.
    origin: String,
    subject: Subject,
}

impl Exporter {
    /// A component that is looked at by itself.
    pub(crate) fn file(file: &str, export: &Extern) -> Exporter {
        let subject =
            Subject { file: Some(file.into()), instance: None, item: Some(export.name.to_string()) };
        Exporter { name: file.into(), origin: format!("{file} export {}", export.name), subject }
    }

    /// An instance of a composition.
    pub(crate) fn instance(components: &Components<'_>, export: ExportId) -> Exporter {
        let Component { name, file, .. } = components.get(export.instance);
        let item = &components.export(export).name;
        let subject = Subject {
            file: Some(file.clone()),
            instance: Some(name.to_string()),
            item: Some(item.to_string()),
        };
        Exporter { name: name.to_string(), origin: format!("{file} ({name}) export {item}"), subject }
    }
}

/// What `exporter` exports, and what the world asks for in its place.
pub(crate) fn export(
    components: &Components<'_>,
    exporter: Exporter,
    (offered, needed): (&Extern, &Extern),
    difference: &Difference,
) -> Diagnostic {
    let Exporter { name, origin, subject } = exporter;
    let world = &components.list[1].file;
    let message = format!("export `{}` of `{name}` does not fit the world `{world}`", offered.name);
    let needed_by = Party {
        name: world.clone(),
        origin: format!("{world} export {}", needed.name),
        item: needed,
        renames: &[],
        label: "expected".into(),
    };
    let offered_by = Party { name, origin, item: offered, renames: &[], label: "found".into() };
    new(components, subject, message, [&needed_by, &offered_by], difference)
}

fn new(
    components: &Components<'_>,
    subject: Subject,
    message: String,
    [needed, offered]: [&Party<'_>; 2],
    difference: &Difference,
) -> Diagnostic {
    let comparison = comparison::between(components, needed, offered, difference, difference.sentence());
    let world = &components.list[1].file;
    let diagnostic = Diagnostic::error(CODE, subject, message).compare(comparison);
    // An instance has the effects of what it is connected to.
    if difference.effect_only && diagnostic.subject.instance.is_some() {
        let help = "ask for a world with the same effect, or connect it to what has the effect of this one";
        return diagnostic.help(help);
    }
    diagnostic.help(format!("build it against the WIT of `{world}`"))
}
