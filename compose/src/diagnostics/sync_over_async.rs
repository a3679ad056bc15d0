//! `sync-over-async`: a function that is not `async` may wait for one that is.

use super::{Code, Diagnostic, Subject, listed};
use crate::component::{Components, InstanceId};

pub(crate) const CODE: Code = Code {
    name: "sync-over-async",
    text: "An instance is called through a function whose type is not `async`, and its code calls an `async` import in a way that
waits for the result (`canon lower` without `async`). If the one leads to the other, the call traps: a function that is not
`async` may not wait (Concurrency, \"Blocking\"). wasmtime 48 traps even where there would be nothing to wait for.

Which code leads where is not known, so this is a warning. Declare the function as `async func`, a constructor as
`static async func`, or call the import from `async` functions alone. What an input composed of others has inside is not
looked at.",
};

/// `functions` and `constructors` of the instance are called and not `async`, `waits` are those that it waits for; all in
/// words.
pub(crate) fn new(
    components: &Components<'_>,
    id: InstanceId,
    (functions, constructors): (&[String], &[String]),
    waits: &[String],
) -> Diagnostic {
    let component = components.get(id);
    let name = &component.name;
    let change = match (functions, constructors) {
        (_, []) => format!("make it `async func` in the WIT of `{name}`"),
        ([], _) => format!("put a `static async func` in its place, in the WIT of `{name}`"),
        _ => format!(
            "make it `async func` in the WIT of `{name}`, or `static async func` if it is a constructor"
        ),
    };
    let message = format!("`{name}` ({}) may wait in a function that is not `async`", component.file);
    Diagnostic::warning(CODE, Subject::of(component), message)
        .note(format!("not `async`, and called by others: {}", listed(&[functions, constructors].concat())))
        .note(format!("`async`, and waited for in each call: {}", listed(waits)))
        .help(format!("where the first leads to the second, it traps: {change}"))
}
