//! `world-mismatch`: a component and a world have the same import or export, with other types.

use super::comparison::{self, Party};
use super::{Code, Diagnostic, Subject};
use crate::component::{Components, Extern};
use crate::types::Difference;

pub(crate) const CODE: Code = Code {
    name: "world-mismatch",
    text: "`wcompose targets`: a component imports or exports what the world does, but with a function missing, or with another type. An
import may ask for less than the world has, and an export may have more than the world asks for; nothing else fits.

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
    new(components, needed, message, [&needed_by, &offered_by], difference)
}

/// What the component exports, and what the world asks for in its place.
pub(crate) fn export(
    components: &Components<'_>,
    (offered, needed): (&Extern, &Extern),
    difference: &Difference,
) -> Diagnostic {
    let [component, world] = [0, 1].map(|index: usize| &components.list[index].file);
    let message = format!("export `{}` of `{component}` does not fit the world `{world}`", offered.name);
    let needed_by = Party {
        name: world.clone(),
        origin: format!("{world} export {}", needed.name),
        item: needed,
        renames: &[],
        label: "expected".into(),
    };
    let offered_by = Party {
        name: component.clone(),
        origin: format!("{component} export {}", offered.name),
        item: offered,
        renames: &[],
        label: "found".into(),
    };
    new(components, offered, message, [&needed_by, &offered_by], difference)
}

fn new(
    components: &Components<'_>,
    item: &Extern,
    message: String,
    [needed, offered]: [&Party<'_>; 2],
    difference: &Difference,
) -> Diagnostic {
    let file = Some(components.list[0].file.clone());
    let subject = Subject { file, instance: None, item: Some(item.name.to_string()) };
    let comparison = comparison::between(components, needed, offered, difference, difference.sentence());
    let world = &components.list[1].file;
    Diagnostic::error(CODE, subject, message)
        .compare(comparison)
        .help(format!("build it against the WIT of `{world}`"))
}
