//! `effect-mismatch`: one side is `async`, the other is not, and all else is equal.

use super::type_mismatch::{self, Others};
use super::{Code, Diagnostic, import_subject, listed};
use crate::component::{Component, Components, ImportId};
use crate::resolve::Rejected;
use crate::types::function_name;

pub(crate) const CODE: Code = Code {
    name: "effect-mismatch",
    text: "A provider has everything that an importer needs, but a function is `async` on one side and not on the other. In the
Component Model, `async` is part of a function's type, and neither is a subtype of the other (Concurrency, \"Async
functions\"). By default wcompose recolours the synchronous side; here `--bridge none` forbids it, or there should
be an adapter, which passes on functions and types only, and the interface holds something else.

Leave the option out. Or build anew: where the import is `async` and the export is not, it is enough to give the export the
type `async func`: its code may stay as it is, and be lifted as before. Where the import is not `async`, the importer has to
be built against the `async` function, and each export of it from which the call is reached must be `async` as well: a
function whose type is not `async` may not wait.",
};

pub(crate) fn new(
    components: &Components<'_>,
    import: ImportId,
    rejected: &[Rejected],
    others: &Others,
) -> Diagnostic {
    let message = type_mismatch::message(components, import, rejected);
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    let mut diagnostic = type_mismatch::with_candidates(diagnostic, components, import, rejected);
    diagnostic = type_mismatch::with_others(diagnostic, components, import, others);
    let mut bridged = false;
    for Rejected { provider, renames, .. } in rejected {
        let (importer, of) = (components.get(import.instance), components.get(provider.instance));
        let served = components.served(import, *provider, renames).into_iter();
        let apart = served.filter(|served| served.needed_async != served.offered_async);
        let (waiting, plain): (Vec<_>, Vec<_>) = apart.partition(|served| served.needed_async);
        if !waiting.is_empty() {
            let offered = waiting.into_iter().map(|served| served.offered).collect::<Vec<_>>();
            diagnostic = diagnostic.help(provider_waits(of, &offered));
        }
        if !plain.is_empty() && !bridged {
            bridged = true;
            let needed = plain.into_iter().map(|served| served.needed).collect::<Vec<_>>();
            diagnostic = diagnostic.help(importer_waits(components, importer, &needed));
        }
    }
    type_mismatch::with_host(diagnostic, components, import)
}

/// What makes a provider fit that has `functions` not `async`.
pub(super) fn provider_waits(provider: &Component<'_>, functions: &[String]) -> String {
    let (functions, provider) = (in_wit(functions), &provider.name);
    format!("declare {functions} as `async func` in the WIT of `{provider}`: its code and ABI may stay")
}

/// What makes an importer fit that needs `functions` not `async`.
pub(super) fn importer_waits(
    components: &Components<'_>,
    importer: &Component<'_>,
    functions: &[String],
) -> String {
    let them = if functions.len() == 1 { "it" } else { "them" };
    let (functions, reaching) = (in_wit(functions), reaching(components, importer, them));
    format!("declare {functions} as `async func` in the WIT of `{}`{reaching}", importer.name)
}

/// Which exports of the importer may have to be `async` as well, because they call `them`.
fn reaching(components: &Components<'_>, importer: &Component<'_>, them: &str) -> String {
    let mut exports = Vec::new();
    for export in &importer.exports {
        // A constructor is never `async`.
        let plain = |(name, is_async): &(String, bool)| !is_async && !name.starts_with("[constructor]");
        let functions = components.functions(export).into_iter().filter(plain).map(|(name, _)| name);
        exports.extend(functions.map(|name| match export.name.interface() {
            Some(_) => format!("{}` of `{}", function_name(&name), export.name),
            None => name,
        }));
    }
    let run = importer.exports.iter().find(|export| export.name.as_str().starts_with("wasi:cli/run@0.2"));
    let run = run.map_or(String::new(), |run| format!("; `{}` is then `wasi:cli/run@0.3.0`", run.name));
    match exports.as_slice() {
        [] => String::new(),
        [only] => format!(", and `{only}` if it calls {them}{run}"),
        several => format!(", and those of {} that call {them}{run}", listed(several)),
    }
}

/// The names of functions as WIT has them.
fn in_wit(functions: &[String]) -> String {
    listed(&functions.iter().map(|name| function_name(name)).collect::<Vec<_>>())
}
