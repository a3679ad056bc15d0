//! Recolouring: components of which some functions are `async` and components that know them as synchronous are made to
//! fit by changing types. In the Component Model, a function whose type is `async` may be implemented and called with
//! the synchronous ABI, so code stays as it is.
//!
//! It stands between two resolutions. The first says what would connect if effects did not matter; from that follows
//! which functions change; the components are rewritten, parsed and resolved again, and only the second resolution
//! counts.

mod code;
mod core;
mod definition;
mod demand;
mod inside;
mod pairs;
mod reach;
mod rewrite;
mod value;
mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wcompose_wit::ExternName;

use crate::component::{Change, Components, Extern, Facing, ImportId, InstanceId};
use crate::diagnostics::{Diagnostic, cannot_recolour, invalid_output, recolour_needed, serialized_calls};
use crate::input::{Bytes, Input, Inputs};
use crate::parse::{Parsed, parse_for};
use crate::request::{Bodies, Request, Wire};
use crate::resolve::{Connection, Effects, ImportState, Resolution, resolve_under};
use crate::{Resolved, failed};
use demand::{Demand, Insides, functions};
use inside::Inside;
use rewrite::Flips;
use value::Function;
use way::Way;

/// Why a component cannot be recoloured, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecolourable(pub(crate) String);

/// Why a change that is needed cannot be made to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// An import that the host provides would change.
    Host(String),
    /// A function would change whose name forbids it: a constructor, for one.
    Fixed(String),
    /// Something that must not wait may reach a function that it would have to wait for.
    Waits { what: String, way: Way },
    /// The component is built in a way that is not rewritten.
    Built(Unrecolourable),
}

/// Rewrites the valid component in `component` so that functions of its imports and exports are `async`: those of
/// `changes`, and no others. Without changes, the result is what it was.
///
/// Only types change, so a call that has to wait traps unless everything around it is `async` too: [`crate::link`] finds
/// out what has to change. Fails if an export cannot be `async` or is put together in a way that is not rewritten.
pub fn recolour(component: &[u8], changes: &[Change]) -> Result<Vec<u8>, Unrecolourable> {
    let inside = Inside::of(component)?;
    let mut flips = Flips::default();
    for change in changes {
        let item = change.item.to_string();
        let function = match change.side {
            Facing::Import => {
                Function::Import([item].into_iter().chain(change.path.iter().cloned()).collect())
            }
            Facing::Export => {
                flips.renamed.extend(change.renamed.as_ref().map(|name| (item.clone(), name.to_string())));
                inside.exported(&item, &change.path)
            }
        };
        if inside.is_fixed(&function) {
            return Err(Unrecolourable(format!("`{}` cannot be async", change.function())));
        }
        flips.functions.insert(function);
    }
    rewrite::rewrite(&inside, &flips)
}

/// A component that was rewritten, and what changed in it.
struct Recoloured {
    bytes: Arc<Vec<u8>>,
    changes: Vec<Change>,
}

/// The components that were rewritten.
type AllRecoloured = BTreeMap<InstanceId, Recoloured>;

/// Makes fit what does not fit for its effect alone. Gives `strict` back if that is not what is wrong with it; otherwise
/// what became of recolouring: the resolution of the rewritten components, or why they cannot or may not be rewritten.
pub(crate) fn bridge<'a>(inputs: &Inputs<'a>, strict: Resolved<'a>, request: &Request) -> Resolved<'a> {
    let components = &strict.components;
    let (resolution, mut diagnostics) =
        resolve_under(components, &before(components, request), Effects::Ignored);
    let insides = components.iter().map(|component| Inside::of(&component.bytes)).collect::<Insides<'_>>();
    let (demand, adapted) = settle(components, &insides, &resolution);
    if demand.changes.is_empty() && adapted.is_empty() && !strict.resolution.lacks_an_effect() {
        return strict;
    }
    let recoloured = recolour_all(components, &insides, &demand, &resolution, request);
    drop(insides);
    match recoloured {
        Ok((recoloured, warnings)) if !failed(&diagnostics) => {
            let expected = Resolved { resolution, diagnostics: warnings, ..strict };
            return again(inputs, recoloured, expected, request, &adapted);
        }
        Ok((_, warnings)) => diagnostics.extend(warnings),
        Err(problems) => diagnostics.extend(problems),
    }
    Resolved { resolution, diagnostics, ..strict }
}

