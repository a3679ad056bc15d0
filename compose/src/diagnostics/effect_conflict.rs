//! `effect-conflict`: some importers need a function `async` and others do not, so no provider serves them all.

use wasmparser::component_types::ComponentEntityType;

use super::comparison::{self, Party};
use super::effect_mismatch::{importer_waits, provider_waits};
use super::{Code, Diagnostic, import_subject, import_words, listed, options};
use crate::component::{Components, ImportId};
use crate::resolve::Rejected;
use crate::types::{Difference, Part, function_name};

pub(crate) const CODE: Code = Code {
    name: "effect-conflict",
    text: "Several inputs import one interface on one version track, but some need a function of it as `async func` and others as
`func`. Neither is a subtype of the other, so no single provider, and no single import of the composition, serves them all.

Build those that need it as `func` against the `async` function, and with it the exports of theirs that call it. Or give each
group a provider of its own, with `--wire`.",
};

/// A function that importers of one interface need with different effects.
pub(crate) struct Conflict {
    function: String,
    /// Those that need it `async`.
    waiting: Vec<ImportId>,
    /// Those that do not.
    plain: Vec<ImportId>,
}

impl Conflict {
    /// The functions that `import` and another of `importers` need with different effects.
    pub(crate) fn of(components: &Components<'_>, import: ImportId, importers: &[ImportId]) -> Vec<Conflict> {
        let needs = importers.iter().map(|id| (*id, components.functions(components.import(*id))));
        let needs = needs.collect::<Vec<_>>();
        let conflicts = components.functions(components.import(import)).into_iter().map(|(function, _)| {
            let of = |is_async| {
                let needed = (function.clone(), is_async);
                needs.iter().filter(|(_, functions)| functions.contains(&needed)).map(|(id, _)| *id).collect()
            };
            let (waiting, plain) = (of(true), of(false));
            Conflict { function, waiting, plain }
        });
        conflicts.filter(|conflict| !conflict.waiting.is_empty() && !conflict.plain.is_empty()).collect()
    }

    /// Who needs it how.
    pub(crate) fn sentence(&self, components: &Components<'_>) -> String {
        let names = |importers: &[ImportId]| {
            let name = |id: &ImportId| components.get(id.instance).name.to_string();
            listed(&importers.iter().map(name).collect::<Vec<_>>())
        };
        let (waiting, plain) = (names(&self.waiting), names(&self.plain));
        let function = function_name(&self.function);
        format!("`{function}` is `async func` for {waiting}, and `func` for {plain}")
    }
}

/// `import` cannot be served, or be one with the others; `first` and `more` are its conflicts.
pub(crate) fn new(
    components: &Components<'_>,
    import: ImportId,
    (first, more): (&Conflict, &[Conflict]),
    rejected: &[Rejected],
) -> Diagnostic {
    let others = if first.plain.contains(&import) { &first.waiting } else { &first.plain };
    let other = others.first().copied().unwrap_or(import);
    let message = format!(
        "{} and {} cannot have one provider",
        import_words(components, import),
        import_words(components, other)
    );
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    diagnostic = diagnostic.compare(comparison::between(
        components,
        &Party::import(components, other, "needed"),
        &Party::import(components, import, "needed"),
        &apart(components, import, first),
        first.sentence(components),
    ));
    let shown = first.waiting.len() + first.plain.len() == 2;
    for conflict in Some(first).filter(|_| !shown).into_iter().chain(more) {
        diagnostic = diagnostic.note(conflict.sentence(components));
    }
    let all = || std::iter::once(first).chain(more);
    let mut changes = Vec::new();
    for id in &first.plain {
        let plain = all().filter(|conflict| conflict.plain.contains(id));
        let names = plain.map(|conflict| conflict.function.clone()).collect::<Vec<_>>();
        changes.push(importer_waits(components, components.get(id.instance), &names));
    }
    for Rejected { provider, .. } in rejected {
        let component = components.get(provider.instance);
        let offered = components.functions(components.export(*provider));
        let plain = all().map(|conflict| conflict.function.clone());
        let plain = plain.filter(|function| offered.contains(&(function.clone(), false))).collect::<Vec<_>>();
        let effect = if plain.contains(&first.function) { "func" } else { "async func" };
        diagnostic = diagnostic.note(format!(
            "`{}` ({}) has `{}` as `{effect}`",
            component.name,
            component.file,
            function_name(&first.function)
        ));
        if !plain.is_empty() {
            changes.push(provider_waits(component, &plain));
        }
    }
    let importer = &components.get(import.instance).name;
    changes.into_iter().fold(diagnostic, Diagnostic::help).help(format!(
        "or add a provider for `{importer}` alone, and connect it: {}",
        options::wire_to(components, import, "PROVIDER")
    ))
}

/// The difference in effect alone, as a place.
fn apart(components: &Components<'_>, import: ImportId, conflict: &Conflict) -> Difference {
    let place = match components.import(import).ty {
        ComponentEntityType::Instance(_) => vec![Part::Function(conflict.function.clone())],
        _ => Vec::new(),
    };
    let effect = || Some(Part::Effect);
    Difference {
        place,
        effect_only: true,
        parts: [effect(), effect()],
        ..Difference::of_all("func", "async func")
    }
}
