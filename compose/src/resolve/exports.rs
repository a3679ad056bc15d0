//! The exports of the composition: its roots, what they export, and the interfaces whose types those exports use.

use std::collections::{BTreeMap, BTreeSet};

use wcompose_wit::ExternName;

use super::lookup;
use super::outcome::of_instance;
use super::{Connection, ImportState, ResolvedExport, ResolvedImport, Unsatisfied};
use crate::component::{Component, Components, ExportId, ImportId, InstanceId};
use crate::diagnostics::{Diagnostic, export_conflict, missing_export, unused_input};
use crate::request::Request;
use crate::types::TypeHomes;

/// Exports that toolchains leave in components without being asked: componentize-py and componentize-qjs.
const LEAKS: [&str; 2] = ["exports", "init"];

/// What the composition exports.
pub(super) struct Exports {
    pub roots: Vec<InstanceId>,
    pub unused: Vec<InstanceId>,
    pub list: Vec<ResolvedExport>,
}

/// Finds the roots and their exports. `dangling`: the imports that wires connect to what is not there.
pub(super) fn exports(
    components: &Components<'_>,
    imports: &[ResolvedImport],
    request: &Request,
    dangling: &BTreeSet<ImportId>,
) -> (Exports, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let consumed =
        imports.iter().filter_map(provider).map(|provider| provider.instance).collect::<BTreeSet<_>>();
    let free = components.iter().map(|c| c.id).filter(|id| !consumed.contains(id)).collect::<Vec<_>>();
    let asked = asked_exports(components, request, &mut diagnostics);
    let roots = roots(components, request, &free, &meant(imports), &asked, &mut diagnostics);
    let kept = roots.iter().copied().chain(asked.iter().map(|(_, id)| id.instance)).collect::<BTreeSet<_>>();
    let unused = unreached(components, imports, &kept);
    // Where an option names something that is not there, what it leaves unused is no problem of its own.
    if !request.allow_unused && diagnostics.is_empty() && dangling.is_empty() {
        // An input that could have served an unsatisfied import is named in that import's diagnostic already.
        let missing = imports.iter().filter(|resolved| matches!(resolved.state, ImportState::Unsatisfied(_)));
        let rejected = missing.clone().flat_map(|resolved| &resolved.rejected);
        let rejected = rejected.map(|rejected| rejected.provider.instance).collect::<BTreeSet<_>>();
        let missing = missing.map(|resolved| components.import(resolved.import).key());
        let missing = missing.collect::<BTreeSet<_>>();
        let wanted = |id: &InstanceId| {
            let mut exports = components.get(*id).exports.iter();
            rejected.contains(id) || exports.any(|export| missing.contains(&export.key()))
        };
        let reported = unused.iter().filter(|id| free.contains(id) && !wanted(id));
        let others = if request.world.is_none() { roots.as_slice() } else { &[] };
        diagnostics.extend(reported.map(|id| unused_input::new(components, imports, others, *id)));
    }
    let mut list = List {
        components,
        imports,
        roots: &roots,
        asked: &asked,
        entries: BTreeMap::new(),
        added: BTreeSet::new(),
        homes: BTreeMap::new(),
        order: Vec::new(),
        diagnostics,
    };
    for root in &roots {
        for id in components.get(*root).export_ids() {
            let export = components.export(id);
            if request.world.as_ref().is_none_or(|world| world.asks_for(&export.name)) {
                list.add(export.name.clone(), id, false);
            }
        }
    }
    for (name, id) in &asked {
        list.add(name.clone(), *id, false);
    }
    let List { order: list, mut diagnostics, .. } = list;
    if let Some(world) = &request.world {
        let missing = world.exports().iter().filter(|name| !list.iter().any(|e| e.name.key() == name.key()));
        diagnostics.extend(missing.map(|name| missing_export::new(components, world.world(), name)));
    }
    (Exports { roots, unused, list }, diagnostics)
}

