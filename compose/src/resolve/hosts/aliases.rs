//! Names of one resource: whether all who leave an interface to the host take the same names for one.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ResourceId};

use crate::component::{Components, ImportId};

/// Two names that are one resource for one import, and two resources for another.
pub(super) struct Disagreement<'c> {
    pub names: [&'c str; 2],
    pub one: ImportId,
    pub two: ImportId,
}

/// Looks for one among `members`, the imports of one interface.
pub(super) fn disagreement<'c>(
    components: &'c Components<'_>,
    members: &[ImportId],
) -> Option<Disagreement<'c>> {
    let named = members.iter().map(|id| (*id, resources(components, *id))).collect::<Vec<_>>();
    let mut aliases = BTreeMap::new();
    for (id, resources) in &named {
        let mut names = BTreeMap::<ResourceId, BTreeSet<&str>>::new();
        for (name, resource) in resources {
            names.entry(*resource).or_default().insert(name);
        }
        for names in names.values().filter(|names| names.len() > 1) {
            let pairs = names.iter().flat_map(|a| names.range::<&str, _>(..*a).map(move |b| [*b, *a]));
            pairs.for_each(|pair| _ = aliases.entry(pair).or_insert(*id));
        }
    }
    aliases.into_iter().find_map(|(names, one)| {
        let differs = |resources: &BTreeMap<&str, ResourceId>| match names.map(|name| resources.get(name)) {
            [Some(a), Some(b)] => a != b,
            _ => false,
        };
        let two = named.iter().find(|(_, resources)| differs(resources))?.0;
        Some(Disagreement { names, one, two })
    })
}

/// The resources of an interface by their names in it.
fn resources<'c>(components: &'c Components<'_>, import: ImportId) -> BTreeMap<&'c str, ResourceId> {
    let ComponentEntityType::Instance(id) = components.import(import).ty else {
        return BTreeMap::new();
    };
    let named = components.items(id).iter().filter_map(|(name, item)| match item.ty {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. } => {
            Some((name.as_str(), id.resource()))
        }
        _ => None,
    });
    named.collect()
}
