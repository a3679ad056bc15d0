//! `missing-export`: the world that was asked for has an export that no root has.

use wcompose_wit::{ExternName, WorldRequest};

use super::{Code, Diagnostic, Subject, options};
use crate::component::Components;

pub(crate) const CODE: Code = Code {
    name: "missing-export",
    text: "`--world` asks for an export that no unconsumed input has. Add the component that has it, or export it from an inner
instance with `--export INSTANCE:EXPORT`.",
};

pub(crate) fn new(components: &Components<'_>, world: &WorldRequest, name: &ExternName) -> Diagnostic {
    let subject = Subject { item: Some(name.to_string()), ..Subject::default() };
    let message = format!("world `{}` asks for export `{name}`, which no root has", world.name);
    let holders = components
        .iter()
        .filter(|component| component.exports.iter().any(|export| export.name.key() == name.key()));
    holders.fold(Diagnostic::error(CODE, subject, message), |diagnostic, component| {
        diagnostic.help(options::export(&format!("{}:{name}", component.name)))
    })
}
