//! Words for imports that are not satisfied: picks the diagnostic for each.

use std::collections::BTreeSet;

use super::{ImportState, ResolvedImport, Unsatisfied, Why};
use crate::component::{Components, ImportId};
use crate::diagnostics::{
    Diagnostic, ambiguous_provider, effect_mismatch, host_mismatch, import_cycle, resource_mismatch,
    type_mismatch, unsatisfied_import,
};
use crate::target::Target;

/// One diagnostic for each import that is not satisfied, in the order of the imports. Those that are `dangling` have
/// theirs already.
pub(super) fn imports(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    dangling: &BTreeSet<ImportId>,
    target: &Target,
) -> Vec<Diagnostic> {
    let reported = imports.iter().filter(|resolved| !dangling.contains(&resolved.import));
    reported.filter_map(|resolved| import(components, imports, resolved, target)).collect()
}

fn import(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    resolved: &ResolvedImport,
    target: &Target,
) -> Option<Diagnostic> {
    let ImportState::Unsatisfied(unsatisfied) = &resolved.state else {
        return None;
    };
    let first = resolved.rejected.first();
    Some(match (unsatisfied, first.map(|rejected| &rejected.misfit.why)) {
        (Unsatisfied::Ambiguous(choices), _) => ambiguous_provider::new(components, resolved.import, choices),
        (Unsatisfied::Host(difference), _) => {
            host_mismatch::new(components, resolved.import, target, difference)
        }
        (_, Some(Why::Effect)) => effect_mismatch::new(components, resolved.import, &resolved.rejected),
        (_, Some(Why::Type)) => type_mismatch::new(components, resolved.import, &resolved.rejected),
        (_, Some(Why::Identity { .. })) => {
            resource_mismatch::new(components, resolved.import, &resolved.rejected)
        }
        (Unsatisfied::Cycle(cycle), None) => import_cycle::new(components, imports, resolved.import, cycle),
        (_, None) => unsatisfied_import::new(components, resolved.import),
    })
}
