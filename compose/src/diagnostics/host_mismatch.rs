//! `host-mismatch`: the target provides an interface of that name, but not as the importer needs it.

use super::comparison::{self, Party};
use super::{Code, Diagnostic, import_subject, import_words, options};
use crate::component::{Components, ImportId};
use crate::target::Target;
use crate::types::Difference;

pub(crate) const CODE: Code = Code {
    name: "host-mismatch",
    text: "No input exports what an input imports. The target runtime has an interface of that name on that version track, but
without a function that is needed, or with another type: the component was built for a newer runtime, or against a
changed interface. It would fail when the runtime instantiates it.

Choose the runtime that it is for with `--target`, provide the interface from another input, or leave the import open
with `--allow-import` if the runtime that you have in mind provides it.",
};

pub(crate) fn new(
    components: &Components<'_>,
    import: ImportId,
    target: &Target,
    difference: &Difference,
) -> Diagnostic {
    let message =
        format!("{} needs what {} does not provide", import_words(components, import), target.name());
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    diagnostic = match components.host.provides(&components.import(import).name.key()) {
        Some(item) => {
            let needed = Party::import(components, import, "expected");
            let origin = format!("{} {}", target.name(), item.name);
            let offered =
                Party { name: target.name().into(), origin, item, renames: &[], label: "found".into() };
            let sentence = difference.sentence();
            let importer = &components.get(import.instance).name;
            diagnostic
                .compare(comparison::between(components, &needed, &offered, difference, sentence))
                .help(format!("build `{importer}` against `{}` as {} has it", item.name, target.name()))
        }
        None => diagnostic.note(difference.sentence()),
    };
    diagnostic.help(options::allow_import(components.import(import).name.as_str()))
}
