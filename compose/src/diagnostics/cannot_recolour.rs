//! `cannot-recolour`: a connection could only be made by recolouring, and that is not possible.

use super::{Code, Diagnostic, Subject};
use crate::component::{Components, InstanceId};
use crate::recolour::Refusal;

pub(crate) const CODE: Code = Code {
    name: "cannot-recolour",
    text: "A function is `async` on one side of a connection and synchronous on the other. wcompose would make the synchronous side
`async`, but something in the way must stay synchronous: a constructor, a destructor or code that runs while a component
is instantiated may call the function and would have to wait, which it must not; or the function is the host's; or the
component is put together in a way that is not rewritten.

Whether a constructor may call a function is told from the code, and errs on the side of yes: behind an interpreter, as in
Python and JavaScript, everything may call everything. A note has the shortest way, with the names of the name section where
there is one. A call through a table counts if the table may hold what is called. Build both sides against the same version of the interface.",
};

/// `reason`: why it would have to be recoloured.
pub(crate) fn new(
    components: &Components<'_>,
    instance: InstanceId,
    refusal: &Refusal,
    reason: Option<String>,
) -> Diagnostic {
    let component = components.get(instance);
    let subject = Subject {
        file: Some(component.file.clone()),
        instance: Some(component.name.to_string()),
        item: None,
    };
    let who = format!("`{}` ({}) cannot be recoloured", component.name, component.file);
    let message = match refusal {
        Refusal::Host(function) => format!("{who}: its import `{function}` is the host's"),
        Refusal::Fixed(name) => format!("{who}: `{name}` cannot be async"),
        Refusal::Waits { what, way } => {
            format!("{who}: {what} must not wait, and may call {}", way.end())
        }
        Refusal::Built(reason) => format!("{who}: {reason}"),
    };
    let diagnostic = Diagnostic::error(CODE, subject, message);
    let diagnostic = match refusal {
        Refusal::Waits { way, .. } => {
            diagnostic.note(format!("its code may go this way: {way}")).calls(way.calls())
        }
        _ => diagnostic,
    };
    reason
        .into_iter()
        .fold(diagnostic, Diagnostic::note)
        .help(format!("build `{}` against the async version of the interface", component.name))
}
