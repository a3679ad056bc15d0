//! Types of different components compared where nothing connects yet: resources of one name count as one.

use std::collections::BTreeMap;

use wasmparser::component_types::{ComponentEntityType, ResourceId};
use wcompose_wit::MatchKey;

use super::candidates::misfit;
use super::fit::Fit;
use super::{Misfit, hosts};
use crate::component::{Components, ExportId, Extern, ImportId};
use crate::resources::Resource;
use crate::sets::Sets;

/// The view in which two resources are one if interfaces of the same name and track introduce them under the same name.
pub(crate) struct ByName<'c, 'a> {
    components: &'c Components<'a>,
    same: BTreeMap<ResourceId, ResourceId>,
    fit: Fit<'c>,
}

impl<'c, 'a> ByName<'c, 'a> {
    pub(crate) fn new(components: &'c Components<'a>) -> ByName<'c, 'a> {
        let same = nominal(components);
        let fit = Fit::new(components, same.iter().map(|(resource, same)| (*resource, *same)));
        ByName { components, same, fit }
    }

    /// Why `offered` cannot be used where `needed` is asked for; `None` if it can.
    pub(crate) fn misfit(
        &mut self,
        offered: ComponentEntityType,
        needed: ComponentEntityType,
    ) -> Option<Misfit> {
        let error = self.fit.check(offered, needed).err()?;
        let canonical = |id: ResourceId| self.same.get(&id).copied().unwrap_or(id);
        let same = |a, b| canonical(a) == canonical(b);
        Some(misfit(self.components, offered, &[], needed, &same, error.message()))
    }

    /// Whether any runtime can give what the import asks for: types alone.
    pub(crate) fn asks_for_nothing(&self, import: &Extern) -> bool {
        hosts::is_defined_type(import) || hosts::types_only(self.components, import.ty)
    }
}

/// Maps each resource to one of those that are introduced under the same names. A resource with aliases has several
/// names, and components import only those that they use, so the names chain resources together.
fn nominal(components: &Components<'_>) -> BTreeMap<ResourceId, ResourceId> {
    united(Sets::default(), named(components))
}

/// The same for what instances may give each other: with what they only pass on, and with `wires`, the imports for which it is said what
/// serves them. What an import introduces and its provider has in the same place is one, whatever the two are called.
pub(super) fn connectable(
    components: &Components<'_>,
    wires: impl IntoIterator<Item = (ImportId, ExportId)>,
) -> BTreeMap<ResourceId, ResourceId> {
    let mut sets = Sets::default();
    for (import, provider) in wires {
        let wired = in_its_place(components, import, provider);
        wired.for_each(|(resource, other)| sets.unite(resource, other));
    }
    let passed_on = components.iter().flat_map(|component| {
        component.resources.passed_on.iter().map(move |resource| (resource, &component.exports))
    });
    united(sets, named(components).chain(passed_on))
}

/// Every resource that has a name where it is imported or defined, and the imports or exports in which it has that.
fn named<'c>(components: &'c Components<'_>) -> impl Iterator<Item = (&'c Resource, &'c Vec<Extern>)> {
    let host = components.host.resources.iter().map(|r| (r, &components.host.imports));
    let of_guests = components.iter().flat_map(|component| {
        let imported = component.resources.imported.iter().map(|r| (r, &component.imports));
        imported.chain(component.resources.defined.iter().map(|r| (r, &component.exports)))
    });
    host.chain(of_guests)
}

/// Makes one of those that have one name, and maps each to one of them.
fn united<'c>(
    mut sets: Sets<ResourceId>,
    resources: impl Iterator<Item = (&'c Resource, &'c Vec<Extern>)>,
) -> BTreeMap<ResourceId, ResourceId> {
    let mut first = BTreeMap::<(MatchKey<'_>, &[String]), ResourceId>::new();
    for (resource, externs) in resources {
        for (index, path) in &resource.places {
            let same = *first.entry((externs[*index].key(), path)).or_insert(resource.id);
            sets.unite(resource.id, same);
        }
    }
    sets.pairs().collect()
}

/// The resources that `import` introduces, each with the one that `export` has in the same place.
pub(super) fn in_its_place(
    components: &Components<'_>,
    import: ImportId,
    export: ExportId,
) -> impl Iterator<Item = (ResourceId, ResourceId)> {
    let introduced = components.get(import.instance).resources.imported.iter();
    introduced.filter_map(move |resource| {
        let (_, path) = resource.places.iter().find(|(index, _)| *index == import.index)?;
        Some((resource.id, components.resource_at(components.export(export).ty, path)?))
    })
}
