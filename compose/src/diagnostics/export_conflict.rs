//! `export-conflict`: two exports of the composition have one name.

use wcompose_wit::ExternName;

use super::{Code, Diagnostic, Subject};
use crate::component::{Components, ExportId};

pub(crate) const CODE: Code = Code {
    name: "export-conflict",
    text: "Two instances would export something under one name. Rename one with `--export NEW=INSTANCE:EXPORT`, or leave one of the
roots out of `--root`.",
};

pub(crate) fn new(
    components: &Components<'_>,
    name: &ExternName,
    first: ExportId,
    second: ExportId,
) -> Diagnostic {
    let export = &components.export(second).name;
    let [first, second] = [first, second].map(|id| components.get(id.instance));
    let subject = Subject {
        file: Some(second.file.clone()),
        instance: Some(second.name.to_string()),
        item: Some(name.to_string()),
    };
    let message = format!("`{}` and `{}` both export `{name}`", first.name, second.name);
    Diagnostic::error(CODE, subject, message)
        .note(format!("`{}` is {}", first.name, first.file))
        .note(format!("`{}` is {}", second.name, second.file))
        .help(format!("--root {} --export NEW={}:{export}", first.name, second.name))
}
