//! Candidates: the exports that could serve an import by their name, and which of them fit by their structure.
//!
//! Structure means: all but the identity of resources. Here two resources count as one if interfaces of the same name
//! and track introduce them under the same name; whether they really are one is settled in `identity`, when it is
//! known what is connected.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::{ComponentEntityType, ResourceId};
use wcompose_wit::MatchKey;

use super::by_name::nominal;
use super::fit::{Fit, Kinds};
use super::lookup::Wired;
use super::{Effects, Misfit, Rejected, Why};
use crate::component::{Components, ExportId, ImportId};
use crate::request::Rename;
use crate::types::{Difference, first_difference};

/// The candidates of every import.
pub(super) struct Candidates {
    of: BTreeMap<ImportId, Offers>,
    /// The exports of instances that import under the same key.
    wrappers: BTreeSet<ExportId>,
    nominal: BTreeMap<ResourceId, ResourceId>,
}

/// The candidates of one import.
#[derive(Default)]
pub(super) struct Offers {
    /// Whether a wire decided: then there is no other candidate than the wire's provider.
    pub wired: bool,
    /// The functions that the wire's provider has under other names.
    pub renames: Vec<Rename>,
    /// Those that fit so far, by their place on the command line.
    pub fitting: Vec<ExportId>,
    /// Those that do not.
    pub rejected: Vec<Rejected>,
}

impl Candidates {
    pub(super) fn of(&self, import: ImportId) -> &Offers {
        &self.of[&import]
    }

    /// Each resource with the one that it counts as by its name.
    pub(super) fn same_by_name(&self) -> impl Iterator<Item = (ResourceId, ResourceId)> + '_ {
        self.nominal.iter().map(|(resource, same)| (*resource, *same))
    }

    /// Whether two resources count as one by their names.
    pub(super) fn have_one_name(&self, a: ResourceId, b: ResourceId) -> bool {
        let canonical = |id| self.nominal.get(&id).copied().unwrap_or(id);
        canonical(a) == canonical(b)
    }

    /// Whether `provider` could serve `import` by its structure, functions going by the names that `renames` give them.
    /// `fit`: the view in which names make resources one.
    pub(super) fn check(
        &self,
        components: &Components<'_>,
        fit: &mut Fit<'_>,
        import: ImportId,
        provider: ExportId,
        renames: &[Rename],
    ) -> Result<(), Misfit> {
        let (needed, offered) = (components.import(import).ty, components.export(provider).ty);
        let structure = Structure::of(components, import, provider, &self.nominal);
        let verdict = if structure.by_place.is_empty() {
            fit.check_renamed(offered, renames, needed)
        } else {
            structure.fit(components).check_renamed(offered, renames, needed)
        };
        verdict.map_err(|error| {
            let same = |a, b| structure.same(a, b);
            misfit(components, offered, renames, needed, &same, error.message())
        })
    }

    /// Whether the instance of an export imports what it exports.
    pub(super) fn wraps(&self, export: ExportId) -> bool {
        self.wrappers.contains(&export)
    }

    /// Withdraws a candidate.
    pub(super) fn reject(&mut self, import: ImportId, provider: ExportId, misfit: Misfit) {
        if let Some(offers) = self.of.get_mut(&import) {
            offers.fitting.retain(|export| *export != provider);
            offers.rejected.push(Rejected { provider, renames: offers.renames.clone(), misfit });
        }
    }
}

/// Finds and checks the candidates of every import.
pub(super) fn collect(
    components: &Components<'_>,
    wires: &BTreeMap<ImportId, Wired>,
    effects: Effects,
) -> Candidates {
    let nominal = nominal(components);
    let mut candidates = Candidates { of: BTreeMap::new(), wrappers: wrappers(components), nominal };
    let mut fit = Fit::new(components, candidates.same_by_name());
    let mut by_key = exports_by_key(components);
    let mut none = Namesakes::default();
    for id in components.imports() {
        let import = components.import(id);
        let wire = wires.get(&id);
        let namesakes = by_key.get_mut(&import.key()).unwrap_or(&mut none);
        let exports = match wire {
            Some(wired) => vec![(wired.provider, None)],
            None => namesakes.sorted(components, &mut fit).to_vec(),
        };
        // Worth the while only if there are several to compare it with.
        let kind = (exports.len() > 2).then(|| namesakes.kinds.of(&mut fit, import.ty)).flatten();
        let renames = wire.map_or(Vec::new(), |wired| wired.renames.clone());
        let mut offers = Offers { wired: wire.is_some(), renames, ..Offers::default() };
        for (provider, offered) in exports.into_iter().filter(|(export, _)| export.instance != id.instance) {
            if let (Some(offered), Some(needed)) = (offered, kind)
                && namesakes.kinds.fits(&mut fit, offered, needed)
            {
                offers.fitting.push(provider);
                continue;
            }
            match candidates.check(components, &mut fit, id, provider, &offers.renames) {
                Ok(()) => offers.fitting.push(provider),
                Err(misfit) if effects.allow(&misfit) => offers.fitting.push(provider),
                Err(misfit) => {
                    offers.rejected.push(Rejected { provider, renames: offers.renames.clone(), misfit });
                }
            }
        }
        candidates.of.insert(id, offers);
    }
    candidates
}

