//! Open imports: which of them the host may provide, how those of one interface become one import, and what keeps an
//! import from being the host's.

mod aliases;
mod merge;
mod splits;
mod states;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use crate::component::Components;

pub(super) use merge::merge;
pub(super) use splits::{splits, unnamed_types};
pub(super) use states::{is_defined_type, states, types_only, unmatched};

/// Whether an import of the composition can be of this type: of what can be named, or an interface that holds it.
pub(crate) fn can_be_passed_on(components: &Components<'_>, ty: ComponentEntityType) -> bool {
    match ty {
        ComponentEntityType::Instance(id) => components.items(id).values().all(|item| can_be_named(item.ty)),
        other => can_be_named(other),
    }
}

/// What an import of the composition can be or hold: a function, a resource, or a type that values have.
fn can_be_named(ty: ComponentEntityType) -> bool {
    match ty {
        ComponentEntityType::Func(_) => true,
        ComponentEntityType::Type { created, .. } => {
            matches!(created, ComponentAnyTypeId::Resource(_) | ComponentAnyTypeId::Defined(_))
        }
        _ => false,
    }
}

/// Whether an item is a resource of its own.
fn introduces(item: ComponentEntityType) -> bool {
    matches!(item, ComponentEntityType::Type { created, referenced } if created == referenced)
}
