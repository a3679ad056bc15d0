//! Open imports: which of them the host may provide, and how those of one interface become one import.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wcompose_wit::MatchKey;

use super::candidates::{Candidates, misfit};
use super::choose::Choice;
use super::fit::Fit;
use super::identity::Identity;
use super::outcome::MergedContent;
use super::{Connection, HostReason, ImportState, MergedImport, ResolvedExport, ResolvedImport, Unsatisfied};
use crate::component::{Components, ExportId, Extern, ImportId, Resource};
use crate::diagnostics::effect_conflict::{self, Conflict};
use crate::diagnostics::{Diagnostic, merge_conflict, resource_split, unsupported_import};
use crate::request::Request;
use crate::types::{
    Difference, Part, first_difference, introduced, names_first, needs_name, referenced, renamed,
};

/// Gives every import its state.
pub(super) fn states(
    components: &Components<'_>,
    candidates: &Candidates,
    mut choice: Choice,
    request: &Request,
) -> Vec<ResolvedImport> {
    let mut host =
        Host { components, candidates, fit: Fit::new(components, candidates.same_by_name()), request };
    components
        .imports()
        .map(|id| {
            let rejected = candidates.of(id).rejected.clone();
            let import = components.import(id);
            let allowed = allowed(import, request).then_some(ImportState::Host(HostReason::Allowed));
            let state = match choice.remove(&id) {
                Some(Ok(connection)) => ImportState::Connected(connection.bridged(components, id)),
                Some(Err(ambiguous @ Unsatisfied::Ambiguous(_))) => ImportState::Unsatisfied(ambiguous),
                // A provider that was rejected must not give way to the host in silence.
                Some(Err(reason)) if !rejected.is_empty() => {
                    allowed.unwrap_or(ImportState::Unsatisfied(reason))
                }
                Some(Err(reason)) => host.state(import, reason),
                None if is_defined_type(import) => ImportState::Substituted,
                None => host.state(import, Unsatisfied::NoProvider),
            };
            ResolvedImport { import: id, state, rejected }
        })
        .collect()
}

/// The host, as seen by imports that no instance serves. Here resources of one name count as one: where they are not,
/// that is a split between host and guest.
struct Host<'c, 'a> {
    components: &'c Components<'a>,
    candidates: &'c Candidates,
    fit: Fit<'c>,
    request: &'c Request,
}

impl Host<'_, '_> {
    /// The state of an import that is left for the host: what it is, or `otherwise` if there is no host for it.
    fn state(&mut self, import: &Extern, otherwise: Unsatisfied) -> ImportState {
        if allowed(import, self.request) {
            return ImportState::Host(HostReason::Allowed);
        }
        if let Some(provided) = self.components.host.provides(&import.name.key()) {
            return match self.fit.check(provided.ty, import.ty) {
                Ok(()) => ImportState::Host(HostReason::Target),
                Err(error) => {
                    let same = |a, b| self.candidates.have_one_name(a, b);
                    let misfit = misfit(self.components, provided.ty, import.ty, &same, error.message());
                    ImportState::Unsatisfied(Unsatisfied::Host(misfit.difference))
                }
            };
        }
        if types_only(self.components, import.ty) {
            return ImportState::Host(HostReason::TypesOnly);
        }
        ImportState::Unsatisfied(otherwise)
    }
}

fn allowed(import: &Extern, request: &Request) -> bool {
    let names = [Some(&import.name), import.implements.as_ref()];
    names.into_iter().flatten().any(|name| request.allow_imports.iter().any(|p| p.matches(name.as_str())))
}

/// A type that the world does not ask for as such: any equal type can be given for it. For a resource, that is the one
/// that another import introduces.
fn is_defined_type(import: &Extern) -> bool {
    match import.ty {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(_), .. } => true,
        ComponentEntityType::Type { created: created @ ComponentAnyTypeId::Resource(_), referenced } => {
            created != referenced
        }
        _ => false,
    }
}

/// Whether an interface has neither functions nor resources of its own, so that nothing needs to be provided.
fn types_only(components: &Components<'_>, ty: ComponentEntityType) -> bool {
    let ComponentEntityType::Instance(id) = ty else {
        return false;
    };
    components.items(id).values().all(|item| match item.ty {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(created), referenced } => {
            referenced != ComponentAnyTypeId::Resource(created)
        }
        other => can_be_named(other) && matches!(other, ComponentEntityType::Type { .. }),
    })
}