/// Words what wasmparser's check said no to.
pub(super) fn misfit(
    components: &Components<'_>,
    offered: ComponentEntityType,
    renames: &[Rename],
    needed: ComponentEntityType,
    same: &dyn Fn(ResourceId, ResourceId) -> bool,
    verdict: &str,
) -> Misfit {
    let difference = first_difference(components.types(), offered, renames, needed, same)
        .unwrap_or_else(|| Difference::of_all("a type that fits", verdict));
    let why = if difference.effect_only { Why::Effect } else { Why::Type };
    Misfit { why, difference }
}

/// Which resources count as one while the structure of one connection is checked.
pub(super) struct Structure<'n> {
    nominal: &'n BTreeMap<ResourceId, ResourceId>,
    /// Those that a wire between interfaces of different names makes one.
    by_place: Vec<(ResourceId, ResourceId)>,
}

impl<'n> Structure<'n> {
    pub(super) fn of(
        components: &Components<'_>,
        import: ImportId,
        provider: ExportId,
        nominal: &'n BTreeMap<ResourceId, ResourceId>,
    ) -> Structure<'n> {
        Structure { nominal, by_place: renamed_resources(components, import, provider, nominal) }
    }

    /// The view for wasmparser's check.
    pub(super) fn fit<'t>(&self, components: &'t Components<'_>) -> Fit<'t> {
        // In this order: of two pairs for one resource, the later counts.
        let by_name = self.nominal.iter().map(|(resource, same)| (*resource, *same));
        Fit::new(components, by_name.chain(self.by_place.iter().copied()))
    }

    /// Whether an offered resource counts as one that is needed.
    pub(super) fn same(&self, offered: ResourceId, needed: ResourceId) -> bool {
        let canonical = |id| self.nominal.get(&id).copied().unwrap_or(id);
        canonical(offered) == canonical(needed) || self.by_place.contains(&(needed, offered))
    }
}

/// The exports of one match key.
#[derive(Default)]
struct Namesakes {
    exports: Vec<ExportId>,
    /// Each with the kind of its type, as soon as somebody imports under that key.
    sorted: Vec<(ExportId, Option<usize>)>,
    kinds: Kinds,
}

impl Namesakes {
    fn sorted(&mut self, components: &Components<'_>, fit: &mut Fit<'_>) -> &[(ExportId, Option<usize>)] {
        for id in &self.exports[self.sorted.len()..] {
            let kind = self.kinds.of(fit, components.export(*id).ty);
            self.sorted.push((*id, kind));
        }
        &self.sorted
    }
}

fn exports_by_key(components: &Components<'_>) -> BTreeMap<MatchKey, Namesakes> {
    let mut by_key = BTreeMap::<_, Namesakes>::new();
    for id in components.iter().flat_map(|component| component.export_ids()) {
        by_key.entry(components.export(id).key()).or_default().exports.push(id);
    }
    by_key
}

fn wrappers(components: &Components<'_>) -> BTreeSet<ExportId> {
    let wrappers = components.iter().flat_map(|component| {
        let imported = component.imports.iter().map(|import| import.key()).collect::<BTreeSet<_>>();
        component.export_ids().filter(move |id| imported.contains(&components.export(*id).key()))
    });
    wrappers.collect()
}

/// Where a wire connects differently named interfaces: the resources that the import itself introduces, each with the
/// one that the export has at the same place. Empty if the names alone make them meet.
fn renamed_resources(
    components: &Components<'_>,
    import: ImportId,
    export: ExportId,
    nominal: &BTreeMap<ResourceId, ResourceId>,
) -> Vec<(ResourceId, ResourceId)> {
    if components.import(import).key() == components.export(export).key() {
        return Vec::new();
    }
    let offered = components.export(export).ty;
    let introduced = &components.get(import.instance).imported_resources;
    introduced
        .iter()
        .filter_map(|resource| {
            let (_, path) = resource.places.iter().find(|(index, _)| *index == import.index)?;
            let other = components.resource_at(offered, path)?;
            Some((resource.id, nominal.get(&other).copied().unwrap_or(other)))
        })
        .collect()
}
