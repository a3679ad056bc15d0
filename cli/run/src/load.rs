//! Compiled components and core modules as they come from the cache. Unsafe code: the runtime
//! takes machine code at its word.
#![allow(
    unsafe_code,
    reason = "the runtime has no other way to load what it compiled before; see SAFETY below"
)]

use std::path::Path;
use wasmtime::component::Component;
use wasmtime::{Engine, Module};

/// What the runtime compiles by itself.
pub(crate) trait Unit: Sized {
    /// Compiles `binary`, for this process alone.
    fn new(engine: &Engine, binary: &[u8]) -> wasmtime::Result<Self>;

    /// Compiles `binary` to what can be kept.
    fn compile(engine: &Engine, binary: &[u8]) -> wasmtime::Result<Vec<u8>>;

    /// Loads a file that [`crate::cache::Cache`] gave.
    fn load_file(engine: &Engine, path: &Path) -> wasmtime::Result<Self>;

    /// Loads what `compile` gave for the same engine.
    fn load_bytes(engine: &Engine, compiled: &[u8]) -> wasmtime::Result<Self>;
}

// SAFETY, of `load_file`: the file was written by `Cache::keep`, with what an engine had compiled: it lies in a folder that
// belongs to this user and that nobody else may write to, and ends with the digest of its content. The runtime itself refuses
// the output of another release or configuration, and a module for a component. Files there are replaced and removed, but
// never changed. Of `load_bytes`: the caller is `compile`, which has the bytes from this engine.

impl Unit for Component {
    fn new(engine: &Engine, binary: &[u8]) -> wasmtime::Result<Self> {
        Self::from_binary(engine, binary)
    }

    fn compile(engine: &Engine, binary: &[u8]) -> wasmtime::Result<Vec<u8>> {
        engine.precompile_component(binary)
    }

    fn load_file(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
        // SAFETY: see above.
        unsafe { Component::deserialize_file(engine, path) }
    }

    fn load_bytes(engine: &Engine, compiled: &[u8]) -> wasmtime::Result<Self> {
        // SAFETY: see above.
        unsafe { Component::deserialize(engine, compiled) }
    }
}

impl Unit for Module {
    fn new(engine: &Engine, binary: &[u8]) -> wasmtime::Result<Self> {
        Self::from_binary(engine, binary)
    }

    fn compile(engine: &Engine, binary: &[u8]) -> wasmtime::Result<Vec<u8>> {
        engine.precompile_module(binary)
    }

    fn load_file(engine: &Engine, path: &Path) -> wasmtime::Result<Self> {
        // SAFETY: see above.
        unsafe { Module::deserialize_file(engine, path) }
    }

    fn load_bytes(engine: &Engine, compiled: &[u8]) -> wasmtime::Result<Self> {
        // SAFETY: see above.
        unsafe { Module::deserialize(engine, compiled) }
    }
}
