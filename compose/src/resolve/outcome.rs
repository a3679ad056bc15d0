//! The outcome of resolving: values that can be printed, compared and planned from.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};
use wasmparser::component_types::ComponentEntityType;
use wcompose_wit::ExternName;

use super::Effects;
use crate::adapt::differing;
use crate::component::{Components, ExportId, ImportId, InstanceId};
use crate::request::Rename;
use crate::types::Difference;

/// What connects, and what the composition imports and exports.
#[derive(Debug)]
pub struct Resolution {
    /// Every import of every input, by instance and then in the order of the binary.
    pub imports: Vec<ResolvedImport>,
    /// The imports of the composition, in an order in which each uses only the types of earlier ones.
    pub merged: Vec<MergedImport>,
    /// The instances whose exports are the composition's.
    pub roots: Vec<InstanceId>,
    /// The inputs that nobody takes anything from and that are no roots. They are not emitted.
    pub unused: Vec<InstanceId>,
    /// The exports of the composition.
    pub exports: Vec<ResolvedExport>,
}

/// One import and what became of it.
#[derive(Debug)]
pub struct ResolvedImport {
    /// Which import.
    pub import: ImportId,
    /// Its one state.
    pub state: ImportState,
    /// The candidates that did not fit.
    pub rejected: Vec<Rejected>,
}

/// Those of `imports` that are of one instance. They are in the order of their ids.
pub(super) fn of_instance<R: Borrow<ResolvedImport>>(imports: &[R], id: InstanceId) -> &[R] {
    let of = |resolved: &R| resolved.borrow().import.instance;
    let start = imports.partition_point(|resolved| of(resolved) < id);
    &imports[start..][..imports[start..].partition_point(|resolved| of(resolved) == id)]
}

/// What became of an import.
#[derive(Clone, Debug)]
pub enum ImportState {
    /// It is served by another instance.
    Connected(Connection),
    /// It is left for the runtime.
    Host(HostReason),
    /// It is a type of the world itself and is given as that type.
    Substituted,
    /// Nothing serves it.
    Unsatisfied(Unsatisfied),
}

/// An export of one instance that serves the import of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The export that serves.
    pub provider: ExportId,
    /// How it was chosen.
    pub matched: Matched,
    /// What makes the two sides fit, if they do not by themselves.
    pub bridge: Option<Bridge>,
    /// The functions that the export has under other names than the import.
    pub renames: Vec<Rename>,
}

impl Connection {
    /// A connection of two sides that fit by themselves and under one name.
    pub(super) fn new(provider: ExportId, matched: Matched) -> Connection {
        Connection { provider, matched, bridge: None, renames: Vec::new() }
    }

    /// The same connection of `import`, with the bridge that makes it fit.
    pub(super) fn bridged(
        self,
        components: &Components<'_>,
        import: ImportId,
        effects: Effects<'_>,
    ) -> Connection {
        let bridge = if effects.adapts(import) && !differing(components, import, &self).is_empty() {
            Some(Bridge::Adapter)
        } else {
            components.recoloured(import, self.provider, &self.renames).then_some(Bridge::Recolour)
        };
        Connection { bridge, ..self }
    }
}

/// What makes two sides fit that differ in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bridge {
    /// Types of the importer, of the provider or of both were changed: synchronous functions became `async`.
    Recolour,
    /// A component stands between them, and passes calls on.
    Adapter,
}

/// How a provider was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    /// A `--wire` says so.
    Wire,
    /// It is the only later input that fits.
    Only,
    /// It is the nearest of a chain of middleware.
    Chain,
    /// No later input fits; this earlier one does.
    Earlier,
}

/// Why an import is left for the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostReason {
    /// The target provides it.
    Target,
    /// `--allow-import` names it.
    Allowed,
    /// It holds types only, which any runtime can provide.
    TypesOnly,
}

