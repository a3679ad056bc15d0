//! The type of an interface that is exported beside types which it uses: its own type, told in the names that the
//! composition gives them.

use std::collections::BTreeMap;

use wasm_encoder::{
    Alias, ComponentOuterAliasKind, ComponentTypeEncoder, ComponentTypeRef, InstanceType, TypeBounds,
};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentInstanceTypeId};

use super::root::Root;
use super::types::{Scope, defined, function};
use crate::component::Components;

/// Whether the type of an interface can be told anew: it holds functions and types, and nothing that holds others.
pub(super) fn can_be_ascribed(components: &Components<'_>, id: ComponentInstanceTypeId) -> bool {
    components.items(id).values().all(|item| match item.ty {
        ComponentEntityType::Func(_) => true,
        ComponentEntityType::Type { created, .. } => {
            matches!(created, ComponentAnyTypeId::Resource(_) | ComponentAnyTypeId::Defined(_))
        }
        _ => false,
    })
}

/// Defines the type of an interface anew, with the types of `known` at the indices that it gives: those that are exported,
/// and all resources.
pub(super) fn ascribe(
    root: &mut Root<'_, '_>,
    known: BTreeMap<ComponentAnyTypeId, u32>,
    id: ComponentInstanceTypeId,
) -> ComponentTypeRef {
    let components = root.components;
    let mut body = Body { root, known, ty: InstanceType::new(), own: BTreeMap::new() };
    for (name, item) in components.items(id) {
        match item.ty {
            ComponentEntityType::Func(id) => {
                let is_async = components.types()[id].async_;
                let ty = ComponentTypeRef::Func(function(&mut body, id, is_async));
                body.ty.export(name, ty);
            }
            ComponentEntityType::Type { referenced, created } => {
                let of = match referenced {
                    ComponentAnyTypeId::Defined(id) => defined(&mut body, id),
                    id => body.find(id).expect("every resource that an export speaks of has a place"),
                };
                let named = body.ty.type_count();
                body.ty.export(name, ComponentTypeRef::Type(TypeBounds::Eq(of)));
                // From here on under its name: a type without one could not be used in an export.
                body.own.insert(created, named);
            }
            _ => unreachable!("such an interface is exported as it is"),
        }
    }
    let ty = body.ty;
    ComponentTypeRef::Instance(root.define(|encoder| encoder.instance(&ty)))
}

struct Body<'r, 'c, 'a> {
    root: &'r mut Root<'c, 'a>,
    /// Types of the component around.
    known: BTreeMap<ComponentAnyTypeId, u32>,
    ty: InstanceType,
    /// Types that stand in this one.
    own: BTreeMap<ComponentAnyTypeId, u32>,
}

impl Body<'_, '_, '_> {
    /// A type around that is the same resource under another name.
    fn same_resource(&self, id: ComponentAnyTypeId) -> Option<&u32> {
        let resource = |id: &ComponentAnyTypeId| match id {
            ComponentAnyTypeId::Resource(id) => Some(id.resource()),
            _ => None,
        };
        let wanted = resource(&id)?;
        self.known.iter().find(|(other, _)| resource(other) == Some(wanted)).map(|(_, index)| index)
    }
}

impl Scope for Body<'_, '_, '_> {
    fn components(&self) -> &Components<'_> {
        self.root.components
    }

    fn find(&mut self, id: ComponentAnyTypeId) -> Option<u32> {
        if let Some(index) = self.own.get(&id) {
            return Some(*index);
        }
        let index = match self.known.get(&id).or_else(|| self.same_resource(id)) {
            Some(index) => *index,
            None => {
                let home = self.root.home(id)?;
                self.root.type_at(&home)
            }
        };
        self.ty.alias(Alias::Outer { kind: ComponentOuterAliasKind::Type, count: 1, index });
        self.own.insert(id, self.ty.type_count() - 1);
        Some(self.ty.type_count() - 1)
    }

    fn define(&mut self, id: ComponentAnyTypeId, build: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32 {
        build(self.ty.ty());
        self.own.insert(id, self.ty.type_count() - 1);
        self.ty.type_count() - 1
    }
}
