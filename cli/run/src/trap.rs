//! A trap as data: its kind under a stable name, and the places in core code that led to it. Which instance of a
//! composition a place belongs to is not known here: a reader of the component's binary finds it by the offset.

use serde::{Deserialize, Serialize};
use wasmtime::Trap;

/// A place in core code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The core module's own name, if it has one.
    pub module: Option<String>,
    /// The function's name, if the module has a name section.
    pub function: Option<String>,
    /// The function's index in its module.
    pub index: u32,
    /// Bytes from the start of the component's binary, all that is around the module included. `None` if it is not
    /// known, or if the code is none of the component's but the runtime's own, which passes a call between instances.
    pub offset: Option<usize>,
    /// Where the function's body begins, counted as `offset` is.
    pub function_offset: Option<usize>,
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

/// Where `error` arose, innermost first; empty if that was not in core code.
pub(crate) fn frames_of(error: &wasmtime::Error) -> Vec<Frame> {
    let backtrace = error.downcast_ref::<wasmtime::WasmBacktrace>();
    backtrace.map_or(Vec::new(), |backtrace| backtrace.frames().iter().map(frame).collect())
}

fn frame(frame: &wasmtime::FrameInfo) -> Frame {
    let module = frame.module();
    // The runtime makes a module for calls between instances. It has no name, and takes what it calls from `callee`.
    let adapter = module.name().is_none() && module.imports().any(|import| import.module() == "callee");
    // The offsets in it are its own.
    let offset = frame.module_offset().filter(|_| !adapter);
    let within = frame.func_offset();
    Frame {
        module: module.name().map(str::to_owned),
        function: frame.func_name().map(str::to_owned),
        index: frame.func_index(),
        offset,
        function_offset: offset.zip(within).and_then(|(offset, within)| offset.checked_sub(within)),
        adapter,
    }
}
