//! From bytes to machine code: which compiler, and what it says of a component that it does not take.

use crate::cache::Kept;
use crate::options::{EngineChoice, Features};
use crate::outcome::{Compiler, HostError};
use crate::{engine, load};
use wasmparser::{Validator, WasmFeatures};
use wasmtime::Engine;
use wasmtime::component::Component;

/// A component that can be run.
pub(crate) struct Compiled {
    pub(crate) engine: Engine,
    pub(crate) component: Component,
    pub(crate) compiler: Compiler,
}

/// Compiles `component` with the first compiler of `choice` that can; else gives the error of the last.
pub(crate) fn compile(
    component: &[u8],
    features: Features,
    choice: EngineChoice,
) -> Result<wasmtime::Result<Compiled>, HostError> {
    compile_for(component, features, choice, None)
}

/// The same, and what it made is kept in `kept`.
pub(crate) fn compile_for(
    component: &[u8],
    features: Features,
    choice: EngineChoice,
    kept: Option<&Kept>,
) -> Result<wasmtime::Result<Compiled>, HostError> {
    if choice == EngineChoice::WinchFirst && winch_has_all_of(component) {
        let compiled = compile_with(Compiler::Winch, component, features, kept)?;
        if compiled.is_ok() {
            return Ok(compiled);
        }
    }
    compile_with(Compiler::Cranelift, component, features, kept)
}

/// What [`compile`] has made before, if that is in `kept`.
pub(crate) fn find(
    features: Features,
    choice: EngineChoice,
    kept: &Kept,
) -> Result<Option<Compiled>, HostError> {
    let compilers = match choice {
        EngineChoice::Cranelift => [Compiler::Cranelift].as_slice(),
        EngineChoice::WinchFirst => &[Compiler::Winch, Compiler::Cranelift],
    };
    for &compiler in compilers {
        let engine = engine::engine(features, compiler)?;
        // What the runtime does not take, though it is whole, is compiled once more.
        let found = kept.find(&engine).and_then(|path| load::file(&engine, &path).ok());
        if let Some(component) = found {
            return Ok(Some(Compiled { engine, component, compiler }));
        }
    }
    Ok(None)
}

fn compile_with(
    compiler: Compiler,
    component: &[u8],
    features: Features,
    kept: Option<&Kept>,
) -> Result<wasmtime::Result<Compiled>, HostError> {
    let engine = engine::engine(features, compiler)?;
    let component = match kept {
        None => Component::from_binary(&engine, component),
        Some(kept) => compile_and_keep(&engine, component, kept),
    };
    Ok(component.map(|component| Compiled { engine, component, compiler }))
}

fn compile_and_keep(engine: &Engine, component: &[u8], kept: &Kept) -> wasmtime::Result<Component> {
    let compiled = engine.precompile_component(component)?;
    match kept.keep(engine, &compiled) {
        Ok(path) => load::file(engine, &path),
        // Without space on the disk, it is as without a cache.
        Err(_) => load::bytes(engine, &compiled),
    }
}

/// Whether Winch is worth a try: it finds out only late that it lacks something, and then the time is lost.
fn winch_has_all_of(component: &[u8]) -> bool {
    let lacking = WasmFeatures::TAIL_CALL
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::FUNCTION_REFERENCES
        | WasmFeatures::GC
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::STACK_SWITCHING;
    let has = WasmFeatures::all().difference(lacking);
    Validator::new_with_features(has).validate_all(component).is_ok()
}
