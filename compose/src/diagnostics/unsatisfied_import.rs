//! `unsatisfied-import`: nobody provides an import.

use std::collections::BTreeSet;

use wasmparser::component_types::ComponentEntityType;

use super::effect_conflict::Conflict;
use super::{Code, Diagnostic, import_subject, import_words, options, suggestion};
use crate::component::{Component, Components, ExportId, Extern, ImportId};

pub(crate) const CODE: Code = Code {
    name: "unsatisfied-import",
    text: "No other input exports what an input imports, and the target runtime does not provide it. The notes name near misses: the
same interface on another version track, an interface with the same functions under another name, a plain function where
an interface is imported or the other way round, and a name that differs by a letter.

Add the component that exports it to the command line, connect another export with `--wire`, or leave the import open
with `--allow-import` if the runtime that you have in mind provides it.",
};

/// `conflicts`: what other importers of the same interface need with another effect.
pub(crate) fn new(components: &Components<'_>, import: ImportId, conflicts: &[Conflict]) -> Diagnostic {
    let needed = components.import(import);
    let message = format!("nothing provides {}", import_words(components, import));
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    for id in others(components, import) {
        let (component, export) = (components.get(id.instance), components.export(id));
        let Some(miss) = near_miss(components, needed, export) else { continue };
        let Component { name, file, .. } = component;
        diagnostic =
            diagnostic.note(format!("`{name}` ({file}) exports `{}`, {}", export.name, miss.words()));
        if let Miss::SameFunctions = miss {
            diagnostic = diagnostic.help(options::wire(components, import, id));
        }
    }
    if diagnostic.notes.is_empty() {
        let names = others(components, import).map(|id| components.export(id).name.as_str());
        if let Some(near) = suggestion(needed.name.as_str(), names) {
            diagnostic = diagnostic.note(format!("an export has a similar name: `{near}`"));
        }
    }
    for conflict in conflicts {
        let sentence = conflict.sentence(components);
        diagnostic = diagnostic.note(format!("no single provider serves all who import it: {sentence}"));
    }
    diagnostic
        .help("add the component that exports it to the command line")
        .help(options::allow_import(needed.name.as_str()))
}

/// The exports of the other instances.
fn others(components: &Components<'_>, import: ImportId) -> impl Iterator<Item = ExportId> {
    let others = components.iter().filter(move |component| component.id != import.instance);
    others.flat_map(|component| component.export_ids())
}

/// How an export misses an import.
#[derive(Clone, Copy)]
enum Miss {
    OtherTrack,
    PreRelease,
    SameFunctions,
    FunctionForInterface,
    InterfaceForFunction,
}

impl Miss {
    fn words(self) -> &'static str {
        match self {
            Miss::OtherTrack => "which is on another version track",
            Miss::PreRelease => "but a pre-release matches only itself",
            Miss::SameFunctions => "which has functions of the same names",
            Miss::FunctionForInterface => "a plain function, but an interface is imported",
            Miss::InterfaceForFunction => {
                "an interface with a function of that name, but a plain function is imported"
            }
        }
    }
}

fn near_miss(components: &Components<'_>, needed: &Extern, export: &Extern) -> Option<Miss> {
    let functions = |item: &Extern| -> Option<BTreeSet<&str>> {
        let ComponentEntityType::Instance(id) = item.ty else { return None };
        let items = components.items(id).iter();
        let functions = items.filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)));
        Some(functions.map(|(name, _)| name.as_str()).collect())
    };
    if let (Some(offered), Some(needed)) = (export.name.interface(), needed.name.interface())
        && offered.path == needed.path
    {
        let versions = [&offered.version, &needed.version];
        let pre_release = versions.into_iter().flatten().any(|version| !version.pre.is_empty());
        return Some(if pre_release { Miss::PreRelease } else { Miss::OtherTrack });
    }
    match (functions(needed), functions(export)) {
        (Some(needed), Some(offered)) if !needed.is_empty() && needed.is_subset(&offered) => {
            Some(Miss::SameFunctions)
        }
        (Some(needed), None) if needed.contains(export.name.as_str()) => Some(Miss::FunctionForInterface),
        (None, Some(offered)) if offered.contains(needed.name.as_str()) => Some(Miss::InterfaceForFunction),
        _ => None,
    }
}
