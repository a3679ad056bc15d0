//! Targets: what the runtime that a composition is meant for provides and understands.

use std::fmt;

use wasmparser::{
    BinaryReader, ComponentType, ComponentTypeDeclaration, ComponentTypeSectionReader, WasmFeatures,
};
use wcompose_wit::{ExternName, MatchKey, Track};

use crate::sections::{id, sections};

/// A runtime profile: a runtime, and which of its optional features are switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    runtime: Runtime,
    switched_on: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Runtime {
    /// wasmtime 48, with the interfaces of `wasmtime-wasi` and `wasmtime-wasi-http`.
    #[default]
    Wasmtime48,
    /// What wasmtime 48 understands, without any host interface.
    None,
}

const WASMTIME_48: &str = "wasmtime-48";

/// Features that wasmtime 48 knows, but has on only if asked: `-W NAME` of its command line.
const OPTIONAL: &[(&str, WasmFeatures)] = &[
    ("component-model-async-stackful", WasmFeatures::CM_ASYNC_STACKFUL),
    ("component-model-error-context", WasmFeatures::CM_ERROR_CONTEXT),
    ("component-model-fixed-length-lists", WasmFeatures::CM_FIXED_LENGTH_LISTS),
    ("component-model-implements", WasmFeatures::CM_IMPLEMENTS),
    ("component-model-map", WasmFeatures::CM_MAP),
    ("component-model-more-async-builtins", WasmFeatures::CM_MORE_ASYNC_BUILTINS),
    ("component-model-threading", WasmFeatures::CM_THREADING),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("wide-arithmetic", WasmFeatures::WIDE_ARITHMETIC),
];

impl Target {
    /// The names that `--target` takes.
    pub const NAMES: [&str; 2] = [WASMTIME_48, "none"];

    /// The name that `--target` takes.
    pub fn name(&self) -> &'static str {
        match self.runtime {
            Runtime::Wasmtime48 => WASMTIME_48,
            Runtime::None => "none",
        }
    }

    /// What to call the runtime whose features and limits hold. There is one without a host too.
    pub(crate) fn judge(&self) -> &'static str {
        match self.runtime {
            Runtime::Wasmtime48 | Runtime::None => WASMTIME_48,
        }
    }

    /// The target of that name, with the features that it has on by default.
    pub fn by_name(name: &str) -> Option<Target> {
        let targets =
            [Runtime::Wasmtime48, Runtime::None].map(|runtime| Target { runtime, switched_on: Vec::new() });
        targets.into_iter().find(|target| target.name() == name)
    }

    /// The runtime whose validator, features and limits give the verdict: its name and its version.
    pub fn runtime(&self) -> (&'static str, &'static str) {
        match self.runtime {
            // Without a host, it is still for wasmtime that the composition is validated.
            Runtime::Wasmtime48 | Runtime::None => ("wasmtime", "48.0.8"),
        }
    }

    /// A target without a host that has every optional feature on: where no runtime is meant.
    pub(crate) fn of_everything() -> Target {
        Target { runtime: Runtime::None, switched_on: Target::optional_features().collect() }
    }

    /// The optional features that are switched on, by name.
    pub fn switched_on(&self) -> impl Iterator<Item = &'static str> {
        Target::optional_features().filter(|name| self.switched_on.contains(name))
    }

    /// The names that [`Target::with_feature`] takes.
    pub fn optional_features() -> impl Iterator<Item = &'static str> {
        OPTIONAL.iter().map(|(name, _)| *name)
    }

    /// The same target with one more feature switched on.
    pub fn with_feature(mut self, name: &str) -> Result<Target, UnknownFeature> {
        let (name, _) =
            OPTIONAL.iter().find(|(known, _)| *known == name).ok_or_else(|| UnknownFeature(name.into()))?;
        self.switched_on.push(name);
        Ok(self)
    }

    /// What the runtime's validator accepts.
    pub fn features(&self) -> WasmFeatures {
        // What `Config::new` of wasmtime 48 has on (its `config.rs`, "default features").
        let default = WasmFeatures::WASM3 | WasmFeatures::COMPONENT_MODEL | WasmFeatures::CM_ASYNC;
        let on = OPTIONAL.iter().filter(|(name, _)| self.switched_on.contains(name));
        on.fold(default, |features, (_, feature)| features | *feature)
    }

    /// How many instances one component may have (`MAX_WASM_INSTANCES` of wasmparser 0.254).
    pub fn max_instances(&self) -> u32 {
        1_000
    }

    /// How many modules one component may have, and how many components (`MAX_WASM_MODULES` and `MAX_WASM_COMPONENTS` of
    /// wasmparser 0.254).
    pub(crate) const MAX_DEFINITIONS: usize = 1_000;

    /// How many memories the code may use by which the runtime passes the calls of one instance on (`MAX_WASM_MEMORIES` of
    /// wasmparser 0.254): its own, and those of the instances that it calls. Each call across components with data in memory is such code,
    /// and wasmtime makes one core module of as many as it can (`translate/adapt.rs` of `wasmtime-environ`).
    pub(crate) fn max_memories(&self) -> usize {
        100
    }

    /// How many modules and components newer releases of the runtime allow in all (wasmparser 0.261, in wasmtime 50).
    pub(crate) fn max_definitions_of_newer(&self) -> u32 {
        1_000
    }

    /// The optional features that `validates` cannot do without; `None` if not even all of them are enough.
    pub(crate) fn missing(&self, validates: impl Fn(WasmFeatures) -> bool) -> Option<Vec<&'static str>> {
        let all = OPTIONAL.iter().fold(self.features(), |features, (_, feature)| features | *feature);
        if !validates(all) {
            return None;
        }
        let needed = OPTIONAL.iter().filter(|(name, _)| !self.switched_on.contains(name));
        Some(needed.filter(|(_, feature)| !validates(all - *feature)).map(|(name, _)| *name).collect())
    }

    /// All that the runtime provides; nothing if there is no host. How the tables are made and proven is said in
    /// `compose/targets/README.md`.
    pub(crate) fn tables(&self) -> &'static [Table] {
        match self.runtime {
            Runtime::Wasmtime48 => &[
                Table { track: Track::Minor(2), package: include_bytes!("../targets/wasmtime-48-p2.wasm") },
                Table { track: Track::Minor(3), package: include_bytes!("../targets/wasmtime-48-p3.wasm") },
            ],
            Runtime::None => &[],
        }
    }

    /// The names of all interfaces that the runtime provides.
    pub(crate) fn provided(&self) -> Vec<ExternName> {
        self.tables().iter().flat_map(Table::names).collect()
    }
}

