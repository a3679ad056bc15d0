//! `not-a-component`: a file of another kind was given.

use super::{Code, Diagnostic, Subject, options};
use crate::input::Input;
use crate::parse::FileKind;

pub(crate) const CODE: Code = Code {
    name: "not-a-component",
    text: "An input is not a WebAssembly component: it is empty, text, WIT, a core module, or something else altogether.

A core module becomes a component with `wasm-tools component new`; text becomes a binary with `wasm-tools parse`.",
};

pub(crate) fn new(input: &Input<'_>, kind: FileKind) -> Diagnostic {
    let subject =
        Subject { file: Some(input.file.clone()), instance: Some(input.name.to_string()), item: None };
    let diagnostic = Diagnostic::error(CODE, subject, format!("`{}` is {kind}", input.file));
    let file = options::word(&input.file);
    match kind {
        FileKind::CoreModule => diagnostic.help(format!("wasm-tools component new {file} -o COMPONENT")),
        FileKind::Text => diagnostic.help(format!("wasm-tools parse {file} -o COMPONENT")),
        FileKind::Wit => diagnostic.help(format!("a world of it says what to export: --world {file}")),
        _ => diagnostic,
    }
}
