//! Whether a candidate fits: wasmparser's subtype check, after resources that count as one are given one id.

use wasmparser::Error;
use wasmparser::component_types::{ComponentEntityType, Remap, Remapping, ResourceId, SubtypeCx};
use wasmparser::types::TypesRef;

use crate::component::Components;
use crate::request::Rename;
use crate::types::speaks_of_resources;

/// Checks candidates under one view of which resources are the same.
pub(super) struct Fit<'t> {
    types: TypesRef<'t>,
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
        let types = components.types();
        Fit { types, cx: SubtypeCx::new_with_refs(types, types), offered, needed }
    }

    /// Whether an `offered` import or export can be used where `needed` is asked for.
    pub(super) fn check(
        &mut self,
        mut offered: ComponentEntityType,
        mut needed: ComponentEntityType,
    ) -> Result<(), Error> {
        // Remapping copies types, and where no resource is needed it changes no verdict.
        if speaks_of_resources(self.types, needed) {
            self.cx.a.remap_component_entity(&mut offered, &mut self.offered);
            self.cx.b.remap_component_entity(&mut needed, &mut self.needed);
        }
        self.cx.component_entity_type(&offered, &needed, 0)
    }

    /// The same, where functions of an `offered` interface go by the names that `renames` give them.
    pub(super) fn check_renamed(
        &mut self,
        offered: ComponentEntityType,
        renames: &[Rename],
        needed: ComponentEntityType,
    ) -> Result<(), Error> {
        let renamed = match offered {
            ComponentEntityType::Instance(id) if !renames.is_empty() => {
                let before = &self.cx.a[id];
                let mut ty = before.clone();
                for Rename { needed, offered } in renames {
                    let item = before.exports.get(offered).cloned();
                    ty.exports.extend(item.map(|item| (needed.clone(), item)));
                }
                ComponentEntityType::Instance(self.cx.a.push_ty(ty))
            }
            other => other,
        };
        self.check(renamed, needed)
    }
}

/// Types that are compared again and again, under one view, sorted by kind. Those of one kind fit each other, and whatever
/// fits one of them, or is fitted by it, does so with the others: subtyping is transitive. So a chain of n components
/// takes about n checks instead of n times n.
#[derive(Default)]
pub(super) struct Kinds {
    /// One type of each kind.
    kinds: Vec<ComponentEntityType>,
    /// Whether a kind can be used where another is asked for, if that is known.
    fits: [[Option<bool>; Kinds::MOST]; Kinds::MOST],
}

impl Kinds {
    /// How many kinds are told apart: where all types differ, comparing them with each other is wasted.
    const MOST: usize = 4;

    /// The kind of a type; `None` if it is of none of the first few.
    pub(super) fn of(&mut self, fit: &mut Fit<'_>, ty: ComponentEntityType) -> Option<usize> {
        let mut alike =
            |other: &ComponentEntityType| fit.check(ty, *other).is_ok() && fit.check(*other, ty).is_ok();
        if let Some(kind) = self.kinds.iter().position(&mut alike) {
            return Some(kind);
        }
        // A type that does not even fit itself is of no kind.
        if self.kinds.len() == Self::MOST || !alike(&ty) {
            return None;
        }
        self.kinds.push(ty);
        Some(self.kinds.len() - 1)
    }

    /// Whether a type of the kind `offered` can be used where one of the kind `needed` is asked for.
    pub(super) fn fits(&mut self, fit: &mut Fit<'_>, offered: usize, needed: usize) -> bool {
        let kinds = &self.kinds;
        *self.fits[offered][needed].get_or_insert_with(|| fit.check(kinds[offered], kinds[needed]).is_ok())
    }
}
