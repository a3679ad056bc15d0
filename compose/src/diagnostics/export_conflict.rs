//! `export-conflict`: two exports of the composition have one name.

use wcompose_wit::ExternName;

use super::{Code, Diagnostic, Subject, options};
use crate::component::{Components, ExportId};

pub(crate) const CODE: Code = Code {
    name: "export-conflict",
    text: "Two instances would export something under one name. Rename one with `--export NEW=INSTANCE:EXPORT`, or leave one of the
roots out of `--root`.",
};

/// The two names may differ in case alone: for a component they are one.
pub(crate) fn new(
    components: &Components<'_>,
    first: (&ExternName, ExportId),
    second: (&ExternName, ExportId),
    second_is_of_root: bool,
) -> Diagnostic {
    let [one, two] = [first.1, second.1].map(|id| components.get(id.instance));
    let (name, other) = (second.0, first.0);
    let subject = Subject {
        file: Some(two.file.clone()),
        instance: Some(two.name.to_string()),
        item: Some(name.to_string()),
    };
    let message = if name != other {
        format!("`{other}` of `{}` and `{name}` of `{}` differ in case alone", one.name, two.name)
    } else if one.id == two.id {
        format!("`{}` would export `{name}` twice", one.name)
    } else {
        format!("`{}` and `{}` both export `{name}`", one.name, two.name)
    };
    let diagnostic = Diagnostic::error(CODE, subject, message);
    let instead = if second_is_of_root && one.id != two.id {
        options::root(two.name.as_str())
    } else {
        format!("exporting it as `{name}`")
    };
    let export = &components.export(second.1).name;
    let instances = if one.id == two.id { vec![one] } else { vec![one, two] };
    instances
        .into_iter()
        .fold(diagnostic, |diagnostic, of| diagnostic.note(format!("`{}` is {}", of.name, of.file)))
        .help(format!("{} in place of {instead}", options::export(&format!("NEW={}:{export}", two.name))))
}