/// The request as components are asked that are not recoloured yet: for an export whose name only recolouring makes, it asks by the name
/// that it has before.
fn before(components: &Components<'_>, request: &Request) -> Request {
    let earlier = |asked: &ExternName| {
        let mut exports = components.iter().flat_map(|component| &component.exports);
        if exports.clone().any(|export| export.key() == asked.key()) {
            return asked.clone();
        }
        let made =
            |export: &&Extern| pairs::later(&export.name).is_some_and(|name| name.key() == asked.key());
        exports.find(made).map_or_else(|| asked.clone(), |export| export.name.clone())
    };
    let world = request.world.as_ref();
    let world = world.map(|world| world.asking_for(world.exports().iter().map(earlier).collect()));
    Request { world, ..request.clone() }
}

/// What has to change, and the imports that are given an adapter because it could not.
fn settle<'c, 'a>(
    components: &'c Components<'a>,
    insides: &'c Insides<'c>,
    resolution: &Resolution,
) -> (Demand<'c, 'a>, BTreeSet<ImportId>) {
    let mut adapted = BTreeSet::new();
    loop {
        let demand = Demand::of(components, insides, resolution, &adapted);
        let more = demand.adaptable();
        if more.is_subset(&adapted) {
            return (demand, adapted);
        }
        adapted.extend(more);
    }
}

/// Parses and resolves the rewritten components. That must connect what `expected` does.
fn again<'a>(
    inputs: &Inputs<'a>,
    recoloured: AllRecoloured,
    expected: Resolved<'a>,
    request: &Request,
    adapted: &BTreeSet<ImportId>,
) -> Resolved<'a> {
    let rewritten = inputs.iter().enumerate().map(|(index, input)| {
        let bytes = recoloured.get(&InstanceId(index)).map_or(input.bytes, |recoloured| &recoloured.bytes);
        Input { bytes, ..input.clone() }
    });
    let parsed = Inputs::new(rewritten.collect())
        .ok()
        .map(|inputs| parse_for(&inputs, &request.target, Bodies::Unvalidated, |parsed| parsed));
    let mut diagnostics = expected.diagnostics;
    let Parsed { components, modules } = match parsed {
        Some(Ok(parsed)) => parsed,
        Some(Err(problems)) => {
            diagnostics.extend(problems.iter().map(invalid_output::recoloured));
            return Resolved { diagnostics, ..expected };
        }
        None => return Resolved { diagnostics, ..expected },
    };
    let components = components.over(|id| match recoloured.get(&id) {
        Some(Recoloured { bytes, changes }) => (Bytes::Recoloured(bytes.clone()), changes.clone()),
        None => (expected.components.get(id).bytes.clone(), Vec::new()),
    });
    let request = spelled_out(&components, request, &expected.resolution);
    let (mut resolution, problems) = resolve_under(&components, &request, Effects::Adapted(adapted));
    diagnostics.extend(problems);
    for (now, before) in resolution.imports.iter_mut().zip(&expected.resolution.imports) {
        if let (ImportState::Connected(now), ImportState::Connected(before)) = (&mut now.state, &before.state)
        {
            now.matched = before.matched;
        }
    }
    // What is left out need not fit what is recoloured for others.
    let left_out = &expected.resolution.unused;
    let sides = |resolution: &Resolution| {
        let connections = resolution.connections().filter(|(id, _)| !left_out.contains(&id.instance));
        connections.map(|(id, to)| (id, to.provider, to.renames.clone())).collect::<Vec<_>>()
    };
    let (connected, expected_to_be) = (sides(&resolution), sides(&expected.resolution));
    let mut connected = connected.iter();
    if let Some((lost, ..)) = expected_to_be.iter().find(|expected| connected.next() != Some(*expected)) {
        diagnostics.push(invalid_output::not_connected(&components, *lost));
    }
    Resolved { components, modules, resolution, diagnostics }
}

/// The request, with all that was decided spelled out: the roots, and a wire for each connection of what is not left out, or for each of its
/// functions that is paired with one of another name. Types that change must not decide it otherwise.
fn spelled_out(components: &Components<'_>, request: &Request, resolution: &Resolution) -> Request {
    let name = |id| components.get(id).name.to_string();
    let used = resolution.connections().filter(|(import, _)| !resolution.unused.contains(&import.instance));
    let wires = used.flat_map(|(import, Connection { provider, renames, .. })| {
        let renamed = renames.iter().cloned().map(Some);
        let functions = if renames.is_empty() { vec![None] } else { renamed.collect() };
        functions.into_iter().map(move |function| Wire {
            importer: name(import.instance),
            import: components.import(import).name.to_string(),
            provider: name(provider.instance),
            export: Some(components.export(*provider).name.to_string()),
            function,
        })
    });
    let wires = request.wires.iter().cloned().chain(wires).collect();
    let roots = resolution.roots.iter().map(|id| name(*id)).collect();
    Request { wires, roots, ..request.clone() }
}

