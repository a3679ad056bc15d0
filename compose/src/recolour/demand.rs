//! Which functions have to become `async`: the least set that makes the two sides of every connection equal.
//!
//! A function only ever changes from synchronous to `async`. If one side of a connection is `async`, the other becomes
//! so. Whatever lowers a function that changes may have to wait for it, and so may each caller of its own functions: all
//! that it lifts changes too. There is one least set, whatever the order in which it is found.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::ComponentEntityType;

use super::inside::{Inside, forbids_async};
use super::reach::Reach;
use super::value::Function;
use super::way::Way;
use super::{Refusal, Unrecolourable};
use crate::component::{Components, ImportId, InstanceId};
use crate::resolve::{Connection, Resolution};
use crate::types::offered_name;

/// A function of one input.
pub(super) type Place = (InstanceId, Function);

/// The inside of every input, or why it cannot be followed.
pub(super) type Insides<'a> = Vec<Result<Inside<'a>, Unrecolourable>>;

/// The functions that change.
pub(super) struct Demand<'c, 'a> {
    components: &'c Components<'a>,
    insides: &'c Insides<'c>,
    /// Functions that meet in a connection.
    links: BTreeMap<Place, BTreeSet<Place>>,
    /// Imported functions that another instance provides.
    served: BTreeSet<Place>,
    /// The instances inside that lower a function.
    lowerers: BTreeMap<Place, BTreeSet<usize>>,
    /// Each function that changes, with the one because of which it does.
    pub changes: BTreeMap<Place, Place>,
    /// What cannot be, each with the function that would change.
    pub refusals: Vec<(Place, Refusal)>,
}

impl<'c, 'a> Demand<'c, 'a> {
    /// Finds all that follows from the connections of `resolution`.
    pub(super) fn of(
        components: &'c Components<'a>,
        insides: &'c Insides<'c>,
        resolution: &Resolution,
    ) -> Demand<'c, 'a> {
        let (links, served) = (BTreeMap::new(), BTreeSet::new());
        let (changes, refusals) = (BTreeMap::new(), Vec::new());
        let lowerers = lowerers(insides);
        let mut demand = Demand { components, insides, links, served, lowerers, changes, refusals };
        for (import, connection) in resolution.connections() {
            // What is left out of the composition needs nothing.
            if !resolution.unused.contains(&import.instance) {
                demand.link(import, connection);
            }
        }
        let links = demand.links.clone();
        for (place, others) in &links {
            let cause = others.iter().find(|other| demand.is_async(other));
            if let Some(cause) = cause.filter(|_| !demand.is_async(place)) {
                demand.spread(place.clone(), cause.clone());
            }
        }
        demand.refuse_what_must_not_wait();
        demand
    }

    /// Pairs the functions of an import with those of the export that serves it.
    fn link(&mut self, import: ImportId, Connection { provider, renames, .. }: &Connection) {
        let (needed, offered) = (self.components.import(import), self.components.export(*provider));
        for mut path in functions(self.components, needed.ty) {
            let of = [needed.name.to_string()].into_iter().chain(path.iter().cloned());
            let importer = (import.instance, Function::Import(of.collect()));
            if let [name] = path.as_mut_slice() {
                *name = offered_name(renames, name).to_owned();
            }
            let provider =
                (provider.instance, self.exported(provider.instance, offered.name.as_str(), &path));
            self.served.insert(importer.clone());
            self.links.entry(importer.clone()).or_default().insert(provider.clone());
            self.links.entry(provider).or_default().insert(importer);
        }
    }

    /// The function at a path of an export.
    pub(super) fn exported(&self, instance: InstanceId, name: &str, path: &[String]) -> Function {
        self.insides[instance.0].as_ref().map_or(Function::Opaque, |inside| inside.exported(name, path))
    }

    /// Why a function changes: the `async` function that it comes from, and the instances on the way, in words.
    pub(super) fn reason(&self, place: &Place) -> Option<String> {
        let mut through = Vec::new();
        let mut at = self.changes.get(place)?;
        while let Some(cause) = self.changes.get(at) {
            if at.0 != place.0 && through.last() != Some(&at.0) {
                through.push(at.0);
            }
            at = cause;
        }
        let name = |id: &InstanceId| format!("`{}`", self.components.get(*id).name);
        through.retain(|id| *id != at.0);
        let through = through.iter().map(name).collect::<Vec<_>>().join(" and ");
        let through = if through.is_empty() { through } else { format!(", by way of {through}") };
        Some(format!("`{}` of {} is async{through}", self.words(at)?, name(&at.0)))
    }

    /// What a function is called from outside.
    fn words(&self, (instance, function): &Place) -> Option<String> {
        if let Function::Import(path) = function {
            return Some(super::words(path));
        }
        let exports = &self.insides[instance.0].as_ref().ok()?.own().exports;
        exports.iter().find_map(|(name, value)| {
            let way = value.ways(&[function.clone()].into()).into_iter().next()?;
            Some(super::words(&[name.clone()].into_iter().chain(way).collect::<Vec<_>>()))
        })
    }

