//! `blocking-import`: a call of an instance may hold up all others.

use super::{Code, Diagnostic, Subject, listed};
use crate::component::{Components, InstanceId};

pub(crate) const CODE: Code = Code {
    name: "blocking-import",
    text: "The composition has `async` functions, and an instance imports a function of WASI 0.2 that blocks: `poll`, `block`, or a
`blocking-` function of a stream. While such a call waits, nothing else in the composition runs: wasmtime 48 stops the whole
store. If it waits for something that another task of the composition has to do, that is for ever.

Build the component for WASI 0.3, whose functions wait without stopping others. Where toolchains import these functions only
to write to the standard streams, all is well.",
};

/// `functions`: those that the instance imports, in words.
pub(crate) fn new(components: &Components<'_>, id: InstanceId, functions: &[String]) -> Diagnostic {
    let component = components.get(id);
    let (name, file, functions) = (&component.name, &component.file, listed(functions));
    let message = format!("`{name}` ({file}) may hold up all instances: it imports {functions} of WASI 0.2");
    Diagnostic::warning(CODE, Subject::of(component), message)
}