/// Why an import is not satisfied.
#[derive(Clone, Debug)]
pub enum Unsatisfied {
    /// Nobody exports it and the target does not provide it.
    NoProvider,
    /// The candidates do not fit; they are in [`ResolvedImport::rejected`].
    Misfit,
    /// Nobody exports it, and what the target provides under its name does not fit.
    Host(Difference),
    /// Several providers fit, and nothing says which one is meant.
    Ambiguous(Vec<ExportId>),
    /// The only providers would close a cycle: the first is the provider, the last the importer.
    Cycle(Vec<InstanceId>),
}

/// A candidate that was not taken because it does not fit.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The candidate.
    pub provider: ExportId,
    /// The functions that it was to serve under other names.
    pub renames: Vec<Rename>,
    /// Why it does not fit.
    pub misfit: Misfit,
}

/// Why a candidate does not fit.
#[derive(Clone, Debug)]
pub struct Misfit {
    /// What kind of reason it is.
    pub why: Why,
    /// The first difference, in WIT terms.
    pub difference: Difference,
}

/// The kinds of misfit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// One side is `async` and the other is not; all else is equal.
    Effect,
    /// The types differ.
    Type,
    /// The types are equal but for a resource that comes from different instances.
    Identity {
        /// Where the importer's resource comes from.
        needed: Origin,
        /// Where the provider's resource comes from.
        offered: Origin,
    },
}

/// Where a resource comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An instance defines it and shows it at a place of its exports: `demo:kv/store.bucket`.
    Instance(InstanceId, String),
    /// The host, which has it at a place of an import.
    Host(String),
    /// No import or export shows it.
    Unknown,
}

/// One import of the composition, for all open imports that it serves.
#[derive(Clone, Debug)]
pub struct MergedImport {
    /// Its name: that of the highest version among the members.
    pub name: ExternName,
    /// The interface that it implements, if its name is a label that says so.
    pub implements: Option<ExternName>,
    /// The imports that it serves.
    pub members: Vec<ImportId>,
    pub(crate) content: MergedContent,
}

impl MergedImport {
    /// The types of the members of `imports`, each with the place of its import.
    pub(crate) fn types<'m>(
        imports: &'m [MergedImport],
        components: &'m Components<'_>,
    ) -> impl Iterator<Item = (usize, ComponentEntityType)> + Clone + 'm {
        let types = move |(place, import): (usize, &'m MergedImport)| {
            import.members.iter().map(move |id| (place, components.import(*id).ty))
        };
        imports.iter().enumerate().flat_map(types)
    }
}

/// What a merged import is.
#[derive(Clone, Debug)]
pub(crate) enum MergedContent {
    /// An interface with the union of what the members need, in an order in which each item uses earlier ones only.
    Instance(Vec<(String, ComponentEntityType)>),
    /// A function, or a type of the world.
    Single(ComponentEntityType),
}

/// One export of the composition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedExport {
    /// Its name in the composition.
    pub name: ExternName,
    /// The export that it is.
    pub export: ExportId,
    /// Whether it is there only because another export uses its types.
    pub for_types: bool,
}

impl Resolution {
    /// Whether a candidate was rejected for its effect alone.
    pub(crate) fn has_effect_misfit(&self) -> bool {
        let mut rejected = self.imports.iter().flat_map(|resolved| &resolved.rejected);
        rejected.any(|rejected| rejected.misfit.why == Why::Effect)
    }

    /// Whether an import is not satisfied although a candidate fits but for its effect.
    pub(crate) fn lacks_an_effect(&self) -> bool {
        let effect = |rejected: &Rejected| rejected.misfit.why == Why::Effect;
        let mut open = self.imports.iter().filter(|r| matches!(r.state, ImportState::Unsatisfied(_)));
        open.any(|resolved| resolved.rejected.iter().any(effect))
    }

    /// The connected imports.
    pub(crate) fn connections(&self) -> impl Iterator<Item = (ImportId, &Connection)> {
        self.imports.iter().filter_map(|resolved| match &resolved.state {
            ImportState::Connected(connection) => Some((resolved.import, connection)),
            _ => None,
        })
    }

    /// What became of the import `id`.
    pub fn import(&self, id: ImportId) -> Option<&ResolvedImport> {
        // They are in the order of their ids.
        let place = self.imports.binary_search_by_key(&id, |resolved| resolved.import).ok()?;
        self.imports.get(place)
    }
}
