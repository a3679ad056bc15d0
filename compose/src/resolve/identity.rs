//! Identity of resources: which resource ids are one type once it is known what is connected.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ResourceId};
use wcompose_wit::ExternName;

use super::choose::Choice;
use super::fit::Fit;
use super::{Connection, Effects, Matched, Misfit, Origin, Unsatisfied, Why};
use crate::component::{Components, ExportId, ImportId};
use crate::request::Rename;
use crate::sets::Sets;
use crate::types::{Difference, first_difference, referenced};

/// The resources of all instances, each with the one that it is.
///
/// Each input is one instance, so the ids of its type stand for the resources of that instance. A resource that is
/// imported is the one of the provider it is connected to, or of the first importer of the same open import.
pub(super) struct Identity {
    sets: Sets<ResourceId>,
    /// Where the resources that are themselves come from.
    origins: BTreeMap<ResourceId, Origin>,
    /// The resources of imports among whose candidates nothing could choose yet: nothing can be said about them.
    unsettled: BTreeSet<ResourceId>,
}

/// A connection whose two sides mean different resources.
pub(super) struct Conflict {
    pub import: ImportId,
    pub provider: ExportId,
    pub misfit: Misfit,
}

impl Identity {
    pub(super) fn of(components: &Components<'_>, choice: &Choice) -> Identity {
        let mut identity =
            Identity { sets: Sets::default(), origins: BTreeMap::new(), unsettled: BTreeSet::new() };
        let mut open = BTreeMap::new();
        for resource in &components.host.resources {
            for (index, path) in &resource.places {
                let name = &components.host.imports[*index].name;
                identity.origins.entry(resource.id).or_insert_with(|| Origin::Host(place(name, path)));
                let same = *open.entry((name.key(), path)).or_insert(resource.id);
                identity.sets.unite(resource.id, same);
            }
        }
        for component in components.iter() {
            for resource in &component.resources.defined {
                if let Some((index, path)) = resource.places.first() {
                    let place = place(&component.exports[*index].name, path);
                    identity.origins.insert(resource.id, Origin::Instance(component.id, place));
                }
            }
            for resource in &component.resources.imported {
                for (nth, (index, path)) in resource.places.iter().enumerate() {
                    let import = ImportId { instance: component.id, index: *index };
                    let same = match choice.get(&import) {
                        // What its other names stand for there is for the check to compare.
                        Some(Ok(Connection { provider, .. })) => (nth == 0)
                            .then(|| components.resource_at(components.export(*provider).ty, path))
                            .flatten(),
                        Some(Err(Unsatisfied::Ambiguous(_))) => {
                            identity.unsettled.insert(resource.id);
                            None
                        }
                        _ => {
                            let name = &component.imports[*index].name;
                            let origin = || Origin::Host(place(name, path));
                            identity.origins.entry(resource.id).or_insert_with(origin);
                            Some(*open.entry((name.key(), path)).or_insert(resource.id))
                        }
                    };
                    same.into_iter().for_each(|same| identity.sets.unite(resource.id, same));
                }
            }
        }
        identity
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (ResourceId, ResourceId)> + '_ {
        self.sets.pairs()
    }

    pub(super) fn same(&self, a: ResourceId, b: ResourceId) -> bool {
        self.sets.representative(a) == self.sets.representative(b)
    }

