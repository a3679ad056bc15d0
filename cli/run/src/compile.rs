//! From bytes to machine code: which compiler, what it says of a component that it does not take, and what is compiled
//! by itself. What was compiled before is taken from the cache, part by part.

use crate::cache::{Cache, ContentDigest};
use crate::engine;
use crate::judge::Judge;
use crate::kept::{Kept, Parts};
use crate::limits::Limits;
use crate::load::Unit;
use crate::modules::{Modules, Placed};
use crate::options::{EngineChoice, Features};
use crate::outcome::{Compiler, HostError};
use crate::split::Split;
use crate::state::{self, State};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmparser::{Validator, WasmFeatures};
use wasmtime::component::{Component, Linker};
use wasmtime::error::format_err;
use wasmtime::{Engine, Module};

/// A component that can be run.
pub(crate) struct Compiled {
    pub(crate) engine: Engine,
    pub(crate) component: Component,
    /// What it imports of its own.
    modules: Modules,
    pub(crate) compiler: Compiler,
    /// What Winch said when it panicked, and Cranelift compiled in its place.
    pub(crate) winch_panicked: Option<String>,
}

impl Compiled {
    /// The hosts, and the component's own modules.
    pub(crate) fn linker(&self) -> wasmtime::Result<Linker<State>> {
        let mut linker = state::linker(&self.engine)?;
        self.modules.add_to_linker(&mut linker)?;
        Ok(linker)
    }

    /// Judges how runs of it end.
    pub(crate) fn judge(&self, limits: &Limits) -> Judge {
        Judge::new(limits, self.modules.clone())
    }
}

/// Compiles `component` with the first compiler of `choice` that can; else gives the error of the last. What it made is kept
/// in `kept`, and what is there already is not made again.
pub(crate) fn compile(
    component: &[u8],
    features: Features,
    choice: EngineChoice,
    kept: Option<&Kept>,
) -> Result<wasmtime::Result<Compiled>, HostError> {
    let compile_with = |compiler| {
        let engine = engine::engine(features, compiler)?;
        let made = make(&engine, compiler, component, kept);
        let compiled =
            |(component, modules)| Compiled { engine, component, modules, compiler, winch_panicked: None };
        Ok(made.map(compiled))
    };
    let winch_panicked = match choice {
        EngineChoice::Cranelift => None,
        EngineChoice::WinchFirst => match attempt(|| compile_with(Compiler::Winch)) {
            Ok(compiled) => match compiled? {
                Ok(compiled) => return Ok(Ok(compiled)),
                Err(_) => {
                    if let Some(kept) = kept {
                        kept.cache.refuse(&kept.whole, &engine::engine(features, Compiler::Winch)?);
                    }
                    None
                }
            },
            Err(panic) => Some(panic),
        },
    };
    let compiled = compile_with(Compiler::Cranelift)?;
    Ok(compiled.map(|compiled| Compiled { winch_panicked, ..compiled }))
}

/// What [`compile`] compiles first of `component`: what stands around its modules, which has the types of its exports. `None`
/// if it does not come apart, or not so.
pub(crate) fn shell(
    component: &[u8],
    features: Features,
    choice: EngineChoice,
    kept: Option<&Kept>,
) -> Option<(Engine, Component)> {
    let compiler = first(choice);
    let engine = engine::engine(features, compiler).ok()?;
    let shell = Split::of(component)?.shell;
    let made = || match kept {
        Some(Kept { cache, parts: Some(parts), .. }) => {
            make_unit(&engine, compiler, cache, &parts.shell, &shell)
        }
        Some(_) | None => Component::from_binary(&engine, &shell),
    };
    let component = attempt(made).ok()?.ok()?;
    Some((engine, component))
}

/// The compiler that is tried first.
fn first(choice: EngineChoice) -> Compiler {
    match choice {
        EngineChoice::Cranelift => Compiler::Cranelift,
        EngineChoice::WinchFirst => Compiler::Winch,
    }
}

/// What [`compile`] has made before with the compiler that it takes, if all of that is in `kept`. What another has made is not taken: which compiler a component gets must not depend on what was run before.
pub(crate) fn find(
    features: Features,
    choice: EngineChoice,
    kept: &Kept,
) -> Result<Option<Compiled>, HostError> {
    let mut compiler = first(choice);
    let mut engine = engine::engine(features, compiler)?;
    if kept.cache.is_refused(&kept.whole, &engine) {
        compiler = Compiler::Cranelift;
        engine = engine::engine(features, compiler)?;
    }
    let in_parts = kept.parts.as_ref().and_then(|parts| find_parts(&engine, &kept.cache, parts));
    let whole = || Some((find_unit(&engine, &kept.cache, &kept.whole)?, Modules::default()));
    Ok(in_parts.or_else(whole).map(|(component, modules)| Compiled {
        engine,
        component,
        modules,
        compiler,
        winch_panicked: None,
    }))
}

