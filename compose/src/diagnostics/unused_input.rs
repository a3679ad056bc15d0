//! `unused-input`: nobody takes anything from an input that is no root.

use super::unsatisfied_import::Miss;
use super::{Code, Diagnostic, Subject, options, suggestion};
use crate::component::{Components, ExportId, InstanceId};
use crate::resolve::{ImportState, ResolvedImport};

pub(crate) const CODE: Code = Code {
    name: "unused-input",
    text: "An input serves no other instance, and its exports are not those of the composition, so the composition would not hold
it at all. The notes say why nobody took what it exports.

Take it off the command line, make it a root with `--root`, export something of it with `--export`, or accept that it is
left out with `--allow-unused`.",
};

/// `roots`: the instances that are roots, which others may join; empty where a world says what is exported.
pub(crate) fn new(
    components: &Components<'_>,
    imports: &[ResolvedImport],
    roots: &[InstanceId],
    id: InstanceId,
) -> Diagnostic {
    let component = components.get(id);
    let message = format!("nobody takes anything from `{}` ({})", component.name, component.file);
    let mut diagnostic = Diagnostic::error(CODE, Subject::of(component), message);
    if component.exports.is_empty() {
        diagnostic = diagnostic.note("it exports nothing");
    }
    for export in component.export_ids() {
        let name = &components.export(export).name;
        let same = |resolved: &&ResolvedImport| {
            resolved.import.instance != id
                && components.import(resolved.import).key() == components.export(export).key()
        };
        let mut wanted = false;
        for resolved in imports.iter().filter(same) {
            wanted = true;
            let importer = &components.get(resolved.import.instance).name;
            diagnostic = diagnostic.note(match &resolved.state {
                _ if resolved.rejected.iter().any(|rejected| rejected.provider == export) => {
                    format!("its `{name}` does not fit the import of `{importer}`")
                }
                ImportState::Connected(connection) => {
                    let provider = &components.get(connection.provider.instance).name;
                    format!("`{importer}` has `{name}` from `{provider}`")
                }
                _ => format!("`{importer}` imports `{name}`, but is not connected"),
            });
        }
        if !wanted {
            let near = near_miss(components, imports, export).unwrap_or_default();
            diagnostic = diagnostic.note(format!("nobody imports its `{name}`{near}"));
        }
    }
    if let Some(help) = before_its_provider(components, imports, roots, id) {
        diagnostic = diagnostic.help(help);
    }
    if !roots.is_empty() {
        let all = roots.iter().chain([&id]).map(|id| options::root(components.get(*id).name.as_str()));
        let all = all.collect::<Vec<_>>().join(" ");
        diagnostic = diagnostic.help(format!("{all} to export what it exports as well"));
    }
    diagnostic.help("--allow-unused to leave it out")
}

/// What to do where a root exports what the instance imports, and stands before it: instances search those behind them first, so it was passed
/// over.
fn before_its_provider(
    components: &Components<'_>,
    imports: &[ResolvedImport],
    roots: &[InstanceId],
    id: InstanceId,
) -> Option<String> {
    let own = imports.iter().filter(|resolved| resolved.import.instance == id);
    let mut connected = own.filter(|resolved| matches!(resolved.state, ImportState::Connected(_)));
    connected.find_map(|resolved| {
        let needed = components.import(resolved.import);
        let exports = |root: &InstanceId| {
            let mut exports = components.get(*root).exports.iter();
            exports.any(|export| export.key() == needed.key())
        };
        let root = roots.iter().find(|root| **root < id && exports(root))?;
        let [name, root] = [id, *root].map(|id| &components.get(id).name);
        Some(format!("put `{name}` before `{root}` to have it take `{}` from there", needed.name))
    })
}

/// The import of another instance that the export was probably meant for.
fn near_miss(components: &Components<'_>, imports: &[ResolvedImport], export: ExportId) -> Option<String> {
    let name = &components.export(export).name;
    let others = imports.iter().map(|resolved| resolved.import).filter(|id| id.instance != export.instance);
    let others = others.map(|id| (&components.get(id.instance).name, &components.import(id).name));
    let track = others.clone().find_map(|(importer, needed)| {
        let words = Miss::of_track(name, needed)?.words();
        Some(format!(": `{importer}` imports `{needed}`, {words}"))
    });
    track.or_else(|| {
        let near = suggestion(name.as_str(), others.clone().map(|(_, needed)| needed.as_str()))?;
        let (importer, _) = others.clone().find(|(_, needed)| needed.as_str() == near)?;
        Some(format!(": `{importer}` imports `{near}`, a similar name"))
    })
}
