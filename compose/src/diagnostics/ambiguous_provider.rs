//! `ambiguous-provider`: several providers fit, and nothing says which is meant.

use std::collections::BTreeSet;

use super::{Code, Diagnostic, import_subject, import_words, options};
use crate::component::{Components, ExportId, ImportId};

pub(crate) const CODE: Code = Code {
    name: "ambiguous-provider",
    text: "Several inputs export what another imports, and all of them fit. The order of the command line decides only among
middleware: if every candidate but the last imports what it exports, they form a chain. Otherwise one of the `--wire`
options in the help says which one is meant.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId, choices: &[ExportId]) -> Diagnostic {
    let several =
        choices.iter().map(|choice| choice.instance).collect::<BTreeSet<_>>().len() == choices.len();
    // One input may export an interface in several versions.
    let what = if several { "inputs" } else { "exports" };
    let message = format!("{} could be served by {} {what}", import_words(components, import), choices.len());
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    for choice in choices {
        let component = components.get(choice.instance);
        let export = &components.export(*choice).name;
        diagnostic = diagnostic
            .note(format!("`{}` ({}) exports `{export}`", component.name, component.file))
            .help(options::wire(components, import, *choice));
    }
    let key = components.import(import).key();
    let middleware =
        |id: &&ExportId| components.get(id.instance).imports.iter().any(|import| import.key() == key);
    let mut ends = choices.iter().filter(|id| !middleware(id));
    if let (Some(end), None) = (ends.next(), ends.next()) {
        let name = &components.get(end.instance).name;
        diagnostic =
            diagnostic.help(format!("or put `{name}` last, so that the others form a chain before it"));
    }
    diagnostic
}
