//! What the host cannot be given because a guest has it: resources of a guest, and types that only a guest names.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::{ComponentAnyTypeId, ResourceId};
use wcompose_wit::MatchKey;

use crate::component::{Components, ExportId, ImportId, InstanceId};
use crate::diagnostics::{Diagnostic, resource_split, unsupported_import};
use crate::resolve::outcome::of_instance;
use crate::resolve::{Connection, ImportState, MergedImport, ResolvedImport};
use crate::resources::Resource;
use crate::types::{introduced, needs_name, referenced, renamed};

/// Reports resources that a guest provides to some importers and the host to others, and host imports that would have
/// to speak of a guest's resource: the guest serves all users or none.
pub(in crate::resolve) fn splits(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
) -> Vec<Diagnostic> {
    let served = served(components, imports);
    let of_guests = of_guests(components, imports);
    let open = imports.iter().filter(|resolved| matches!(resolved.state, ImportState::Host(_)));
    open.filter_map(|resolved| {
        let import = components.import(resolved.import);
        let component = components.get(resolved.import.instance);
        let stands_in = |resource: &Resource, index| resource.places.iter().any(|(at, _)| *at == index);
        // An instance that wraps the host's interface must have it from the host.
        let wraps = || component.exports.iter().any(|export| export.key() == import.key());
        let introduces = || component.resources.imported.iter().any(|r| stands_in(r, resolved.import.index));
        if let Some(provider) = served.get(&import.key()).filter(|_| introduces() && !wraps()) {
            return Some(resource_split::new(components, resolved.import, *provider));
        }
        if of_guests.is_empty() {
            return None;
        }
        let used = referenced(components.types(), import.ty).into_iter();
        let of_guest = used.filter_map(|ty| match ty {
            ComponentAnyTypeId::Resource(id) => of_guests.get(&id.resource()),
            _ => None,
        });
        let first = of_guest.min_by_key(|of_guest| of_guest.place)?;
        Some(resource_split::through(components, resolved.import, first.source, first.guest))
    })
    .collect()
}

/// An imported resource that is a guest's.
struct OfGuest {
    /// Its place among those that its instance imports.
    place: usize,
    /// The import that introduces it.
    source: ImportId,
    /// Whom that is connected to.
    guest: InstanceId,
}

fn of_guests(components: &Components<'_>, imports: &[&ResolvedImport]) -> BTreeMap<ResourceId, OfGuest> {
    let connected = imports.iter().filter_map(|resolved| match resolved.state {
        ImportState::Connected(Connection { provider, .. }) => Some((resolved.import, provider.instance)),
        _ => None,
    });
    let connected = connected.collect::<BTreeMap<_, _>>();
    let resources = components.iter().flat_map(|component| {
        let resources = component.resources.imported.iter().enumerate();
        resources.map(|(place, resource)| (component.id, place, resource))
    });
    let of_guests = resources.filter_map(|(instance, place, resource)| {
        let (index, _) = resource.places.first()?;
        let source = ImportId { instance, index: *index };
        connected.get(&source).map(|guest| (resource.id, OfGuest { place, source, guest: *guest }))
    });
    of_guests.collect()
}

/// Reports open imports that would have to speak of types which only a guest's interface names.
pub(in crate::resolve) fn unnamed_types(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    merged: &[MergedImport],
) -> Vec<Diagnostic> {
    let types = components.types();
    let open = merged.iter().flat_map(|import| import.members.iter().copied()).collect::<BTreeSet<_>>();
    let names = |id: &ImportId| {
        let ty = components.import(*id).ty;
        let own = introduced(types, ty).into_iter().map(|(id, _)| id);
        own.chain(renamed(types, ty).into_iter().map(|(id, _)| id)).collect::<Vec<_>>()
    };
    let named = open.iter().flat_map(names).collect::<BTreeSet<_>>();
    let mut problems = Vec::new();
    for id in &open {
        let needed = referenced(types, components.import(*id).ty);
        let unnamed = |ty: &ComponentAnyTypeId| needs_name(types, *ty) && !named.contains(ty);
        let Some(unnamed) = needed.into_iter().find(unnamed) else {
            continue;
        };
        let source = of_instance(imports, id.instance).iter().find(|other| {
            introduced(types, components.import(other.import).ty).iter().any(|(ty, _)| *ty == unnamed)
        });
        problems.extend(source.map(|source| unsupported_import::over(components, *id, source.import)));
    }
    problems
}

/// The first export that serves imports of each key.
fn served<'c>(
    components: &'c Components<'_>,
    imports: &[&ResolvedImport],
) -> BTreeMap<MatchKey<'c>, ExportId> {
    let mut served = BTreeMap::new();
    for resolved in imports {
        if let ImportState::Connected(Connection { provider, .. }) = resolved.state {
            served.entry(components.import(resolved.import).key()).or_insert(provider);
        }
    }
    served
}
