//! Compiled components as they come from the cache. The only unsafe code of the project: the runtime takes machine code
//! at its word.
#![allow(
    unsafe_code,
    reason = "the runtime has no other way to load what it compiled before; see SAFETY below"
)]

use std::path::Path;
use wasmtime::Engine;
use wasmtime::component::Component;

/// Loads a file that [`crate::cache::Kept`] gave.
pub(crate) fn file(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the file was written by `Kept::keep`, with what an engine had compiled: it lies in a folder that belongs to
    // this user and that nobody else may write to, and ends with the digest of its content. The runtime itself refuses
    // the output of another release or configuration. Files there are replaced and removed, but never changed.
    unsafe { Component::deserialize_file(engine, path) }
}

/// Loads what `engine` has just compiled.
pub(crate) fn bytes(engine: &Engine, compiled: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the caller is `compile`, which has it from this engine.
    unsafe { Component::deserialize(engine, compiled) }
}