fn find_parts(engine: &Engine, cache: &Cache, parts: &Parts) -> Option<(Component, Modules)> {
    let shell = find_unit(engine, cache, &parts.shell)?;
    let module = |part: &crate::kept::Part| {
        Some(Placed { module: find_unit(engine, cache, &part.content)?, start: part.start })
    };
    Some((shell, Modules::new(parts.modules.iter().map(module).collect::<Option<_>>()?)))
}

/// What the runtime does not take, though it is whole, is compiled once more.
fn find_unit<U: Unit>(engine: &Engine, cache: &Cache, content: &ContentDigest) -> Option<U> {
    cache.find(content, engine).and_then(|path| U::load_file(engine, &path).ok())
}

fn make(
    engine: &Engine,
    compiler: Compiler,
    component: &[u8],
    kept: Option<&Kept>,
) -> wasmtime::Result<(Component, Modules)> {
    let Some(kept) = kept else {
        takes_all_of(compiler, component)?;
        return Ok((Component::from_binary(engine, component)?, Modules::default()));
    };
    if let Some(parts) = &kept.parts
        && let Some(split) = Split::of(component)
        // A shell that is refused says nothing of the component.
        && let Ok(shell) = make_unit(engine, compiler, &kept.cache, &parts.shell, &split.shell)
    {
        match make_modules(engine, compiler, component, &kept.cache, &split, parts) {
            Ok(modules) => return Ok((shell, modules)),
            Err(error) if compiler == Compiler::Winch => return Err(error),
            // Told of the whole, an error has the right offset.
            Err(_) => {}
        }
    }
    Ok((make_unit(engine, compiler, &kept.cache, &kept.whole, component)?, Modules::default()))
}

fn make_modules(
    engine: &Engine,
    compiler: Compiler,
    component: &[u8],
    cache: &Cache,
    split: &Split,
    parts: &Parts,
) -> wasmtime::Result<Modules> {
    let mut placed = Vec::new();
    for (range, part) in split.modules.iter().zip(&parts.modules) {
        let module: Module = make_unit(engine, compiler, cache, &part.content, &component[range.clone()])?;
        placed.push(Placed { module, start: part.start });
    }
    Ok(Modules::new(placed))
}

fn make_unit<U: Unit>(
    engine: &Engine,
    compiler: Compiler,
    cache: &Cache,
    content: &ContentDigest,
    binary: &[u8],
) -> wasmtime::Result<U> {
    if let Some(unit) = find_unit(engine, cache, content) {
        return Ok(unit);
    }
    takes_all_of(compiler, binary)?;
    let compiled = U::compile(engine, binary)?;
    match cache.keep(content, engine, &compiled) {
        Ok(path) => U::load_file(engine, &path),
        // Without space on the disk, it is as without a cache.
        Err(_) => U::load_bytes(engine, &compiled),
    }
}

/// Whether Winch is worth a try: it finds out only late that it lacks something, and then the time is lost.
fn takes_all_of(compiler: Compiler, binary: &[u8]) -> wasmtime::Result<()> {
    let lacking = match compiler {
        Compiler::Cranelift => return Ok(()),
        Compiler::Winch => {
            WasmFeatures::TAIL_CALL
                | WasmFeatures::EXCEPTIONS
                | WasmFeatures::LEGACY_EXCEPTIONS
                | WasmFeatures::FUNCTION_REFERENCES
                | WasmFeatures::GC
                | WasmFeatures::RELAXED_SIMD
                | WasmFeatures::STACK_SWITCHING
        }
    };
    let has = WasmFeatures::all().difference(lacking);
    let validated = Validator::new_with_features(has).validate_all(binary);
    validated.map(|_| ()).map_err(|error| format_err!("{compiler} does not take it: {error}"))
}

/// What `work` gives, or what it says when it panics.
fn attempt<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // What it leaves behind is dropped with it.
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| words(panic.as_ref()))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_data() {
        assert_eq!(attempt(|| 1), Ok(1));
        assert_eq!(attempt(|| panic!("no register")), Err::<(), _>("no register".to_owned()));
        assert_eq!(attempt(|| panic!("no {}", "register")), Err::<(), _>("no register".to_owned()));
    }
}