/// What an import of the composition can be or hold: a function, a resource, or a type that values have.
fn can_be_named(ty: ComponentEntityType) -> bool {
    match ty {
        ComponentEntityType::Func(_) => true,
        ComponentEntityType::Type { created, .. } => {
            matches!(created, ComponentAnyTypeId::Resource(_) | ComponentAnyTypeId::Defined(_))
        }
        _ => false,
    }
}

/// Makes one import of the composition from the open imports of each interface: the union of what they need, at the
/// highest version. The order is such that each uses types of earlier ones only; otherwise it is by name.
pub(super) fn merge(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    exports: &[ResolvedExport],
    identity: &Identity,
) -> (Vec<MergedImport>, Vec<Diagnostic>) {
    let mut groups = BTreeMap::<MatchKey, Vec<ImportId>>::new();
    for resolved in imports.iter().filter(|resolved| stays_open(components, imports, exports, resolved)) {
        // Names may not differ in case alone.
        let key = match components.import(resolved.import).name.key() {
            MatchKey::Label(label) => MatchKey::Label(label.to_ascii_lowercase()),
            interface => interface,
        };
        groups.entry(key).or_default().push(resolved.import);
    }
    let (mut merged, mut diagnostics) = (Vec::new(), Vec::new());
    let mut fit = Fit::new(components, identity.pairs());
    for mut members in groups.into_values() {
        // The highest version first: its spelling of the interface leads. Ties by instance name, not by position.
        members.sort_by_cached_key(|id| {
            let import = components.import(*id);
            let version = import.implements.as_ref().unwrap_or(&import.name).version().cloned();
            (std::cmp::Reverse(version), components.get(id.instance).name.clone())
        });
        let lead = components.import(members[0]);
        let says = |import: &Extern| import.implements.as_ref().map(|name| name.key());
        let other = members.iter().find(|id| says(components.import(**id)) != says(lead));
        if let Some(other) = other {
            diagnostics.push(merge_conflict::implements(components, members[0], *other));
            continue;
        }
        let content = content(components, &members, &mut fit, identity, &mut diagnostics);
        merged.extend(content.map(|content| MergedImport {
            name: lead.name.clone(),
            implements: lead.implements.clone(),
            members,
            content,
        }));
    }
    (in_order_of_use(components, merged), diagnostics)
}

/// Host imports, and types of the world that could not be named without an import: those that a host function or an
/// exported function speaks of.
fn stays_open(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    exports: &[ResolvedExport],
    resolved: &ResolvedImport,
) -> bool {
    let (instance, ty) = (resolved.import.instance, components.import(resolved.import).ty);
    match (&resolved.state, ty) {
        (ImportState::Host(_), _) => true,
        (ImportState::Substituted, ComponentEntityType::Type { created, referenced: of }) => {
            let speaks = |ty| {
                matches!(ty, ComponentEntityType::Func(_))
                    && referenced(components.types(), ty).contains(&created)
            };
            let mut exported = exports.iter().filter(|resolved| resolved.export.instance == instance);
            let others = || imports.iter().filter(|other| other.import.instance == instance);
            let host_speaks = others().any(|other| {
                matches!(other.state, ImportState::Host(_)) && speaks(components.import(other.import).ty)
            });
            let export_speaks = exported.any(|resolved| speaks(components.export(resolved.export).ty));
            // A type that an interface introduces has its name there, which is enough for an export.
            let has_a_name = || {
                others().filter(|other| other.import != resolved.import).any(|other| {
                    let ty = components.import(other.import).ty;
                    introduced(components.types(), ty).iter().any(|(id, _)| *id == of)
                })
            };
            host_speaks || (export_speaks && !has_a_name())
        }
        _ => false,
    }
}

