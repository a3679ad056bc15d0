//! What the host cannot be given because a guest has it: resources of a guest, and types that only a guest names.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::ComponentAnyTypeId;
use wcompose_wit::MatchKey;

use crate::component::{Components, ExportId, ImportId, Resource};
use crate::diagnostics::{Diagnostic, resource_split, unsupported_import};
use crate::resolve::{Connection, ImportState, MergedImport, ResolvedImport};
use crate::types::{introduced, needs_name, referenced, renamed};

/// Reports resources that a guest provides to some importers and the host to others, and host imports that would have
/// to speak of a guest's resource: the guest serves all users or none.
pub(in crate::resolve) fn splits(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
) -> Vec<Diagnostic> {
    let served = served(components, imports);
    let connected = imports.iter().filter_map(|resolved| match resolved.state {
        ImportState::Connected(Connection { provider, .. }) => Some((resolved.import, provider.instance)),
        _ => None,
    });
    let connected = connected.collect::<BTreeMap<_, _>>();
    let open = imports.iter().filter(|resolved| matches!(resolved.state, ImportState::Host(_)));
    open.filter_map(|resolved| {
        let import = components.import(resolved.import);
        let component = components.get(resolved.import.instance);
        let stands_in = |resource: &Resource, index| resource.places.iter().any(|(at, _)| *at == index);
        // An instance that wraps the host's interface must have it from the host.
        let wraps = component.exports.iter().any(|export| export.key() == import.key());
        let introduces = component.imported_resources.iter().any(|r| stands_in(r, resolved.import.index));
        if let Some(provider) = served.get(&import.key()).filter(|_| introduces && !wraps) {
            return Some(resource_split::new(components, resolved.import, *provider));
        }
        let used = referenced(components.types(), import.ty);
        let used = |resource: &&Resource| {
            used.iter()
                .any(|ty| matches!(ty, ComponentAnyTypeId::Resource(id) if id.resource() == resource.id))
        };
        let of_guest = component.imported_resources.iter().filter(used).find_map(|resource| {
            let (index, _) = resource.places.first()?;
            let source = ImportId { instance: component.id, index: *index };
            connected.get(&source).map(|guest| (source, *guest))
        });
        of_guest.map(|(source, guest)| resource_split::through(components, resolved.import, source, guest))
    })
    .collect()
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
        let source = imports.iter().find(|other| {
            other.import.instance == id.instance
                && introduced(types, components.import(other.import).ty).iter().any(|(ty, _)| *ty == unnamed)
        });
        problems.extend(source.map(|source| unsupported_import::over(components, *id, source.import)));
    }
    problems
}

/// The first export that serves imports of each key.
fn served(components: &Components<'_>, imports: &[&ResolvedImport]) -> BTreeMap<MatchKey, ExportId> {
    let mut served = BTreeMap::new();
    for resolved in imports {
        if let ImportState::Connected(Connection { provider, .. }) = resolved.state {
            served.entry(components.import(resolved.import).key()).or_insert(provider);
        }
    }
    served
}