/// What a runtime provides of WASI on one track.
#[derive(Debug)]
pub(crate) struct Table {
    track: Track,
    /// A WIT package in its binary form with one world that imports it.
    pub package: &'static [u8],
}

impl Table {
    /// Whether something with that key can be in it.
    pub(crate) fn may_have(&self, key: &MatchKey<'_>) -> bool {
        match key {
            MatchKey::Interface { path, track } => {
                path.starts_with("wasi:") && track.as_ref() == Some(&self.track)
            }
            MatchKey::Label(_) => false,
        }
    }

    /// The names of the interfaces in it.
    fn names(&self) -> Vec<ExternName> {
        let types = sections(self.package).map_while(Result::ok).filter(|section| section.id == id::TYPE);
        let types = types
            .filter_map(|section| ComponentTypeSectionReader::new(BinaryReader::new(section.body, 0)).ok());
        let mut names = Vec::new();
        types.flatten().flatten().for_each(|ty| imports_of(&ty, &mut names));
        names
    }
}

/// What the worlds in a type of a WIT package import.
fn imports_of(ty: &ComponentType<'_>, names: &mut Vec<ExternName>) {
    let ComponentType::Component(declarations) = ty else { return };
    for declaration in declarations {
        match declaration {
            ComponentTypeDeclaration::Import(import) => names.push(ExternName::new(import.name.name)),
            ComponentTypeDeclaration::Type(ty) => imports_of(ty, names),
            _ => {}
        }
    }
}

/// A name that is no optional feature of any target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFeature(pub String);

impl fmt::Display for UnknownFeature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Target::optional_features().collect::<Vec<_>>().join(", ");
        write!(f, "`{}` is no optional feature; they are {names}", self.0.escape_debug())
    }
}

impl std::error::Error for UnknownFeature {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table is read only if an input asks for what it may have, so that must hold of all that it has.
    #[test]
    fn tables_have_what_they_may_have() {
        let target = Target::default();
        for table in target.tables() {
            let names = table.names();
            assert!(names.len() > 20 && names.iter().all(|name| table.may_have(&name.key())), "{names:?}");
        }
        let all = target.provided();
        for name in ["wasi:cli/environment@0.2.12", "wasi:http/client@0.3.0"] {
            assert!(all.contains(&ExternName::new(name)), "{all:?}");
        }
    }
}
