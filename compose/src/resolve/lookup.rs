//! Names in options: finds the instance, import or export that `--wire`, `--root` and `--export` mean.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use wcompose_wit::ExternName;

use crate::component::{Component, Components, ExportId, Extern, ImportId};
use crate::diagnostics::{Diagnostic, import_cycle, unknown_name, wire_conflict};
use crate::request::{Consent, Rename, Request, Wire};

/// The wires that were asked for.
#[derive(Default)]
pub(super) struct Wires {
    /// What each wired import is connected to.
    pub connections: BTreeMap<ImportId, Wired>,
    /// Imports that a wire names without naming a provider. That they are not satisfied is no problem of its own.
    pub dangling: BTreeSet<ImportId>,
}

/// What wires say of one import.
#[derive(Clone)]
pub(super) struct Wired {
    /// The export that serves it.
    pub provider: ExportId,
    /// Its functions that the export has under other names.
    pub renames: Vec<Rename>,
}

/// The wires as ids, and a diagnostic for each that names something that is not there or contradicts another. A default that
/// contradicts what was asked for does not count.
pub(super) fn wires(components: &Components<'_>, request: &Request) -> (Wires, Vec<Diagnostic>) {
    let (mut found, mut diagnostics) = (Wires::default(), Vec::new());
    let mut earlier = BTreeMap::<ImportId, Vec<_>>::new();
    let names = LazyCell::new(|| Names::of(components));
    let asked = request.wires.iter().map(|wire| (wire, false));
    let defaults = request.default_wires.iter().map(|wire| (wire, true));
    for (wire, is_default) in asked.chain(defaults) {
        let option = format!("--wire {wire}");
        let import = match importer(&names, wire, &option) {
            Ok(import) => import,
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                continue;
            }
        };
        let needed = wire.function.as_ref().map(|function| &function.needed);
        let importer = (components.get(import.instance), components.import(import));
        let function = function(components, importer, needed, &option);
        match function.and_then(|()| provider(&names, wire, import, &option)) {
            Ok(export) => {
                let meant = (export, wire);
                let earlier = earlier.entry(import).or_default();
                if let Some((other, of_default)) = earlier.iter().find(|(other, _)| contradict(other, &meant))
                {
                    if is_default == *of_default {
                        diagnostics.push(wire_conflict::new(components, import, other.1, wire));
                    }
                    continue;
                }
                earlier.push((meant, is_default));
                let wired = found.connections.entry(import);
                let wired = wired.or_insert(Wired { provider: export, renames: Vec::new() });
                wired.renames.extend(wire.function.clone());
                wired.renames.sort();
                wired.renames.dedup();
            }
            Err(diagnostic) => {
                found.dangling.insert(import);
                diagnostics.push(diagnostic);
            }
        }
    }
    (found, diagnostics)
}

/// Whether two wires of an import cannot both be followed: it takes one export, and one of its functions one of that.
fn contradict(a: &(ExportId, &Wire), b: &(ExportId, &Wire)) -> bool {
    let functions = || match (&a.1.function, &b.1.function) {
        (Some(a), Some(b)) => a.needed == b.needed && a.offered != b.offered,
        _ => false,
    };
    a.0 != b.0 || functions()
}

/// The instances by name.
struct Names<'c, 'a> {
    components: &'c Components<'a>,
    instances: BTreeMap<&'c str, &'c Component<'a>>,
}

impl<'c, 'a> Names<'c, 'a> {
    fn of(components: &'c Components<'a>) -> Names<'c, 'a> {
        let instances = components.iter().map(|component| (component.name.as_str(), component));
        Names { components, instances: instances.collect() }
    }

    fn instance(&self, name: &str, option: &str) -> Result<&'c Component<'a>, Diagnostic> {
        let found = self.instances.get(name).copied();
        found.ok_or_else(|| unknown_name::instance(option, name, self.components))
    }
}