/// The instances that unsatisfied imports of others would take something from, if it fitted or were the only one.
fn meant(imports: &[ResolvedImport]) -> BTreeSet<InstanceId> {
    let of = |resolved: &ResolvedImport| {
        let (importer, rejected) = (resolved.import.instance, resolved.rejected.iter().map(|r| r.provider));
        let providers = match &resolved.state {
            ImportState::Unsatisfied(Unsatisfied::Ambiguous(providers)) => {
                rejected.chain(providers.iter().copied()).collect()
            }
            ImportState::Unsatisfied(_) => rejected.collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        providers.into_iter().map(|export| export.instance).filter(move |provider| *provider != importer)
    };
    imports.iter().flat_map(of).collect()
}

fn provider(resolved: &ResolvedImport) -> Option<ExportId> {
    match resolved.state {
        ImportState::Connected(Connection { provider, .. }) => Some(provider),
        _ => None,
    }
}

fn asked_exports(
    components: &Components<'_>,
    request: &Request,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(ExternName, ExportId)> {
    let mut asked = Vec::new();
    for export in &request.exports {
        let option = format!("--export {export}");
        let found = lookup::instance(components, &export.instance, &option).and_then(|component| {
            lookup::item(component, &component.exports, &export.export, "export", &option)
                .map(|index| ExportId { instance: component.id, index })
        });
        match found {
            Ok(id) => {
                let name = export.rename.as_ref().map(ExternName::new);
                asked.push((name.unwrap_or_else(|| components.export(id).name.clone()), id));
            }
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    asked
}

/// The roots, by name. `--root` names them; `--world` takes those that export what it asks; otherwise it is the one
/// instance that nobody consumes. Where several are left, the first on the command line is taken that is not `meant` by another, whose
/// problem would else be left out with it, and the others are reported as unused.
fn roots(
    components: &Components<'_>,
    request: &Request,
    free: &[InstanceId],
    meant: &BTreeSet<InstanceId>,
    asked: &[(ExternName, ExportId)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<InstanceId> {
    let mut roots = if !request.roots.is_empty() {
        let found =
            request.roots.iter().map(|name| lookup::instance(components, name, &format!("--root {name}")));
        let (found, errors): (Vec<_>, Vec<_>) = found.partition(Result::is_ok);
        diagnostics.extend(errors.into_iter().filter_map(Result::err));
        found.into_iter().filter_map(Result::ok).map(|component| component.id).collect::<Vec<_>>()
    } else if let Some(world) = &request.world {
        let serves =
            |component: &Component<'_>| component.exports.iter().any(|export| world.asks_for(&export.name));
        free.iter().copied().filter(|id| serves(components.get(*id))).collect()
    } else {
        let named = |id: &InstanceId| asked.iter().any(|(_, export)| export.instance == *id);
        // What `--export` names is no root beside another.
        let first = |of: &dyn Fn(&InstanceId) -> bool| free.iter().copied().find(of);
        let root = first(&|id| !named(id) && !meant.contains(id)).or_else(|| first(&|id| !named(id)));
        root.or_else(|| free.first().copied()).into_iter().collect()
    };
    roots.sort_by_key(|id| &components.get(*id).name);
    roots.dedup();
    roots
}

/// The instances that nothing kept depends on.
fn unreached(
    components: &Components<'_>,
    imports: &[ResolvedImport],
    kept: &BTreeSet<InstanceId>,
) -> Vec<InstanceId> {
    let mut reached = kept.clone();
    let mut queue = kept.iter().copied().collect::<Vec<_>>();
    while let Some(id) = queue.pop() {
        let providers = of_instance(imports, id).iter().filter_map(provider);
        queue.extend(providers.map(|export| export.instance).filter(|id| reached.insert(*id)));
    }
    components.iter().map(|component| component.id).filter(|id| !reached.contains(id)).collect()
}

/// The exports so far.
struct List<'c, 'a> {
    components: &'c Components<'a>,
    imports: &'c [ResolvedImport],
    roots: &'c [InstanceId],
    /// What `--export` asks for: under these names also where it is needed for its types.
    asked: &'c [(ExternName, ExportId)],
    /// By name in lower case: a component may not have names that differ in case alone.
    entries: BTreeMap<String, (ExternName, ExportId)>,
    /// What has an entry, under whatever name.
    added: BTreeSet<ExportId>,
    /// Of each instance that was asked for.
    homes: BTreeMap<InstanceId, TypeHomes>,
    order: Vec<ResolvedExport>,
    diagnostics: Vec<Diagnostic>,
}

impl List<'_, '_> {
    /// Adds an export, behind the exports whose types it uses.
    fn add(&mut self, name: ExternName, id: ExportId, for_types: bool) {
        let unique = name.as_str().to_ascii_lowercase();
        match self.entries.get(&unique) {
            Some((first, export)) if *first == name && *export == id => {
                // Asked for after all, not only for its types.
                let entry = self.order.iter_mut().filter(|entry| entry.name == name);
                entry.for_each(|entry| entry.for_types &= for_types);
                return;
            }
            // What a toolchain leaks must not get in the way; the first one stays. Types are no leaks: others may use them.
            Some(_) if LEAKS.contains(&name.as_str()) && self.components.export(id).kind() != "type" => {
                return;
            }
            Some((first, export)) => {
                let (first, second) = ((first, *export), (&name, id));
                let conflict =
                    export_conflict::new(self.components, first, second, self.roots.contains(&id.instance));
                // Each export that uses the types of this one asks for it anew.
                if !self.diagnostics.contains(&conflict) {
                    self.diagnostics.push(conflict);
                }
                return;
            }
            None => {
                self.entries.insert(unique, (name.clone(), id));
                self.added.insert(id);
            }
        }
        for provider in self.type_providers(id) {
            if !self.added.contains(&provider) {
                let asked = self.asked.iter().find(|(_, asked)| *asked == provider);
                let name = asked.map_or(&self.components.export(provider).name, |(name, _)| name);
                self.add(name.clone(), provider, true);
            }
        }
        self.order.push(ResolvedExport { name, export: id, for_types });
    }

    /// The exports whose types `id` uses: of other instances, through the imports that introduce them, and of its own.
    fn type_providers(&mut self, id: ExportId) -> Vec<ExportId> {
        let homes = self.homes.entry(id.instance);
        let homes = homes.or_insert_with(|| TypeHomes::of(self.components, id.instance));
        let (imports, siblings) = homes.used_by(self.components, id);
        let own = of_instance(self.imports, id.instance).iter();
        let used = own.filter(|resolved| imports.contains(&resolved.import));
        used.filter_map(provider).chain(siblings).collect()
    }
}
