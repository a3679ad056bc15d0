//! `ambiguous-function`: a wire connects interfaces of different names, and several functions could serve one.

use super::{Code, Diagnostic, import_subject, import_words, listed, options};
use crate::component::{Components, ExportId, ImportId};
use crate::request::Rename;
use crate::types::function_name;

pub(crate) const CODE: Code = Code {
    name: "ambiguous-function",
    text: "A `--wire` connects interfaces of different names. Functions of one name are one; what is left over is paired by type, if
each function that is needed has exactly one of its type to be served by. Here it has several, or one that others
need as well.

Say which function serves which: there may be one `--wire` of the form in the help for each.",
};

/// `function` of the import could be served by each of `choices`; those of several are needed by `rivals` as well.
pub(crate) fn new(
    components: &Components<'_>,
    (import, provider): (ImportId, ExportId),
    function: &str,
    choices: &[&String],
    rivals: &[String],
) -> Diagnostic {
    let component = components.get(provider.instance);
    let message = format!(
        "nothing says which function of `{}` (`{}`, {}) serves `{}` of {}",
        components.export(provider).name,
        component.name,
        component.file,
        function_name(function),
        import_words(components, import),
    );
    let names = choices.iter().map(|name| (*name).clone()).collect::<Vec<_>>();
    let verb = if names.len() == 1 { "has" } else { "have" };
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message)
        .note(format!("{} {verb} its type", listed(&names)));
    let diagnostic = match rivals {
        [] => diagnostic,
        rivals => diagnostic.note(format!("{} of the import could be served by the same", listed(rivals))),
    };
    choices.iter().fold(diagnostic, |diagnostic, offered| {
        let rename = Rename { needed: function.into(), offered: (*offered).clone() };
        diagnostic.help(options::wire_function(components, import, provider, &rename))
    })
}