fn content(
    components: &Components<'_>,
    members: &[ImportId],
    fit: &mut Fit<'_>,
    identity: &Identity,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<MergedContent> {
    let lead = components.import(members[0]).ty;
    if !matches!(lead, ComponentEntityType::Instance(_)) {
        if !can_be_named(lead) {
            return unsupported(components, members[0], diagnostics);
        }
        for id in &members[1..] {
            let ty = components.import(*id).ty;
            if fit.check(lead, ty).is_err() || fit.check(ty, lead).is_err() {
                conflict(components, members, (members[0], *id), (None, lead, ty), identity, diagnostics);
                return None;
            }
        }
        return Some(MergedContent::Single(lead));
    }
    let mut items = Vec::<(String, ComponentEntityType, ImportId)>::new();
    let mut places = BTreeMap::new();
    for id in members {
        let ComponentEntityType::Instance(instance) = components.import(*id).ty else {
            let types = (None, lead, components.import(*id).ty);
            conflict(components, members, (members[0], *id), types, identity, diagnostics);
            return None;
        };
        for (name, item) in components.items(instance) {
            if !can_be_named(item.ty) {
                return unsupported(components, *id, diagnostics);
            }
            let Some(place) = places.get(name) else {
                places.insert(name.clone(), items.len());
                items.push((name.clone(), item.ty, *id));
                continue;
            };
            let (_, first, of): &(String, ComponentEntityType, ImportId) = &items[*place];
            if fit.check(*first, item.ty).is_err() || fit.check(item.ty, *first).is_err() {
                let types = (Some(name.as_str()), *first, item.ty);
                conflict(components, members, (*of, *id), types, identity, diagnostics);
                return None;
            }
        }
    }
    let items = items.into_iter().map(|(name, ty, _)| (name, ty)).collect();
    Some(MergedContent::Instance(names_first(components.types(), items)))
}

fn unsupported(
    components: &Components<'_>,
    import: ImportId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<MergedContent> {
    diagnostics.push(unsupported_import::new(components, import));
    None
}

fn conflict(
    components: &Components<'_>,
    members: &[ImportId],
    (first, second): (ImportId, ImportId),
    (item, a, b): (Option<&str>, ComponentEntityType, ComponentEntityType),
    identity: &Identity,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut difference = first_difference(components.types(), b, a, &|a, b| identity.same(a, b));
    if let (Some(difference), Some(name)) = (&mut difference, item) {
        difference.place.insert(0, Part::item(name, a));
    }
    let conflicts = Conflict::of(components, second, members);
    diagnostics.push(match (conflicts.split_first(), &difference) {
        (Some(conflicts), Some(Difference { effect_only: true, .. })) => {
            effect_conflict::new(components, second, conflicts, &[])
        }
        _ => merge_conflict::new(components, first, second, difference),
    });
}

/// Moves each import behind those whose types it uses.
fn in_order_of_use(components: &Components<'_>, merged: Vec<MergedImport>) -> Vec<MergedImport> {
    let types = components.types();
    let mut home = BTreeMap::new();
    for (index, import) in merged.iter().enumerate() {
        for member in &import.members {
            for (id, _) in introduced(types, components.import(*member).ty) {
                home.insert(id, index);
            }
            for (id, _) in renamed(types, components.import(*member).ty) {
                home.entry(id).or_insert(index);
            }
        }
    }
    let uses = merged.iter().enumerate().map(|(index, import)| {
        let mut uses = BTreeSet::new();
        for member in &import.members {
            let ids = referenced(types, components.import(*member).ty);
            uses.extend(ids.iter().filter_map(|id| home.get(id).copied()).filter(|used| *used != index));
        }
        uses
    });
    let uses = uses.collect::<Vec<_>>();
    let mut done = BTreeSet::new();
    let mut order = Vec::new();
    while order.len() < merged.len() {
        let ready = (0..merged.len()).find(|index| !done.contains(index) && uses[*index].is_subset(&done));
        // Interfaces use each other without cycles; were it otherwise, the check of the output would say so.
        let Some(next) = ready.or_else(|| (0..merged.len()).find(|index| !done.contains(index))) else {
            break;
        };
        done.insert(next);
        order.push(next);
    }
    let mut slots = merged.into_iter().map(Some).collect::<Vec<_>>();
    order.into_iter().filter_map(|index| slots[index].take()).collect()
}

/// Reports resources that a guest provides to some importers and the host to others, and host imports that would have
/// to speak of a guest's resource: the guest serves all users or none.
pub(super) fn splits(components: &Components<'_>, imports: &[&ResolvedImport]) -> Vec<Diagnostic> {
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
pub(super) fn unnamed_types(
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
