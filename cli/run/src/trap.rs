//! A trap as data: its kind under a stable name, and the places in core code that led to it. Which instance of a
//! composition a place belongs to is not known here: a reader of the component's binary finds it by the offset.

use crate::modules::Modules;
use serde::{Deserialize, Serialize};
use wasmtime::Trap;

/// A place in core code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The core module's own name, if it has one.
    pub module: Option<String>,
    /// The function's name as it is in the source, if the module has a name section.
    pub function: Option<String>,
    /// The function's index in its module.
    pub index: u32,
    /// Bytes from the start of the component's binary, all that is around the module included. `None` if it is not
    /// known, or if the code is none of the component's but the runtime's own, which passes a call between instances.
    pub offset: Option<usize>,
    /// Whether this is the runtime's own code between two instances.
    pub adapter: bool,
}

/// The kind of a trap that the runtime has no name for.
const OTHER: &str = "other";

/// What kind of trap `error` is: a name that stays.
pub(crate) fn kind_of(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<Trap>() {
        None => OTHER.to_owned(),
        // As the specification has them.
        Some(Trap::UnreachableCodeReached) => "unreachable".to_owned(),
        Some(Trap::IntegerDivisionByZero) => "integer-divide-by-zero".to_owned(),
        Some(trap) => kebab(&format!("{trap:?}")),
    }
}

/// `CannotBlockSyncTask` becomes `cannot-block-sync-task`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

/// Where `error` arose, innermost first; empty if that was not in core code. `modules` are those that the component imports of
/// its own.
pub(crate) fn frames_of(error: &wasmtime::Error, modules: &Modules) -> Vec<Frame> {
    let backtrace = error.downcast_ref::<wasmtime::WasmBacktrace>();
    backtrace
        .map_or(Vec::new(), |backtrace| backtrace.frames().iter().map(|info| frame(info, modules)).collect())
}

/// A mangled name as it is in the source, without the hashes that Rust adds; any other as it is.
fn readable(name: &str) -> String {
    let mut text = String::new();
    if wasmtime_environ::demangle_function_name(&mut text, name).is_err() || text == name {
        return name.to_owned();
    }
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    // `crate::function::h0123456789abcdef`
    if let Some((path, hash)) = text.rsplit_once("::h")
        && hash.len() == 16
        && hex(hash)
    {
        return path.to_owned();
    }
    // `crate[0123456789abcdef]::function`; a slice such as `[u8]` stands behind no name.
    let mut parts = text.split('[');
    let mut readable = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if readable.ends_with(char::is_alphanumeric) && hex(hash) => readable += rest,
            _ => readable.extend(["[", part]),
        }
    }
    readable
}

fn frame(frame: &wasmtime::FrameInfo, modules: &Modules) -> Frame {
    let module = frame.module();
    // The runtime makes a module for calls between instances. It has no name, and takes what it calls from `callee`.
    let adapter = module.name().is_none() && module.imports().any(|import| import.module() == "callee");
    Frame {
        module: module.name().map(str::to_owned),
        function: frame.func_name().map(readable),
        index: frame.func_index(),
        // Offsets in an adapter are its own.
        offset: frame
            .module_offset()
            .filter(|_| !adapter)
            .map(|offset| modules.offset_in_component(module, offset)),
        adapter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_people_write_them() {
        assert_eq!(kebab("CannotBlockSyncTask"), "cannot-block-sync-task");
        assert_eq!(readable("_ZN3app4main17h0123456789abcdefE"), "app::main");
        assert_eq!(readable("_RNvCs1234_7mycrate3foo"), "mycrate::foo");
        assert_eq!(readable("_RINvCs1234_7mycrate3fooSdE"), "mycrate::foo::<[f64]>");
        assert_eq!(readable("_ZN4demo4stepEi"), "demo::step(int)");
        assert_eq!(readable("demo:chain/step#greet"), "demo:chain/step#greet");
    }
}