    /// The first candidate that does not fit now that resources have identity: of the chosen ones, the last
    /// instance to the first, then of those among which nothing could choose yet.
    pub(super) fn first_conflict(
        &self,
        components: &Components<'_>,
        choice: &Choice,
        effects: Effects<'_>,
    ) -> Option<Conflict> {
        let mut fit = Fit::new(components, self.pairs());
        // Without resources, all that can be said was said when the candidates were found.
        let concerned = |instance| !components.get(instance).resources.imported.is_empty();
        for component in components.iter().rev().filter(|component| concerned(component.id)) {
            for import in component.import_ids() {
                let Some(Ok(Connection { provider, renames, .. })) = choice.get(&import) else {
                    continue;
                };
                let (offered, needed) = (components.export(*provider).ty, components.import(import).ty);
                let misfits = fit.check_renamed(offered, renames, needed).is_err();
                if misfits && self.settled(components, [offered, needed]) {
                    let misfit = self.misfit(components, offered, renames, needed);
                    if !effects.allow(import, &misfit) {
                        return Some(Conflict { import, provider: *provider, misfit });
                    }
                }
            }
        }
        for (import, outcome) in choice.iter().filter(|(import, _)| concerned(import.instance)) {
            let Err(Unsatisfied::Ambiguous(providers)) = outcome else {
                continue;
            };
            for &provider in providers {
                let (offered, needed) = (components.export(provider).ty, components.import(*import).ty);
                if self.supposing(components, *import, provider).check(offered, needed).is_ok() {
                    continue;
                }
                let mut tried = choice.clone();
                tried.insert(*import, Ok(Connection::new(provider, Matched::Only)));
                let identity = Identity::of(components, &tried);
                let misfits = Fit::new(components, identity.pairs()).check(offered, needed).is_err();
                if misfits && identity.settled(components, [offered, needed]) {
                    let misfit = identity.misfit(components, offered, &[], needed);
                    if !effects.allow(*import, &misfit) {
                        return Some(Conflict { import: *import, provider, misfit });
                    }
                }
            }
        }
        None
    }

    /// The view of the two sides of a connection if it were made.
    fn supposing<'t>(&self, components: &'t Components<'_>, import: ImportId, provider: ExportId) -> Fit<'t> {
        let (offered, needed) = (components.export(provider).ty, components.import(import).ty);
        let mut made_one = Sets::default();
        for resource in &components.get(import.instance).resources.imported {
            let places = resource.places.iter().filter(|(index, _)| *index == import.index);
            for other in places.filter_map(|(_, path)| components.resource_at(offered, path)) {
                made_one.unite(self.sets.representative(resource.id), self.sets.representative(other));
            }
        }
        let spoken_of = [offered, needed].into_iter().flat_map(|ty| referenced(components.types(), ty));
        let resources = spoken_of.filter_map(|id| match id {
            ComponentAnyTypeId::Resource(id) => Some(id.resource()),
            _ => None,
        });
        Fit::new(components, resources.map(|id| (id, made_one.representative(self.sets.representative(id)))))
    }

    /// Whether all resources that `types` speak of are known. A verdict that rests on one that is not would outlive
    /// the choice that is still to come.
    fn settled(&self, components: &Components<'_>, types: [ComponentEntityType; 2]) -> bool {
        let unsettled = |id: &ComponentAnyTypeId| {
            matches!(id, ComponentAnyTypeId::Resource(id)
                if self.unsettled.contains(&self.sets.representative(id.resource())))
        };
        !types.into_iter().any(|ty| referenced(components.types(), ty).iter().any(unsettled))
    }

    fn misfit(
        &self,
        components: &Components<'_>,
        offered: ComponentEntityType,
        renames: &[Rename],
        needed: ComponentEntityType,
    ) -> Misfit {
        let differing = std::cell::Cell::new(None);
        let same = |a, b| {
            let same = self.same(a, b);
            if !same {
                differing.set(Some((a, b)));
            }
            same
        };
        let difference = first_difference(components.types(), offered, renames, needed, &same)
            .unwrap_or_else(|| Difference::of_all("the same resources", "other resources"));
        let origin = |id| {
            let known = self.origins.get(&self.sets.representative(id));
            known.cloned().unwrap_or(Origin::Unknown)
        };
        let why = match differing.get() {
            Some((a, b)) => Why::Identity { needed: origin(b), offered: origin(a) },
            None if difference.effect_only => Why::Effect,
            None => Why::Type,
        };
        Misfit { why, difference }
    }
}

fn place(name: &ExternName, path: &[String]) -> String {
    path.iter().fold(name.to_string(), |place, name| format!("{place}.{name}"))
}
