//! From bytes to machine code: which compiler, and what it says of a component that it does not take.

use crate::engine;
use crate::options::{EngineChoice, Features};
use crate::outcome::{Compiler, HostError};
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
    let (tried, last) = compilers(choice);
    for &compiler in tried {
        if let Ok(compiled) = compile_with(compiler, component, features)? {
            return Ok(Ok(compiled));
        }
    }
    compile_with(last, component, features)
}

fn compile_with(
    compiler: Compiler,
    component: &[u8],
    features: Features,
) -> Result<wasmtime::Result<Compiled>, HostError> {
    let engine = engine::engine(features, compiler)?;
    let component = Component::from_binary(&engine, component);
    Ok(component.map(|component| Compiled { engine, component, compiler }))
}

/// What is tried, in this order, and what comes last.
fn compilers(choice: EngineChoice) -> (&'static [Compiler], Compiler) {
    match choice {
        EngineChoice::Cranelift => (&[], Compiler::Cranelift),
        EngineChoice::WinchFirst => (&[Compiler::Winch], Compiler::Cranelift),
    }
}