/// Rewrites all components that have to change. Fails with a diagnostic for each reason why that is not possible or not allowed. Warns of
/// each instance whose calls take turns from then on.
fn recolour_all(
    components: &Components<'_>,
    insides: &Insides<'_>,
    demand: &Demand<'_, '_>,
    resolution: &Resolution,
    request: &Request,
) -> Result<(AllRecoloured, Vec<Diagnostic>), Vec<Diagnostic>> {
    let refused = demand
        .refusals
        .iter()
        .map(|(place, refusal)| cannot_recolour::new(components, place.0, refusal, demand.reason(place)));
    let mut problems = refused.collect::<Vec<_>>();
    problems.dedup();
    let (mut recoloured, mut warnings, mut all) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
    for component in components.iter() {
        let (Ok(inside), id) = (&insides[component.id.0], component.id) else { continue };
        let functions = demand.changes.keys().filter(|(of, _)| *of == id);
        let functions = functions.map(|(_, function)| function.clone()).collect::<BTreeSet<_>>();
        if functions.is_empty() {
            continue;
        }
        let changes = changes(components, id, demand, resolution, request);
        all.insert(id, changes.clone());
        let renamed = changes
            .iter()
            .filter_map(|change| Some((change.item.to_string(), change.renamed.as_ref()?.to_string())));
        if functions.iter().any(|function| matches!(function, Function::Lift { .. })) {
            warnings.push(serialized_calls::new(components, id));
        }
        match rewrite::rewrite(inside, &Flips { renamed: renamed.collect(), functions }) {
            Ok(bytes) => drop(recoloured.insert(id, Recoloured { bytes: Arc::new(bytes), changes })),
            Err(reason) => problems.push(cannot_recolour::new(components, id, &Refusal::Built(reason), None)),
        }
    }
    let reason = |id| demand.changes.keys().find(|(of, _)| *of == id).and_then(|place| demand.reason(place));
    problems.extend(recolour_needed::all(components, &all, resolution, request, &reason));
    if problems.is_empty() { Ok((recoloured, warnings)) } else { Err(problems) }
}

/// What changes in the imports and exports of one instance.
fn changes(
    components: &Components<'_>,
    id: InstanceId,
    demand: &Demand<'_, '_>,
    resolution: &Resolution,
    request: &Request,
) -> Vec<Change> {
    let component = components.get(id);
    let mut changes = Vec::new();
    for import in &component.imports {
        for path in functions(components, import.ty) {
            let of = [import.name.to_string()].into_iter().chain(path.iter().cloned());
            if demand.changes.contains_key(&(id, Function::Import(of.collect()))) {
                changes.push(Change { side: Facing::Import, item: import.name.clone(), path, renamed: None });
            }
        }
    }
    for export in component.export_ids() {
        let item = components.export(export);
        let all = functions(components, item.ty);
        let mut changed = all
            .iter()
            .filter(|path| demand.changes.contains_key(&(id, demand.exported(id, item.name.as_str(), path))))
            .cloned()
            .collect::<Vec<_>>();
        let serves = |state: &ImportState| matches!(state, ImportState::Connected(c) if c.provider == export);
        let free = !resolution.imports.iter().any(|resolved| serves(&resolved.state));
        let later = pairs::later(&item.name).filter(|later| {
            let taken = component.exports.iter().any(|other| other.name == *later);
            free && !taken && changed.len() == all.len() && !request.asks_for(&component.name, &item.name)
        });
        changes.extend(changed.drain(..).map(|path| Change {
            side: Facing::Export,
            item: item.name.clone(),
            path,
            renamed: later.clone(),
        }));
    }
    changes
}

/// `demo:kv/store#get`.
fn words(path: &[String]) -> String {
    path.join("#")
}

impl std::error::Error for Unrecolourable {}

impl std::fmt::Display for Unrecolourable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<wasmparser::Error> for Unrecolourable {
    fn from(error: wasmparser::Error) -> Unrecolourable {
        Unrecolourable(error.to_string())
    }
}
