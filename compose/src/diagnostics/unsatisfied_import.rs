//! `unsatisfied-import`: nobody provides an import.

use super::{Code, Diagnostic, import_subject, import_words, suggestion};
use crate::component::{Components, ImportId};

pub(crate) const CODE: Code = Code {
    name: "unsatisfied-import",
    text: "No other input exports what an input imports, and the target runtime does not provide it.

Add the component that exports it to the command line, connect another export with `--wire`, or leave the import open
with `--allow-import` if the runtime that you have in mind provides it.",
};

pub(crate) fn new(components: &Components<'_>, import: ImportId) -> Diagnostic {
    let name = &components.import(import).name;
    let message = format!("nothing provides {}", import_words(components, import));
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    for component in components.iter().filter(|component| component.id != import.instance) {
        for export in &component.exports {
            let (offered, needed) = (export.name.interface(), name.interface());
            if let (Some(offered), Some(needed)) = (offered, needed)
                && offered.path == needed.path
            {
                diagnostic = diagnostic.note(format!(
                    "`{}` ({}) exports `{}`, which is on another version track",
                    component.name, component.file, export.name
                ));
            }
        }
    }
    if diagnostic.notes.is_empty() {
        let all = components.iter().filter(|component| component.id != import.instance);
        let names = all.flat_map(|component| component.exports.iter().map(|export| export.name.as_str()));
        if let Some(near) = suggestion(name.as_str(), names) {
            diagnostic = diagnostic.note(format!("an export has a similar name: `{near}`"));
        }
    }
    diagnostic
        .help("add the component that exports it to the command line")
        .help(format!("--allow-import '{name}'"))
}
