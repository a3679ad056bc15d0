//! Names of one resource: whether all who leave an interface to the host have them from the same name.

use std::collections::BTreeMap;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use super::introduces;
use crate::component::{Components, ImportId};
use crate::sets::Sets;

/// A name under which an import introduces a resource.
#[derive(Clone, Copy)]
pub(super) struct Introduced<'c> {
    pub name: &'c str,
    pub import: ImportId,
}

/// Looks, among `members`, the imports of one interface, for two that introduce what is one resource by what all of them say
/// under different names.
pub(super) fn disagreement<'c>(
    components: &'c Components<'_>,
    members: &[ImportId],
) -> Option<[Introduced<'c>; 2]> {
    // One import does not contradict itself.
    if members.len() < 2 {
        return None;
    }
    let (mut one, mut all) = (Sets::default(), Vec::new());
    for &import in members {
        let ComponentEntityType::Instance(id) = components.import(import).ty else { continue };
        let resources = components.items(id).iter().filter_map(|(name, item)| match item.ty {
            ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. } => {
                Some((id.resource(), name.as_str(), introduces(item.ty)))
            }
            _ => None,
        });
        let mut first = BTreeMap::new();
        for (resource, name, introduced) in resources {
            one.unite(name, *first.entry(resource).or_insert(name));
            all.extend(introduced.then_some(Introduced { name, import }));
        }
    }
    let mut first = BTreeMap::new();
    let (a, b) = all.iter().find_map(|introduced| {
        let known = *first.entry(one.representative(introduced.name)).or_insert(*introduced);
        (known.name != introduced.name).then_some((known, *introduced))
    })?;
    // Where one of them introduces both, another takes them for one.
    let set = one.representative(a.name);
    let of_set = || all.iter().filter(|introduced| one.representative(introduced.name) == set);
    let apart = |x: &Introduced<'_>, y: &Introduced<'_>| x.name != y.name && x.import != y.import;
    let pair = of_set().find_map(|x| Some((*x, *of_set().find(|y| apart(x, y))?)));
    let (a, b) = pair.unwrap_or((a, b));
    Some([a, b])
}
