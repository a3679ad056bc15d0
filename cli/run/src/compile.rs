//! From bytes to machine code: which compiler, what it says of a component that it does not take, and what is compiled
//! by itself. What was compiled before is taken from the cache, part by part.

use crate::at_once::at_once;
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
use crate::winch;
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

/// Bytes of a module on average, from which on it is sooner compiled by itself: what several at a time save is more than the
/// millisecond that each costs.
const SMALL: usize = 100 << 10;

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

/// A component that is to be compiled.
pub(crate) struct Compilation<'c> {
    component: &'c [u8],
    features: Features,
    kept: Option<&'c Kept>,
    /// Its parts, if it comes apart.
    split: Option<Split>,
    /// The first compiler of the choice that has what all of it needs.
    compiler: Compiler,
}

impl<'c> Compilation<'c> {
    /// Decides how `component` is compiled. What is made of it will be kept in `kept`, and what is there already is not made
    /// again. Nothing is compiled yet.
    pub(crate) fn new(
        component: &'c [u8],
        features: Features,
        choice: EngineChoice,
        kept: Option<&'c Kept>,
    ) -> Result<Self, HostError> {
        let (split, compiler) = (Split::of(component), Compiler::Cranelift);
        let all = Self { component, features, kept, split, compiler };
        Ok(match choice {
            EngineChoice::WinchFirst if all.fits_winch()? => Self { compiler: Compiler::Winch, ..all },
            EngineChoice::WinchFirst | EngineChoice::Cranelift => all,
        })
    }

    /// What stands around the modules, which has the types of the component's exports; it is what [`Compilation::run`]
    /// compiles first. `None` if the component does not come apart, or not so.
    pub(crate) fn shell(&self) -> Option<(Engine, Component)> {
        let engine = engine::engine(self.features, self.compiler).ok()?;
        let shell = self.source_of_shell(self.split.as_ref()?);
        let component = attempt(|| shell.make(&engine)).ok()?.ok()?;
        Some((engine, component))
    }

    /// Compiles it, with Cranelift if Winch fails. The error is that of the last.
    pub(crate) fn run(self) -> Result<wasmtime::Result<Compiled>, HostError> {
        let compile_with = |compiler| {
            let engine = engine::engine(self.features, compiler)?;
            let made = self.make(&engine, compiler);
            let compiled = |(component, modules)| Compiled {
                engine,
                component,
                modules,
                compiler,
                winch_panicked: None,
            };
            Ok(made.map(compiled))
        };
        let winch_panicked = match self.compiler {
            Compiler::Cranelift => None,
            Compiler::Winch => match attempt(|| compile_with(Compiler::Winch)) {
                Ok(compiled) => match compiled? {
                    Ok(compiled) => return Ok(Ok(compiled)),
                    Err(_) => {
                        self.refuse(&engine::engine(self.features, Compiler::Winch)?);
                        None
                    }
                },
                Err(panic) => Some(panic),
            },
        };
        let compiled = compile_with(Compiler::Cranelift)?;
        Ok(compiled.map(|compiled| Compiled { winch_panicked, ..compiled }))
    }

    /// Whether Winch takes all of it, as far as it was not compiled by Winch before.
    fn fits_winch(&self) -> Result<bool, HostError> {
        let engine = engine::engine(self.features, Compiler::Winch)?;
        if self.kept.is_some_and(|kept| kept.cache.is_refused(&kept.whole, &engine)) {
            return Ok(false);
        }
        // The shell has no code but what the runtime makes.
        let mut sources =
            self.split.as_ref().map_or_else(|| vec![self.whole()], |split| self.sources_of_modules(split));
        let mut contents = BTreeSet::new();
        sources.retain(|source| {
            source
                .kept
                .is_none_or(|(cache, content)| !cache.has(content, &engine) && contents.insert(content))
        });
        let fits = winch::takes(&sources.iter().map(|source| source.binary).collect::<Vec<_>>());
        if !fits {
            self.refuse(&engine);
        }
        Ok(fits)
    }

    /// Remembers that Winch, the compiler of `engine`, does not take it.
    fn refuse(&self, engine: &Engine) {
        if let Some(kept) = self.kept {
            kept.cache.refuse(&kept.whole, engine);
        }
    }

