//! Candidates: the exports that could serve an import by their name, and which of them fit by their structure.
//!
//! Structure means: all but the identity of resources. Here two resources count as one if interfaces of the same name
//! and track introduce them under the same name; whether they really are one is settled in `identity`, when it is
//! known what is connected.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasmparser::component_types::{ComponentEntityType, ResourceId};

use super::by_name::{connectable, in_its_place};
use super::fit::Fit;
use super::fitting::Fitting;
use super::lookup::Wired;
use super::namesakes::{Namesakes, by_key};
use super::{Effects, Misfit, Rejected, Why};
use crate::component::{Components, ExportId, ImportId};
use crate::request::Rename;
use crate::types::{Difference, first_difference};

/// The candidates of every import.
pub(super) struct Candidates {
    of: BTreeMap<ImportId, Offers>,
    nominal: BTreeMap<ResourceId, ResourceId>,
}

/// The candidates of one import.
#[derive(Default)]
pub(super) struct Offers {
    /// Whether a wire decided: then there is no other candidate than the wire's provider.
    pub wired: bool,
    /// The functions that the wire's provider has under other names.
    pub renames: Vec<Rename>,
    /// Those that fit so far, and beside them exports of the importer itself. Imports of one kind have the same ones, once.
    pub fitting: Rc<Fitting>,
    /// Those that do not.
    pub rejected: Vec<Rejected>,
}

impl Candidates {
    pub(super) fn of(&self, import: ImportId) -> &Offers {
        &self.of[&import]
    }

    /// Every import with its candidates, in the order of the imports.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ImportId, &Offers)> {
        self.of.iter().map(|(id, offers)| (*id, offers))
    }

    /// Each resource with the one that it counts as by its name.
    pub(super) fn same_by_name(&self) -> impl Iterator<Item = (ResourceId, ResourceId)> + '_ {
        self.nominal.iter().map(|(resource, same)| (*resource, *same))
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

    /// Withdraws a candidate.
    pub(super) fn reject(&mut self, import: ImportId, provider: ExportId, misfit: Misfit) {
        if let Some(offers) = self.of.get_mut(&import) {
            Rc::make_mut(&mut offers.fitting).remove(provider);
            offers.rejected.push(Rejected { provider, renames: offers.renames.clone(), misfit });
        }
    }
}

/// Finds and checks the candidates of every import.
pub(super) fn collect(
    components: &Components<'_>,
    wires: &BTreeMap<ImportId, Wired>,
    effects: Effects<'_>,
) -> Candidates {
    let mut candidates = Candidates {
        of: BTreeMap::new(),
        nominal: connectable(components, wires.iter().map(|(import, wired)| (*import, wired.provider))),
    };
    let fit = Fit::new(components, candidates.same_by_name());
    let mut search = Search { components, candidates: &candidates, effects, fit };
    let mut by_key = by_key(components);
    let offers = components.imports().map(|id| {
        let offers = match (wires.get(&id), by_key.get_mut(&components.import(id).key())) {
            (Some(wired), _) => search.wired(id, wired),
            (None, Some(namesakes)) => search.among(id, namesakes),
            (None, None) => Offers::default(),
        };
        (id, offers)
    });
    candidates.of = offers.collect();
    candidates
}

struct Search<'c, 'a> {
    components: &'c Components<'a>,
    candidates: &'c Candidates,
    effects: Effects<'c>,
    /// The view in which names make resources one.
    fit: Fit<'c>,
}

impl Search<'_, '_> {
    fn wired(&mut self, id: ImportId, wired: &Wired) -> Offers {
        let (fitting, rejected) = self.judge(id, &[wired.provider], &wired.renames);
        let fitting = Rc::new(Fitting::new(fitting, |_| false));
        Offers { wired: true, renames: wired.renames.clone(), fitting, rejected }
    }

    fn among(&mut self, id: ImportId, namesakes: &mut Namesakes) -> Offers {
        let known = namesakes.of_kind(self.components, &mut self.fit, self.components.import(id).ty);
        let (fitting, rejected) = self.judge(id, &known.unknown, &[]);
        let fitting = if fitting.is_empty() {
            known.fitting
        } else {
            let all = known.fitting.all().iter().copied().chain(fitting);
            Rc::new(Fitting::new(all.collect(), |export| namesakes.wraps(export)))
        };
        Offers { fitting, rejected, ..Offers::default() }
    }

    /// Which of `exports` fit, and why the others do not. Those of the importer itself are passed over.
    fn judge(
        &mut self,
        id: ImportId,
        exports: &[ExportId],
        renames: &[Rename],
    ) -> (Vec<ExportId>, Vec<Rejected>) {
        let (mut fitting, mut rejected) = (Vec::new(), Vec::new());
        for provider in exports.iter().copied().filter(|export| export.instance != id.instance) {
            match self.candidates.check(self.components, &mut self.fit, id, provider, renames) {
                Ok(()) => fitting.push(provider),
                Err(misfit) if self.effects.allow(id, &misfit) => fitting.push(provider),
                Err(misfit) => rejected.push(Rejected { provider, renames: renames.to_vec(), misfit }),
            }
        }
        (fitting, rejected)
    }
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
        // The validator says where on one line, and what on the next.
        .unwrap_or_else(|| Difference::of_all("a type that fits", &verdict.replace('\n', ": ")));
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
    let canonical = |id| nominal.get(&id).copied().unwrap_or(id);
    in_its_place(components, import, export).map(|(resource, other)| (resource, canonical(other))).collect()
}
