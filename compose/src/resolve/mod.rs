//! Resolution: which export each import is connected to, and why not the others. It reads parsed components and makes
//! a [`Resolution`]; it emits nothing.
//!
//! The order of the work: candidates by name and type, the user's wires and the rules of order choose among them,
//! connections whose resources disagree are rejected and the choice is made again, what stays open goes to the host,
//! and the roots give the exports.

mod by_name;
mod candidates;
mod choose;
mod exports;
mod fit;
mod fitting;
mod graph;
mod hosts;
mod identity;
mod lookup;
mod namesakes;
mod outcome;
mod renames;
mod report;
mod warnings;

pub(crate) use by_name::ByName;
pub(crate) use hosts::can_be_passed_on;
pub(crate) use outcome::MergedContent;
pub use outcome::{
    Bridge, Connection, HostReason, ImportState, Matched, MergedImport, Misfit, Origin, Rejected, Resolution,
    ResolvedExport, ResolvedImport, Unsatisfied, Why,
};

use std::collections::BTreeSet;

use crate::component::{Components, ImportId};
use crate::diagnostics::Diagnostic;
use crate::request::Request;

/// Resolves every import of every instance and the exports of the whole.
///
/// The resolution is complete also where there are diagnostics: each import has its state. With an error among the
/// diagnostics it cannot be emitted.
pub fn resolve(components: &Components<'_>, request: &Request) -> (Resolution, Vec<Diagnostic>) {
    resolve_under(components, request, Effects::Count)
}

/// Whether it matters that a function is `async` on one side of a connection and not on the other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effects<'r> {
    /// It does: neither type is a subtype of the other.
    Count,
    /// It does not. Such a resolution says what recolouring is to make fit; nothing is emitted from it.
    Ignored,
    /// It does, but for these imports, which are given an adapter.
    Adapted(&'r BTreeSet<ImportId>),
}

impl Effects<'_> {
    fn allow(self, import: ImportId, misfit: &Misfit) -> bool {
        misfit.why == Why::Effect
            && match self {
                Effects::Count => false,
                Effects::Ignored => true,
                Effects::Adapted(_) => self.adapts(import),
            }
    }

    fn adapts(self, import: ImportId) -> bool {
        matches!(self, Effects::Adapted(imports) if imports.contains(&import))
    }
}

/// Resolves as `resolve` does, with such regard to effects.
pub(crate) fn resolve_under(
    components: &Components<'_>,
    request: &Request,
    effects: Effects<'_>,
) -> (Resolution, Vec<Diagnostic>) {
    let (wires, mut diagnostics) = lookup::wires(components, request);
    let (wires, problems) = renames::paired(components, wires);
    diagnostics.extend(problems);
    diagnostics.extend(lookup::consent(components, &request.recolour));
    let mut candidates = candidates::collect(components, &wires.connections, effects);
    let (choice, identity) = loop {
        let choice = choose::choose(&candidates);
        let identity = identity::Identity::of(components, &choice);
        match identity.first_conflict(components, &choice, effects) {
            None => break (choice, identity),
            // Rejections only grow, so this ends after at most one round for each candidate.
            Some(conflict) => candidates.reject(conflict.import, conflict.provider, conflict.misfit),
        }
    };
    let imports = hosts::states(components, &candidates, choice, request, effects);
    let (exports, problems_of_exports) = exports::exports(components, &imports, request, &wires.dangling);
    let used = |resolved: &&ResolvedImport| {
        !request.allow_unused || !exports.unused.contains(&resolved.import.instance)
    };
    let used = imports.iter().filter(used).collect::<Vec<_>>();
    let target = &request.target;
    let report = report::Report { components, candidates: &candidates, target, all: &imports, used: &used };
    diagnostics.extend(report.diagnostics(&wires.dangling));
    let (merged, problems) = hosts::merge(components, &used, &exports.list, &identity);
    diagnostics.extend(problems);
    diagnostics.extend(hosts::splits(components, &used));
    diagnostics.extend(hosts::unnamed_types(components, &used, &merged));
    diagnostics.extend(problems_of_exports);
    if diagnostics.is_empty() {
        diagnostics.extend(warnings::warnings(components, &used, &exports.list));
    }
    diagnostics.extend(hosts::unmatched(components, request));
    (
        Resolution { imports, merged, roots: exports.roots, unused: exports.unused, exports: exports.list },
        diagnostics,
    )
}
