//! What is needed beside what is offered: how diagnostics show two declarations that differ.

use serde::Serialize;
use wasmparser::component_types::ComponentEntityType;

use super::suggestion;
use crate::component::{Components, ExportId, Extern, ImportId};
use crate::request::Rename;
use crate::types::{Declaration, Difference, NOTHING, Part, declaration, offered_name};

/// A difference between two sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The difference in words.
    pub sentence: String,
    /// The declarations that differ; none where the words say all that there is to say.
    pub sides: Vec<Side>,
}

/// A declaration, and what is to be seen in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Where it stands: file, instance, import or export.
    pub origin: String,
    /// Its WIT, with a mark.
    #[serde(flatten)]
    pub declaration: Declaration,
    /// What to say of the mark.
    pub label: String,
}

/// One of the two that differ.
pub(super) struct Party<'c> {
    /// Who it is: an instance or the target.
    pub name: String,
    pub origin: String,
    pub item: &'c Extern,
    /// The functions that it has under other names than the other side.
    pub renames: &'c [Rename],
    /// `expected`, or what else there is to say of its mark.
    pub label: String,
}

impl<'c> Party<'c> {
    pub(super) fn import(
        components: &'c Components<'_>,
        import: ImportId,
        label: impl Into<String>,
    ) -> Party<'c> {
        let (component, item) = (components.get(import.instance), components.import(import));
        let origin = format!("{} ({}) import {}", component.file, component.name, item.name);
        Party { name: component.name.to_string(), origin, item, renames: &[], label: label.into() }
    }

    pub(super) fn export(
        components: &'c Components<'_>,
        export: ExportId,
        label: impl Into<String>,
    ) -> Party<'c> {
        let (component, item) = (components.get(export.instance), components.export(export));
        let origin = format!("{} ({}) export {}", component.file, component.name, item.name);
        Party { name: component.name.to_string(), origin, item, renames: &[], label: label.into() }
    }

    /// Its declaration at the difference; `None` if it has none there.
    fn side(&self, components: &Components<'_>, way: &[Part], end: &str) -> Option<Side> {
        let own = way.iter().map(|part| match part {
            Part::Function(name) => Part::Function(offered_name(self.renames, name).into()),
            part => part.clone(),
        });
        let way = &own.collect::<Vec<_>>();
        let declaration = declaration(components.types(), self.item.name.as_str(), self.item.ty, way)?;
        let label = match way.last() {
            Some(missing @ Part::Missing(_)) => format!("{} {missing}", self.label),
            _ if end == NOTHING => format!("{} {NOTHING}", self.label),
            _ => self.label.clone(),
        };
        Some(Side { origin: self.origin.clone(), declaration, label })
    }

    /// The declaration of the function whose name is most like one that it lacks.
    fn similar(&self, components: &Components<'_>, lacked: &Part) -> Option<Side> {
        let ComponentEntityType::Instance(id) = self.item.ty else { return None };
        let names = components.items(id).keys().map(String::as_str);
        let near = suggestion(lacked.item_name()?, names)?;
        let side = self.side(components, &[Part::item(near, components.items(id)[near].ty)], "")?;
        Some(Side { label: "has a similar name".into(), ..side })
    }
}

/// Shows `difference`, with the declaration of the importer first. `sentence`: the difference in words.
pub(super) fn between(
    components: &Components<'_>,
    needed: &Party<'_>,
    offered: &Party<'_>,
    difference: &Difference,
    sentence: String,
) -> Comparison {
    let [part, other] = &difference.parts;
    let way = |part: &Option<Part>| difference.place.iter().chain(part).cloned().collect::<Vec<_>>();
    let sides = match (
        needed.side(components, &way(part), &difference.expected),
        offered.side(components, &way(other), &difference.found),
    ) {
        (Some(needed), Some(offered)) if needed.declaration != offered.declaration => vec![needed, offered],
        (Some(side), None) => {
            let label = format!("{}, but `{}` lacks it", side.label, offered.name);
            let similar = difference.place.last().and_then(|lacked| offered.similar(components, lacked));
            [Side { label, ..side }].into_iter().chain(similar).collect()
        }
        _ => Vec::new(),
    };
    Comparison { sentence, sides }
}
