//! Imports of one component that introduce the same type, which the validator of the target cannot bear where the component is
//! instantiated. What is known of types is read by `types`; the words are those of `target-limit`.

use std::collections::BTreeMap;

use crate::component::{Components, ImportId};
use crate::plan::Plan;
use crate::types::introduced;

/// The first two imports of each instance of `plan` that introduce the same type: those of one instance type that names a type
/// which is no resource.
pub(crate) fn twins(components: &Components<'_>, plan: &Plan) -> Vec<[ImportId; 2]> {
    let twins = plan.steps.iter().filter_map(|step| {
        let mut seen = BTreeMap::new();
        components.get(step.instance).import_ids().find_map(|import| {
            let types = introduced(components.types(), components.import(import).ty);
            types.into_iter().find_map(|(id, _)| Some([seen.insert(id, import)?, import]))
        })
    });
    twins.collect()
}