fn importer(names: &Names<'_, '_>, wire: &Wire, option: &str) -> Result<ImportId, Diagnostic> {
    let importer = names.instance(&wire.importer, option)?;
    let index = item(importer, &importer.imports, &wire.import, "import", option)?;
    Ok(ImportId { instance: importer.id, index })
}

fn provider(
    names: &Names<'_, '_>,
    wire: &Wire,
    import: ImportId,
    option: &str,
) -> Result<ExportId, Diagnostic> {
    let components = names.components;
    let provider = names.instance(&wire.provider, option)?;
    if import.instance == provider.id {
        return Err(import_cycle::new(components, &[], import, &[provider.id]));
    }
    let index = match &wire.export {
        Some(name) => item(provider, &provider.exports, name, "export", option)?,
        None => {
            let wanted = components.import(import);
            let exports = &provider.exports;
            let exact = exports.iter().position(|export| export.name == wanted.name);
            let mut fitting = exports.iter().enumerate().filter(|(_, export)| export.key() == wanted.key());
            let name = wanted.name.as_str();
            match (exact, fitting.next(), fitting.next()) {
                (Some(index), _, _) | (None, Some((index, _)), None) => index,
                (None, Some(_), Some(_)) => {
                    return Err(unknown_name::several(option, "export", name, provider, exports));
                }
                (None, None, _) => return Err(unknown_name::item(option, "export", name, provider, exports)),
            }
        }
    };
    let offered = wire.function.as_ref().map(|function| &function.offered);
    function(components, (provider, &provider.exports[index]), offered, option)?;
    Ok(ExportId { instance: provider.id, index })
}

/// Fails if the import or export is no interface with a function of that name.
fn function(
    components: &Components<'_>,
    (component, item): (&Component<'_>, &Extern),
    name: Option<&String>,
    option: &str,
) -> Result<(), Diagnostic> {
    let Some(name) = name else { return Ok(()) };
    let functions = components.functions_inside(item);
    if functions.iter().any(|(function, _)| *function == name) {
        return Ok(());
    }
    let names = functions.iter().map(|(function, _)| (*function).clone()).collect::<Vec<_>>();
    Err(unknown_name::function(option, name, component, item, &names))
}

/// A diagnostic for each name of an instance in `--recolour` that is not there.
pub(super) fn consent(components: &Components<'_>, consent: &Consent) -> Vec<Diagnostic> {
    let Consent::Of(names) = consent else { return Vec::new() };
    let found = names.iter().map(|name| instance(components, name, &format!("--recolour={name}")));
    found.filter_map(Result::err).collect()
}

/// The instance of that name.
pub(super) fn instance<'c, 'a>(
    components: &'c Components<'a>,
    name: &str,
    option: &str,
) -> Result<&'c Component<'a>, Diagnostic> {
    components.by_name(name).ok_or_else(|| unknown_name::instance(option, name, components))
}

/// The import or export that `name` means: its full name, or its name without the version if only one has it.
pub(super) fn item(
    component: &Component<'_>,
    externs: &[Extern],
    name: &str,
    what: &'static str,
    option: &str,
) -> Result<usize, Diagnostic> {
    if let Some(exact) = externs.iter().position(|item| item.name.as_str() == name) {
        return Ok(exact);
    }
    let wanted = ExternName::new(name);
    let mut loose = externs.iter().enumerate().filter(|(_, item)| {
        let path = item.name.interface().map_or(item.name.as_str(), |interface| &interface.path);
        match wanted.version() {
            Some(_) => item.name.key() == wanted.key(),
            None => path == name || path.rsplit('/').next() == Some(name),
        }
    });
    match (loose.next(), loose.next()) {
        (Some((index, _)), None) => Ok(index),
        (Some(_), Some(_)) => Err(unknown_name::several(option, what, name, component, externs)),
        (None, _) => Err(unknown_name::item(option, what, name, component, externs)),
    }
}
