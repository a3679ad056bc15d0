//! `serialized-calls`: the calls of a recoloured instance take turns.

use super::{Code, Diagnostic, Severity, Subject};
use crate::component::{Components, InstanceId};

pub(crate) const CODE: Code = Code {
    name: "serialized-calls",
    text: "Functions of an instance became `async` although their code is synchronous. Such a function holds its instance until it
returns: while it waits for something, other calls into the instance wait for it. A component that is built as `async`
does better; one that waits for another call into itself would wait for ever.",
};

pub(crate) fn new(components: &Components<'_>, instance: InstanceId) -> Diagnostic {
    let component = components.get(instance);
    let subject = Subject {
        file: Some(component.file.clone()),
        instance: Some(component.name.to_string()),
        item: None,
    };
    let message = format!(
        "calls into `{}` ({}) take turns: synchronous functions of it became async",
        component.name, component.file
    );
    Diagnostic { severity: Severity::Warning, ..Diagnostic::error(CODE, subject, message) }
}