    fn is_async(&self, (instance, function): &Place) -> bool {
        match function {
            Function::Import(path) => {
                let imports = &self.components.get(*instance).imports;
                let import = path.split_first().and_then(|(name, rest)| {
                    let import = imports.iter().find(|import| import.name.as_str() == name)?;
                    self.components.follow(import.ty, rest)
                });
                matches!(import, Some(ComponentEntityType::Func(id)) if self.components.types()[id].async_)
            }
            Function::Lift { inner, index } => {
                let inside = self.insides[instance.0].as_ref().ok();
                inside.is_some_and(|inside| inside.instances[*inner].lifts[*index].is_async)
            }
            Function::Opaque => false,
        }
    }

    /// Changes a function, and all that has to change with it.
    fn spread(&mut self, first: Place, cause: Place) {
        let mut queue = vec![(first, cause)];
        while let Some((place, cause)) = queue.pop() {
            if self.changes.contains_key(&place) || self.is_async(&place) {
                continue;
            }
            self.changes.insert(place.clone(), cause);
            self.check(&place);
            let linked = self.links.get(&place).into_iter().flatten();
            queue.extend(linked.map(|other| (other.clone(), place.clone())));
            let instance = place.0;
            let Ok(inside) = &self.insides[instance.0] else { continue };
            for inner in self.lowerers.get(&place).into_iter().flatten().copied() {
                let lifts = inside.instances[inner].lifts.iter().enumerate();
                let free = lifts.filter(|(_, lift)| lift.fixed.is_none());
                let lifts = free.map(|(index, _)| (instance, Function::Lift { inner, index }));
                queue.extend(lifts.map(|lift| (lift, place.clone())));
            }
        }
    }

    /// Refuses a change that cannot be made.
    fn check(&mut self, place: &Place) {
        let (instance, function) = place;
        let refusal = match (function, &self.insides[instance.0]) {
            (_, Err(reason)) => Some(Refusal::Built(reason.clone())),
            (Function::Opaque, _) => Some(Refusal::Built(Unrecolourable(
                "a function that would change comes out of a component that it imports or is given".into(),
            ))),
            (Function::Import(path), _) if !self.served.contains(place) => {
                Some(Refusal::Host(super::words(path)))
            }
            (Function::Import(path), _) if path.last().is_some_and(|name| forbids_async(name)) => {
                Some(Refusal::Fixed(super::words(path)))
            }
            (Function::Lift { inner, index }, Ok(inside)) => {
                inside.instances[*inner].lifts[*index].fixed.clone().map(Refusal::Fixed)
            }
            _ => None,
        };
        self.refusals.extend(refusal.map(|refusal| (place.clone(), refusal)));
    }

    /// Refuses what would make code wait that must not: constructors, destructors, start functions.
    fn refuse_what_must_not_wait(&mut self) {
        for component in self.components.iter() {
            let Ok(inside) = &self.insides[component.id.0] else { continue };
            let changed = self.changes.keys().filter(|(instance, _)| *instance == component.id);
            let changed = changed.map(|(_, function)| function.clone()).collect::<BTreeSet<_>>();
            for inner in &inside.instances {
                if !inner.lowered().any(|function| changed.contains(function)) {
                    continue;
                }
                let found = match Reach::of(&inner.core) {
                    Ok(reach) => waiting(inner, &reach, &changed),
                    Err(reason) => vec![(Function::Opaque, Refusal::Built(reason))],
                };
                let found = found.into_iter().map(|(reached, refusal)| ((component.id, reached), refusal));
                self.refusals.extend(found);
            }
        }
    }
}

fn lowerers(insides: &Insides<'_>) -> BTreeMap<Place, BTreeSet<usize>> {
    let mut lowerers = BTreeMap::<_, BTreeSet<_>>::new();
    for (instance, inside) in insides.iter().enumerate() {
        for (inner, of) in inside.iter().flat_map(|inside| inside.instances.iter().enumerate()) {
            for function in of.lowered() {
                lowerers.entry((InstanceId(instance), function.clone())).or_default().insert(inner);
            }
        }
    }
    lowerers
}

/// What must not wait and may reach one of `changed`.
fn waiting(
    inner: &super::inside::Inner<'_>,
    reach: &Reach<'_, '_>,
    changed: &BTreeSet<Function>,
) -> Vec<(Function, Refusal)> {
    let refusal = |what: String, way: Way| (way.end.clone(), Refusal::Waits { what, way });
    let fixed = inner.lifts.iter().filter_map(|lift| {
        let name = lift.fixed.as_ref()?;
        Some(refusal(format!("`{name}`"), reach.first(lift.core, changed)?))
    });
    let destructors =
        inner.core.destructors.iter().filter_map(|destructor| {
            Some(refusal("a destructor".into(), reach.first(*destructor, changed)?))
        });
    let starts = reach
        .starts()
        .into_iter()
        .filter_map(|start| Some(refusal("its start function".into(), reach.first_from(start, changed)?)));
    fixed.chain(destructors).chain(starts).collect()
}

/// The ways to all functions of an import or export; one empty way if it is a function itself.
pub(super) fn functions(components: &Components<'_>, ty: ComponentEntityType) -> Vec<Vec<String>> {
    match ty {
        ComponentEntityType::Func(_) => vec![Vec::new()],
        ComponentEntityType::Instance(id) => {
            let items = components.items(id).iter().flat_map(|(name, item)| {
                let inside = functions(components, item.ty).into_iter();
                inside.map(|path| [name.clone()].into_iter().chain(path).collect())
            });
            items.collect()
        }
        _ => Vec::new(),
    }
}
