//! `feature-gated`: an input uses a feature that the target does not have, or has switched off.

use super::{Code, Diagnostic, Subject};
use crate::input::Input;
use crate::parse::Fault;
use crate::target::Target;

pub(crate) const CODE: Code = Code {
    name: "feature-gated",
    text: "An input is a valid component, but uses a feature of WebAssembly that the target runtime does not have, or has only when
it is asked for. The runtime would refuse the composition.

If the runtime will be started with the feature (wasmtime: `-W NAME`), say so with `--feature NAME`; otherwise build the
component without it.",
};

/// `missing`: the optional features of the target that the input needs; empty if the target has none that would help.
pub(crate) fn new(input: &Input<'_>, fault: &Fault, target: &Target, missing: &[&str]) -> Diagnostic {
    let subject =
        Subject { file: Some(input.file.clone()), instance: Some(input.name.to_string()), item: None };
    let (file, target) = (&input.file, target.judge());
    let message = if missing.is_empty() {
        format!("`{file}` uses a feature that {target} does not have")
    } else {
        format!("`{file}` uses {}, which {target} has switched off", missing.join(" and "))
    };
    let diagnostic = Diagnostic::error(CODE, subject, message)
        .note(format!("{}, at offset {:#x} of the file", fault.message, fault.offset));
    missing.iter().fold(diagnostic, |diagnostic, name| diagnostic.help(format!("--feature {name}")))
}
