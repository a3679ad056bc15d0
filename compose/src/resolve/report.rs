//! Words for imports that are not satisfied: picks the diagnostic for each.

use std::collections::BTreeSet;

use wasmparser::component_types::ComponentEntityType;

use super::candidates::Candidates;
use super::fit::Fit;
use super::graph::Graph;
use super::{Connection, ImportState, ResolvedImport, Unsatisfied, Why};
use crate::component::{Components, ExportId, Extern, ImportId};
use crate::diagnostics::effect_conflict::Conflict;
use crate::diagnostics::type_mismatch::Others;
use crate::diagnostics::{
    Diagnostic, ambiguous_provider, effect_conflict, effect_mismatch, host_mismatch, import_cycle,
    resource_mismatch, type_mismatch, unsatisfied_import,
};
use crate::target::Target;

/// What the words are made from.
pub(super) struct Report<'r, 'a> {
    pub components: &'r Components<'a>,
    pub candidates: &'r Candidates,
    pub target: &'r Target,
    /// Every import.
    pub all: &'r [ResolvedImport],
    /// The imports of instances that are used.
    pub used: &'r [&'r ResolvedImport],
}

impl Report<'_, '_> {
    /// One diagnostic for each import that is used and not satisfied, in the order of the imports. Those that are
    /// `dangling` have theirs already.
    pub(super) fn diagnostics(&self, dangling: &BTreeSet<ImportId>) -> Vec<Diagnostic> {
        let reported = self.used.iter().filter(|resolved| !dangling.contains(&resolved.import));
        let unsatisfied = reported.filter_map(|resolved| match &resolved.state {
            ImportState::Unsatisfied(unsatisfied) => Some((*resolved, unsatisfied)),
            _ => None,
        });
        let unsatisfied = unsatisfied.collect::<Vec<_>>();
        let mut graph = if unsatisfied.is_empty() { Graph::default() } else { self.graph() };
        unsatisfied.into_iter().map(|(of, unsatisfied)| self.import(of, unsatisfied, &mut graph)).collect()
    }

    /// What is connected.
    fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for resolved in self.all {
            if let ImportState::Connected(Connection { provider, .. }) = resolved.state {
                graph.connect(resolved.import.instance, provider.instance);
            }
        }
        graph
    }

    fn import(&self, resolved: &ResolvedImport, unsatisfied: &Unsatisfied, graph: &mut Graph) -> Diagnostic {
        let (components, id, rejected) = (self.components, resolved.import, &resolved.rejected);
        let mut fit = || self.others_that_fit(resolved, graph);
        let others = |exports| Others { exports, wired: self.candidates.of(id).wired };
        let conflicts = || {
            let key = components.import(id).key();
            let same = self.used.iter().map(|other| other.import);
            let same = same.filter(|other| components.import(*other).key() == key).collect::<Vec<_>>();
            Conflict::of(components, id, &same)
        };
        match (unsatisfied, rejected.first().map(|rejected| &rejected.misfit.why)) {
            (Unsatisfied::Ambiguous(choices), _) => ambiguous_provider::new(components, id, choices),
            (Unsatisfied::Host(difference), _) => host_mismatch::new(components, id, self.target, difference),
            (_, Some(Why::Effect)) => match conflicts().split_first() {
                Some(conflicts) => effect_conflict::new(components, id, conflicts, rejected),
                None => effect_mismatch::new(components, id, rejected, &others(fit())),
            },
            (_, Some(Why::Type)) => type_mismatch::new(components, id, rejected, &others(fit())),
            (_, Some(Why::Identity { .. })) => resource_mismatch::new(components, self.all, id, rejected),
            (Unsatisfied::Cycle(cycle), None) => import_cycle::new(components, self.used, id, cycle),
            (_, None) => unsatisfied_import::new(components, id, self.target, &fit(), &conflicts()),
        }
    }

    /// The exports that a wire could name instead of those that were rejected: their types fit, and they close no
    /// cycle.
    fn others_that_fit(&self, resolved: &ResolvedImport, graph: &mut Graph) -> Vec<ExportId> {
        let (components, import) = (self.components, resolved.import);
        let mut fit = Fit::new(components, self.candidates.same_by_name());
        let exports = components.iter().flat_map(|component| component.export_ids());
        let fits = exports.filter(|export| {
            export.instance != import.instance
                && !resolved.rejected.iter().any(|rejected| rejected.provider == *export)
                && resembles(components, components.export(*export), components.import(import))
                && self.candidates.check(components, &mut fit, import, *export, &[]).is_ok()
                && !graph.leads(export.instance, import.instance)
        });
        fits.collect()
    }
}

/// Whether it is worth a check: it goes by the same name, or has functions of all the names that are needed.
fn resembles(components: &Components<'_>, offered: &Extern, needed: &Extern) -> bool {
    let (ComponentEntityType::Instance(offers), ComponentEntityType::Instance(needs)) =
        (offered.ty, needed.ty)
    else {
        return offered.key() == needed.key();
    };
    let offers = components.items(offers);
    let mut functions = components.items(needs).iter();
    let is_function = |ty| matches!(ty, ComponentEntityType::Func(_));
    functions.clone().any(|(_, item)| is_function(item.ty))
        && functions.all(|(name, item)| !is_function(item.ty) || offers.contains_key(name))
}