    fn make(&self, engine: &Engine, compiler: Compiler) -> wasmtime::Result<(Component, Modules)> {
        if let Some(split) = self.worthwhile()
            // A shell that is refused says nothing of the component.
            && let Ok(shell) = self.source_of_shell(split).make(engine)
        {
            match self.make_modules(engine, split) {
                Ok(modules) => return Ok((shell, modules)),
                Err(error) if compiler == Compiler::Winch => return Err(error),
                // Told of the whole, an error has the right offset.
                Err(_) => {}
            }
        }
        Ok((self.whole().make(engine)?, Modules::default()))
    }

    /// The parts, if it is compiled in parts: without a cache, many small modules are compiled sooner as one.
    fn worthwhile(&self) -> Option<&Split> {
        let is_large = |split: &Split| {
            split.modules.iter().map(ExactSizeIterator::len).sum::<usize>() >= SMALL * split.modules.len()
        };
        self.split.as_ref().filter(|split| self.kept.is_some() || is_large(split))
    }

    /// Several at a time: the runtime itself uses all cores only for the functions of one, and not for what comes before and
    /// after them.
    fn make_modules(&self, engine: &Engine, split: &Split) -> wasmtime::Result<Modules> {
        let mut contents = BTreeSet::new();
        let is_first = |(_, source): &(usize, Source<'_>)| {
            source.kept.is_none_or(|(_, content)| contents.insert(content.clone()))
        };
        // Those of equal content are compiled once: the others find it in the cache.
        let sources = self.sources_of_modules(split).into_iter().enumerate();
        let (first, again) = sources.partition::<Vec<_>, _>(is_first);
        let mut placed = BTreeMap::new();
        for sources in [first, again] {
            let made = at_once(&sources, |(_, source)| source.size(), |(_, source)| source.make(engine));
            for ((number, source), module) in sources.iter().zip(made) {
                placed.insert(*number, Placed { module: module?, start: source.start });
            }
        }
        Ok(Modules::new(placed.into_values().collect()))
    }

    fn whole(&self) -> Source<'_> {
        let kept = self.kept.map(|kept| (&kept.cache, &kept.whole));
        Source { binary: self.component, start: 0, kept }
    }

    fn source_of_shell<'s>(&'s self, split: &'s Split) -> Source<'s> {
        let kept = self.parts().map(|(cache, parts)| (cache, &parts.shell));
        Source { binary: &split.shell, start: 0, kept }
    }

    /// In the order of the shell's imports.
    fn sources_of_modules(&self, split: &Split) -> Vec<Source<'_>> {
        let content = |number: usize| {
            self.parts().and_then(|(cache, parts)| Some((cache, &parts.modules.get(number)?.content)))
        };
        let modules = split.modules.iter().enumerate();
        let source = |(number, range): (usize, &Range<usize>)| Source {
            binary: &self.component[range.clone()],
            start: range.start,
            kept: content(number),
        };
        modules.map(source).collect()
    }

    fn parts(&self) -> Option<(&Cache, &Parts)> {
        self.kept.and_then(|kept| Some((&kept.cache, kept.parts.as_ref()?)))
    }
}

/// What is compiled by itself.
struct Source<'s> {
    binary: &'s [u8],
    /// Where it starts in the component, in bytes; a shell stands nowhere.
    start: usize,
    /// Where its compiled form is kept.
    kept: Option<(&'s Cache, &'s ContentDigest)>,
}

impl Source<'_> {
    fn size(&self) -> usize {
        self.binary.len()
    }

    fn make<U: Unit>(&self, engine: &Engine) -> wasmtime::Result<U> {
        let Some((cache, content)) = self.kept else { return U::new(engine, self.binary) };
        if let Some(unit) = find_unit(engine, cache, content) {
            return Ok(unit);
        }
        let compiled = U::compile(engine, self.binary)?;
        match cache.keep(content, engine, &compiled) {
            Ok(path) => U::load_file(engine, &path),
            // Without space on the disk, it is as without a cache.
            Err(_) => U::load_bytes(engine, &compiled),
        }
    }
}

/// What [`Compilation::run`] has made before with the compiler that it takes, if all of that is in `kept`. What another has made is not taken: which compiler a component gets must not depend on what was run before.
pub(crate) fn find(
    features: Features,
    choice: EngineChoice,
    kept: &Kept,
) -> Result<Option<Compiled>, HostError> {
    let mut compiler = match choice {
        EngineChoice::Cranelift => Compiler::Cranelift,
        EngineChoice::WinchFirst => Compiler::Winch,
    };
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
