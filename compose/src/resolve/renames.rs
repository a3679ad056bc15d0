//! Functions of other names: which function of an export serves which of an import, where a wire connects interfaces of
//! different names. Functions of one name are one; what is left over is paired by type, if that can be done in one way.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use wasmparser::component_types::ComponentEntityType;

use super::Why;
use super::by_name::connectable;
use super::candidates::{Structure, misfit};
use super::lookup::{Wired, Wires};
use crate::adapt::can_rename;
use crate::component::{Components, ImportId};
use crate::diagnostics::{Diagnostic, ambiguous_function, unsupported_import};
use crate::request::Rename;

/// Completes the wires with what the types leave no choice about, and a diagnostic for each function about which they
/// do. A function that nothing fits stays without: that is told as any misfit.
pub(super) fn paired(components: &Components<'_>, wires: Wires) -> (Wires, Vec<Diagnostic>) {
    let Wires { connections, mut dangling } = wires;
    let (mut paired, mut diagnostics) = (BTreeMap::new(), Vec::new());
    let wired = connections.iter().map(|(import, wired)| (*import, wired.provider)).collect::<Vec<_>>();
    let nominal = LazyCell::new(|| connectable(components, wired));
    for (import, wired) in connections {
        let (needed, offered) = (components.import(import), components.export(wired.provider));
        let renames = if needed.key() == offered.key() {
            // Under one name a function that is lacking is a mistake, not one of another name.
            Ok(wired.renames.clone())
        } else {
            let structure = Structure::of(components, import, wired.provider, &nominal);
            pair(components, import, &wired, &structure)
        };
        let renames =
            renames.and_then(|renames| match renames.is_empty() || can_rename(components, import) {
                true => Ok(renames),
                false => Err(vec![unsupported_import::renamed(components, import)]),
            });
        match renames {
            Ok(renames) => drop(paired.insert(import, Wired { renames, ..wired })),
            Err(problems) => {
                dangling.insert(import);
                diagnostics.extend(problems);
            }
        }
    }
    (Wires { connections: paired, dangling }, diagnostics)
}

/// A function of an import or export.
type Function<'c> = (&'c String, ComponentEntityType);

fn pair(
    components: &Components<'_>,
    import: ImportId,
    wired: &Wired,
    structure: &Structure<'_>,
) -> Result<Vec<Rename>, Vec<Diagnostic>> {
    let (needed, offered) = (components.import(import), components.export(wired.provider));
    let (needed, offered) = (components.functions_inside(needed), components.functions_inside(offered));
    let decided = |name: &String| wired.renames.iter().any(|rename| rename.needed == *name);
    let taken = |name: &String| {
        needed.iter().any(|(other, _)| *other == name && !decided(other))
            || wired.renames.iter().any(|rename| rename.offered == *name)
    };
    let has = |name: &String| offered.iter().any(|(other, _)| *other == name);
    let open = needed.iter().filter(|(name, _)| is_plain(name) && !has(name) && !decided(name));
    let free = offered.iter().filter(|(name, _)| is_plain(name) && !taken(name)).copied().collect::<Vec<_>>();
    if free.is_empty() {
        return Ok(wired.renames.clone());
    }
    let choices = open.map(|function| (function.0, fitting(components, structure, *function, &free)));
    let choices = choices.collect::<Vec<_>>();
    let (mut renames, mut problems) = (wired.renames.clone(), Vec::new());
    for (name, fit) in &choices {
        let shared =
            |other: &&(&String, Vec<&String>)| other.0 != *name && fit.iter().any(|f| other.1.contains(f));
        let rivals = choices.iter().filter(shared).map(|(other, _)| (*other).clone()).collect::<Vec<_>>();
        match (fit.as_slice(), rivals.as_slice()) {
            ([], _) => {}
            ([only], []) => renames.push(Rename { needed: (*name).clone(), offered: (*only).clone() }),
            _ => problems.push(ambiguous_function::new(
                components,
                (import, wired.provider),
                name,
                fit,
                &rivals,
            )),
        }
    }
    renames.sort();
    if problems.is_empty() { Ok(renames) } else { Err(problems) }
}

/// The functions of `free` whose type fits; if none does, those that differ in effect alone: they can be bridged.
fn fitting<'c>(
    components: &Components<'_>,
    structure: &Structure<'_>,
    (_, needed): Function<'c>,
    free: &[Function<'c>],
) -> Vec<&'c String> {
    let mut fit = structure.fit(components);
    let same = |a, b| structure.same(a, b);
    let verdicts = free.iter().map(|(name, offered)| {
        let verdict = fit.check(*offered, needed);
        (
            *name,
            verdict.map_err(|error| misfit(components, *offered, &[], needed, &same, error.message()).why),
        )
    });
    let verdicts = verdicts.collect::<Vec<_>>();
    let of = |wanted| verdicts.iter().filter(move |(_, verdict)| *verdict == wanted).map(|(name, _)| *name);
    let exact = of(Ok(())).collect::<Vec<_>>();
    if exact.is_empty() { of(Err(Why::Effect)).collect() } else { exact }
}

/// Whether a function goes by a name of its own: methods and constructors go by that of their resource.
fn is_plain(name: &str) -> bool {
    !name.starts_with('[')
}
