//! The state of every import: connected, the host's or nobody's.

use std::collections::BTreeMap;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wcompose_wit::MatchKey;

use super::can_be_named;
use crate::component::{Components, Extern};
use crate::diagnostics::{Diagnostic, unused_option};
use crate::request::{Pattern, Request};
use crate::resolve::candidates::Candidates;
use crate::resolve::choose::Choice;
use crate::resolve::{ByName, Effects, HostReason, ImportState, ResolvedImport, Unsatisfied};

/// Gives every import its state.
pub(in crate::resolve) fn states(
    components: &Components<'_>,
    candidates: &Candidates,
    mut choice: Choice,
    request: &Request,
    effects: Effects<'_>,
) -> Vec<ResolvedImport> {
    // The host has nothing of what instances give each other.
    let by_name = ByName::new(components);
    let provided = components.host.imports.iter().rev().map(|import| (import.key(), import)).collect();
    let mut host = Host { components, by_name, provided, request };
    components
        .imports()
        .map(|id| {
            let rejected = candidates.of(id).rejected.clone();
            let import = components.import(id);
            let allowed = allowed(import, request).then_some(ImportState::Host(HostReason::Allowed));
            let state = match choice.remove(&id) {
                Some(Ok(connection)) => ImportState::Connected(connection.bridged(components, id, effects)),
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

/// A warning for each `--allow-import` that covers no import: what it was meant for is not left to the host.
pub(in crate::resolve) fn unmatched(components: &Components<'_>, request: &Request) -> Vec<Diagnostic> {
    let covered = |pattern: &&Pattern| components.imports().any(|id| covers(pattern, components.import(id)));
    let unmatched = request.allow_imports.iter().filter(|pattern| !covered(pattern));
    unmatched.map(|pattern| unused_option::allow_import(components, pattern)).collect()
}

/// The host, as seen by imports that no instance serves. Here resources of one name count as one: where they are not,
/// that is a split between host and guest.
struct Host<'c, 'a> {
    components: &'c Components<'a>,
    by_name: ByName<'c, 'a>,
    /// What the target provides.
    provided: BTreeMap<MatchKey<'c>, &'c Extern>,
    request: &'c Request,
}

impl Host<'_, '_> {
    /// The state of an import that is left for the host: what it is, or `otherwise` if there is no host for it.
    fn state(&mut self, import: &Extern, otherwise: Unsatisfied) -> ImportState {
        if allowed(import, self.request) {
            return ImportState::Host(HostReason::Allowed);
        }
        if let Some(provided) = self.provided.get(&import.name.key()) {
            return match self.by_name.misfit(provided.ty, import.ty) {
                None => ImportState::Host(HostReason::Target),
                Some(misfit) => ImportState::Unsatisfied(Unsatisfied::Host(misfit.difference)),
            };
        }
        if types_only(self.components, import.ty) {
            return ImportState::Host(HostReason::TypesOnly);
        }
        ImportState::Unsatisfied(otherwise)
    }
}

fn allowed(import: &Extern, request: &Request) -> bool {
    request.allow_imports.iter().any(|pattern| covers(pattern, import))
}

fn covers(pattern: &Pattern, import: &Extern) -> bool {
    let names = [Some(&import.name), import.implements.as_ref()];
    names.into_iter().flatten().any(|name| pattern.matches(name.as_str()))
}

/// A type that the world does not ask for as such: any equal type can be given for it. For a resource, that is the one
/// that another import introduces.
pub(in crate::resolve) fn is_defined_type(import: &Extern) -> bool {
    match import.ty {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(_), .. } => true,
        ComponentEntityType::Type { created: created @ ComponentAnyTypeId::Resource(_), referenced } => {
            created != referenced
        }
        _ => false,
    }
}

/// Whether an interface has neither functions nor resources of its own, so that nothing needs to be provided.
pub(in crate::resolve) fn types_only(components: &Components<'_>, ty: ComponentEntityType) -> bool {
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
