//! Whether a candidate fits: wasmparser's subtype check, after resources that count as one are given one id.

use wasmparser::Error;
use wasmparser::component_types::{ComponentEntityType, Remap, Remapping, ResourceId, SubtypeCx};

use crate::component::Components;

/// Checks candidates under one view of which resources are the same.
pub(super) struct Fit<'t> {
    cx: SubtypeCx<'t>,
    offered: Remapping,
    needed: Remapping,
}

impl<'t> Fit<'t> {
    /// A view in which each resource of `pairs` counts as the one that it is paired with.
    pub(super) fn new(
        components: &'t Components<'_>,
        pairs: impl IntoIterator<Item = (ResourceId, ResourceId)>,
    ) -> Fit<'t> {
        let (mut offered, mut needed) = (Remapping::default(), Remapping::default());
        for (resource, representative) in pairs {
            offered.add(resource, representative);
            needed.add(resource, representative);
        }
        Fit { cx: SubtypeCx::new_with_refs(components.types(), components.types()), offered, needed }
    }

    /// Whether an `offered` import or export can be used where `needed` is asked for.
    pub(super) fn check(
        &mut self,
        mut offered: ComponentEntityType,
        mut needed: ComponentEntityType,
    ) -> Result<(), Error> {
        self.cx.a.remap_component_entity(&mut offered, &mut self.offered);
        self.cx.b.remap_component_entity(&mut needed, &mut self.needed);
        self.cx.component_entity_type(&offered, &needed, 0)
    }
}
