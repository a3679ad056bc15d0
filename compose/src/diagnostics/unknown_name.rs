//! `unknown-name`: an option names an instance, import, export or function that is not there.

use super::{Code, Diagnostic, Subject, listed, suggestion};
use crate::component::{Component, Components, Extern};

pub(crate) const CODE: Code = Code {
    name: "unknown-name",
    text: "`--wire`, `--root` or `--export` names an instance, import, export or function that does not exist, or leaves out a version
where several versions are there. The notes list what exists.",
};

/// There is no instance of that name.
pub(crate) fn instance(option: &str, name: &str, components: &Components<'_>) -> Diagnostic {
    let message = format!("no instance is named `{name}` in `{option}`");
    let subject = Subject { instance: Some(name.into()), ..Subject::default() };
    let names = || components.iter().map(|component| component.name.as_str());
    let list = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let diagnostic = Diagnostic::error(CODE, subject, message).note(format!("the instances are {list}"));
    match suggestion(name, names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// The instance has no such import or export (`what`).
pub(crate) fn item(
    option: &str,
    what: &'static str,
    name: &str,
    component: &Component<'_>,
    externs: &[Extern],
) -> Diagnostic {
    let message = format!("`{}` has no {what} `{name}`, in `{option}`", component.name);
    let diagnostic = listing(message, what, name, component, externs);
    // A name may be given in full, without its version, or as the interface alone: a slip in any of them counts.
    let forms = |item: &'_ Extern| -> Vec<String> {
        let path = item.name.interface().map_or(item.name.as_str(), |interface| &interface.path);
        let last = path.rsplit('/').next().unwrap_or(path);
        [item.name.as_str(), path, last].map(str::to_owned).to_vec()
    };
    let forms = externs.iter().flat_map(forms).collect::<Vec<_>>();
    match suggestion(name, forms.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// The import or export has no such function.
pub(crate) fn function(
    option: &str,
    name: &str,
    component: &Component<'_>,
    item: &Extern,
    functions: &[String],
) -> Diagnostic {
    let message = format!("`{}` of `{}` has no function `{name}`, in `{option}`", item.name, component.name);
    let subject = Subject { item: Some(item.name.to_string()), ..Subject::of(component) };
    let note = if functions.is_empty() {
        "it has no functions".into()
    } else {
        format!("its functions are {}", listed(functions))
    };
    let diagnostic = Diagnostic::error(CODE, subject, message).note(note);
    match suggestion(name, functions.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// The name means several imports or exports of the instance.
pub(crate) fn several(
    option: &str,
    what: &'static str,
    name: &str,
    component: &Component<'_>,
    externs: &[Extern],
) -> Diagnostic {
    let message = format!("`{name}` means several {what}s of `{}`, in `{option}`", component.name);
    listing(message, what, name, component, externs)
}

fn listing(
    message: String,
    what: &'static str,
    name: &str,
    component: &Component<'_>,
    externs: &[Extern],
) -> Diagnostic {
    let subject = Subject {
        file: Some(component.file.clone()),
        instance: Some(component.name.to_string()),
        item: Some(name.into()),
    };
    let list = externs.iter().map(|item| format!("`{}`", item.name)).collect::<Vec<_>>().join(", ");
    let list = if list.is_empty() { format!("it has no {what}s") } else { format!("its {what}s are {list}") };
    Diagnostic::error(CODE, subject, message).note(list)
}
