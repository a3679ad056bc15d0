//! Targets: what the runtime that a composition is meant for provides and understands.

use wasmparser::WasmFeatures;

/// A runtime profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// wasmtime 48, with the interfaces of `wasmtime-wasi` and `wasmtime-wasi-http`.
    #[default]
    Wasmtime48,
    /// No host at all: every import must be connected or allowed.
    None,
}

impl Target {
    /// The name that `--target` takes.
    pub fn name(&self) -> &'static str {
        match self {
            Target::Wasmtime48 => "wasmtime-48",
            Target::None => "none",
        }
    }

    /// The target of that name.
    pub fn by_name(name: &str) -> Option<Target> {
        [Target::Wasmtime48, Target::None].into_iter().find(|target| target.name() == name)
    }

    /// All that the runtime provides: a WIT package in its binary form with one world that imports it. `None` if there
    /// is no host. How the tables are made and proven is said in `compose/targets/README.md`.
    pub(crate) fn table(&self) -> Option<&'static [u8]> {
        match self {
            Target::Wasmtime48 => Some(include_bytes!("../targets/wasmtime-48.wasm")),
            Target::None => None,
        }
    }

    /// What the validator accepts: everything that the runtime can be told to run, whether on by default or not.
    pub fn features(&self) -> WasmFeatures {
        WasmFeatures::WASM3
            | WasmFeatures::COMPONENT_MODEL
            | WasmFeatures::CM_ASYNC
            | WasmFeatures::CM_ASYNC_STACKFUL
            | WasmFeatures::CM_MORE_ASYNC_BUILTINS
            | WasmFeatures::CM_ERROR_CONTEXT
            | WasmFeatures::CM_FIXED_LENGTH_LISTS
            | WasmFeatures::CM_MAP
            | WasmFeatures::CM_IMPLEMENTS
            | WasmFeatures::CM_THREADING
            | WasmFeatures::CUSTOM_PAGE_SIZES
            | WasmFeatures::WIDE_ARITHMETIC
    }
}
