//! `eager-only`: an adapter cannot wait, and a function behind it may have to be waited for.

use super::{Code, Diagnostic, import_subject, import_words, listed};
use crate::component::{Components, ExportId, ImportId};

pub(crate) const CODE: Code = Code {
    name: "eager-only",
    text: "An importer needs a synchronous function, and an adapter gives it an `async` one. Something synchronous may not wait
(Concurrency, \"Blocking\"), so the call works if the function returns at once; otherwise it traps, and the trap names the
connection. Whether a function returns at once may depend on what it is given. In wasmtime 48, a function that makes an
asynchronous call itself does not.

Without `--bridge adapter`, the importer is recoloured instead, and can wait. An importer that is built against the `async`
function can too.",
};

/// `functions` of the import are `async` in `provider` alone; in words.
pub(crate) fn new(
    components: &Components<'_>,
    import: ImportId,
    provider: ExportId,
    functions: &[String],
) -> Diagnostic {
    let message = format!(
        "{} cannot wait for `{}`: a call that does not return at once traps",
        import_words(components, import),
        components.get(provider.instance).name
    );
    Diagnostic::warning(CODE, import_subject(components, import), message)
        .note(format!("`async` behind an adapter: {}", listed(functions)))
        .help("leave out `--bridge adapter`: then the importer is recoloured, and can wait")
}
