//! `unsatisfied-import`: nobody provides an import.

use std::collections::BTreeSet;

use wasmparser::component_types::ComponentEntityType;
use wcompose_wit::ExternName;

use super::effect_conflict::Conflict;
use super::{Code, Diagnostic, import_subject, import_words, listed, options, suggestion};
use crate::component::{Component, Components, ExportId, Extern, ImportId};
use crate::resolve::can_be_passed_on;
use crate::target::Target;

pub(crate) const CODE: Code = Code {
    name: "unsatisfied-import",
    text: "No other input exports what an input imports, and the target runtime does not provide it. The notes name near misses: the
same interface on another version track, an interface with the same functions under another name, a plain function where
an interface is imported or the other way round, and a name that differs by a letter. Where one of another name fits, the
help has the wire to it.

Add the component that exports it to the inputs, connect another export with `--wire`, or leave the import open
with `--allow-import` if the runtime that you have in mind provides it.",
};

/// `fit`: exports of other names that fit; `conflicts`: what other importers of the same interface need with another
/// effect.
pub(crate) fn new(
    components: &Components<'_>,
    import: ImportId,
    target: &Target,
    fit: &[ExportId],
    conflicts: &[Conflict],
) -> Diagnostic {
    let needed = components.import(import);
    let message = format!("nothing provides {}", import_words(components, import));
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    for id in others(components, import) {
        let (component, export) = (components.get(id.instance), components.export(id));
        let Some(miss) = near_miss(components, needed, export) else { continue };
        let Component { name, file, .. } = component;
        diagnostic =
            diagnostic.note(format!("`{name}` ({file}) exports `{}`, {}", export.name, miss.words()));
        if fit.contains(&id) {
            diagnostic = diagnostic.help(options::wire(components, import, id));
        }
    }
    diagnostic.notes.extend(of_target(needed, target));
    if diagnostic.notes.is_empty() {
        let names = others(components, import).map(|id| components.export(id).name.as_str());
        let provided = target.provided();
        if let Some(near) = suggestion(needed.name.as_str(), names) {
            diagnostic = diagnostic.note(format!("an export has a similar name: `{near}`"));
        } else if let Some(near) = suggestion(needed.name.as_str(), provided.iter().map(ExternName::as_str)) {
            diagnostic = diagnostic.note(format!("{} provides `{near}`, a similar name", target.name()));
        }
    }
    for conflict in conflicts {
        let sentence = conflict.sentence(components);
        diagnostic = diagnostic.note(format!("no single provider serves all who import it: {sentence}"));
    }
    diagnostic = diagnostic.help("add the component that exports it to the inputs");
    if can_be_passed_on(components, needed.ty) {
        diagnostic = diagnostic.help(options::allow_import(needed.name.as_str()));
    }
    diagnostic
}

/// What the target has of the interface on other tracks.
fn of_target(needed: &Extern, target: &Target) -> Option<String> {
    let provided = target.provided();
    let missed = provided.iter().filter_map(|name| Some((name, Miss::of_track(name, &needed.name)?)));
    let (names, misses): (Vec<_>, Vec<_>) = missed.map(|(name, miss)| (name.to_string(), miss)).unzip();
    let provides = format!("{} provides it on another version track: {}", target.name(), listed(&names));
    Some(match misses.first()? {
        Miss::PreRelease => format!("{provides}; a pre-release matches only itself"),
        _ => provides,
    })
}

/// The exports of the other instances.
fn others(components: &Components<'_>, import: ImportId) -> impl Iterator<Item = ExportId> {
    let others = components.iter().filter(move |component| component.id != import.instance);
    others.flat_map(|component| component.export_ids())
}

/// How an export misses an import, or the other way round.
#[derive(Clone, Copy)]
pub(super) enum Miss {
    OtherTrack,
    PreRelease,
    SameFunctions,
    FunctionForInterface,
    InterfaceForFunction,
}

impl Miss {
    /// How an interface misses the same interface at a version on another track.
    pub(super) fn of_track(offered: &ExternName, needed: &ExternName) -> Option<Miss> {
        let (offered, needed) = (offered.interface()?, needed.interface()?);
        let versions = [&offered.version, &needed.version];
        let pre_release = versions.into_iter().flatten().any(|version| !version.pre.is_empty());
        let miss = if pre_release { Miss::PreRelease } else { Miss::OtherTrack };
        (offered.path == needed.path).then_some(miss)
    }

    pub(super) fn words(self) -> &'static str {
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
    if let Some(miss) = Miss::of_track(&export.name, &needed.name) {
        return Some(miss);
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
