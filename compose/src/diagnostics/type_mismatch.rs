//! `type-mismatch`: a provider has the right name and the wrong type.

use super::comparison::{self, Party};
use super::{Code, Diagnostic, import_subject, import_words, options};
use crate::component::{Component, Components, ExportId, Extern, ImportId};
use crate::resolve::{Origin, Rejected, Why};

pub(crate) const CODE: Code = Code {
    name: "type-mismatch",
    text: "An input exports what another imports, but the types differ: a function is missing, or a parameter, result, field, case
or payload has another type. What the importer expects and what the provider has is shown at the first difference.

Build both sides against the same WIT, or connect another export with `--wire`; the help names those that fit.",
};

/// Exports that fit where a candidate does not, so that a wire could name them.
pub(crate) struct Others {
    pub exports: Vec<ExportId>,
    /// Whether a wire named that candidate: an import takes one.
    pub wired: bool,
}

pub(crate) fn new(
    components: &Components<'_>,
    import: ImportId,
    rejected: &[Rejected],
    others: &Others,
) -> Diagnostic {
    let message = message(components, import, rejected);
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    let diagnostic = with_candidates(diagnostic, components, import, rejected);
    let diagnostic = with_others(diagnostic, components, import, others);
    let diagnostic = rejected.iter().fold(diagnostic, |diagnostic, Rejected { provider, renames, .. }| {
        match renames.is_empty() {
            true => diagnostic.help(build_against(components, import, *provider)),
            false => diagnostic.help("name functions of one type in the wires"),
        }
    });
    with_host(diagnostic, components, import)
}

/// What both sides have to be built against.
fn build_against(components: &Components<'_>, import: ImportId, provider: ExportId) -> String {
    let [importer, of] = [import.instance, provider.instance].map(|id| &components.get(id).name);
    let interface = |item: &Extern| {
        let name = item.implements.as_ref().unwrap_or(&item.name).interface()?;
        let package = name.path.split('/').next()?.to_owned();
        Some(name.version.as_ref().map_or(package.clone(), |version| format!("{package}@{version}")))
    };
    match [components.import(import), components.export(provider)].map(interface) {
        [Some(needed), Some(offered)] if needed == offered => {
            format!("build `{importer}` and `{of}` against the same WIT of `{needed}`")
        }
        [Some(needed), Some(offered)] => {
            format!(
                "build `{of}` against `{needed}`, as `{importer}` is, or `{importer}` against `{offered}`"
            )
        }
        _ => format!("give it the same type in the worlds of `{importer}` and `{of}`"),
    }
}

/// Adds the wires to exports that fit.
pub(super) fn with_others(
    diagnostic: Diagnostic,
    components: &Components<'_>,
    import: ImportId,
    others: &Others,
) -> Diagnostic {
    let instead = if others.wired { " in place of the wire that is given" } else { "" };
    others.exports.iter().fold(diagnostic, |diagnostic, other| {
        diagnostic.help(format!("{}{instead}", options::wire(components, import, *other)))
    })
}

/// Adds how to leave the import to the host, if the host would serve it: a provider that does not fit must not give way
/// to it in silence, but may aloud.
pub(super) fn with_host(diagnostic: Diagnostic, components: &Components<'_>, import: ImportId) -> Diagnostic {
    let name = &components.import(import).name;
    match components.host.provides(&name.key()) {
        Some(_) => {
            diagnostic.help(format!("{} to leave it to the host", options::allow_import(name.as_str())))
        }
        None => diagnostic,
    }
}

/// The head line of every diagnostic about candidates that do not fit.
pub(super) fn message(components: &Components<'_>, import: ImportId, rejected: &[Rejected]) -> String {
    let import = import_words(components, import);
    match rejected {
        [only] => {
            let provider = components.get(only.provider.instance);
            format!("{import} does not fit the export of `{}` ({})", provider.name, provider.file)
        }
        several => format!("{import} does not fit any of the {} inputs that export it", several.len()),
    }
}

/// Adds what was tried and why it failed.
pub(super) fn with_candidates(
    mut diagnostic: Diagnostic,
    components: &Components<'_>,
    import: ImportId,
    rejected: &[Rejected],
) -> Diagnostic {
    let several = rejected.len() > 1;
    for Rejected { provider, renames, misfit } in rejected {
        let component = components.get(provider.instance);
        let of = if several { format!("`{}` ({}): ", component.name, component.file) } else { String::new() };
        let needed = Party::import(components, import, "expected");
        let offered = Party { renames, ..Party::export(components, *provider, "found") };
        let sentence = format!("{of}{}", misfit.difference.sentence());
        diagnostic = diagnostic.compare(comparison::between(
            components,
            &needed,
            &offered,
            &misfit.difference,
            sentence,
        ));
        let importer = components.get(import.instance);
        if let Why::Identity { needed, offered } = &misfit.why {
            diagnostic = diagnostic
                .note(has_it(components, importer, needed))
                .note(has_it(components, component, offered));
        }
        let (import, export) = (&components.import(import).name, &components.export(*provider).name);
        if import != export {
            diagnostic = diagnostic.note(format!("the export is named `{export}`"));
        }
    }
    diagnostic
}

/// Where a side has a resource from.
fn has_it(components: &Components<'_>, side: &Component<'_>, origin: &Origin) -> String {
    match origin {
        Origin::Instance(id, place) if *id == side.id => format!("`{}` defines it in `{place}`", side.name),
        Origin::Instance(id, place) => {
            let Component { name, file, .. } = components.get(*id);
            format!("`{}` has it from `{name}` ({file}), which defines it in `{place}`", side.name)
        }
        Origin::Host(place) => format!("`{}` has it from the host, through `{place}`", side.name),
        Origin::Unknown => format!("`{}` has it from where no import or export shows it", side.name),
    }
}
