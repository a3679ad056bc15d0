//! Names in options: finds the instance, import or export that `--wire`, `--root` and `--export` mean.

use std::collections::BTreeMap;

use wcompose_wit::ExternName;

use crate::component::{Component, Components, ExportId, Extern, ImportId};
use crate::diagnostics::{Diagnostic, import_cycle, unknown_name};
use crate::request::Wire;

/// The wires as ids, and a diagnostic for each that names something that is not there.
pub(super) fn wires(
    components: &Components<'_>,
    wires: &[Wire],
) -> (BTreeMap<ImportId, ExportId>, Vec<Diagnostic>) {
    let (mut found, mut diagnostics) = (BTreeMap::new(), Vec::new());
    for wire in wires {
        match resolve(components, wire) {
            Ok((import, export)) => drop(found.insert(import, export)),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    (found, diagnostics)
}

fn resolve(components: &Components<'_>, wire: &Wire) -> Result<(ImportId, ExportId), Diagnostic> {
    let option = format!("--wire {wire}");
    let importer = instance(components, &wire.importer, &option)?;
    let provider = instance(components, &wire.provider, &option)?;
    let index = item(importer, &importer.imports, &wire.import, "import", &option)?;
    let import = ImportId { instance: importer.id, index };
    if importer.id == provider.id {
        return Err(import_cycle::new(components, import, &[provider.id]));
    }
    let index = match &wire.export {
        Some(name) => item(provider, &provider.exports, name, "export", &option)?,
        None => {
            let wanted = &importer.imports[import.index];
            let same = provider.exports.iter().position(|export| export.name == wanted.name);
            same.or_else(|| provider.exports.iter().position(|export| export.key() == wanted.key()))
                .ok_or_else(|| {
                    unknown_name::item(&option, "export", wanted.name.as_str(), provider, &provider.exports)
                })?
        }
    };
    Ok((import, ExportId { instance: provider.id, index }))
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
        _ => Err(unknown_name::item(option, what, name, component, externs)),
    }
}
