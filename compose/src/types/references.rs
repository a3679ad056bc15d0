//! Which types an import or export introduces, and which it refers to.

use std::collections::BTreeSet;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentValType,
};
use wasmparser::types::TypesRef;

/// The types that `entity` introduces under names, with the way to each; empty for a type of the world itself.
pub(crate) fn introduced(
    types: TypesRef<'_>,
    entity: ComponentEntityType,
) -> Vec<(ComponentAnyTypeId, Vec<String>)> {
    let mut found = Vec::new();
    collect(types, entity, &mut Vec::new(), &mut found);
    found
}

fn collect(
    types: TypesRef<'_>,
    entity: ComponentEntityType,
    path: &mut Vec<String>,
    found: &mut Vec<(ComponentAnyTypeId, Vec<String>)>,
) {
    match entity {
        ComponentEntityType::Type { created, .. } => found.push((created, path.clone())),
        ComponentEntityType::Instance(id) => {
            for (name, item) in &types[id].exports {
                path.push(name.clone());
                collect(types, item.ty, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// All defined types and resources that `entity` refers to, itself included.
pub(crate) fn referenced(types: TypesRef<'_>, entity: ComponentEntityType) -> BTreeSet<ComponentAnyTypeId> {
    let mut walk = Walk { types, seen: BTreeSet::new() };
    walk.entity(entity);
    walk.seen
}

struct Walk<'t> {
    types: TypesRef<'t>,
    seen: BTreeSet<ComponentAnyTypeId>,
}

impl Walk<'_> {
    fn entity(&mut self, entity: ComponentEntityType) {
        match entity {
            ComponentEntityType::Instance(id) => {
                let types = self.types;
                types[id].exports.values().for_each(|item| self.entity(item.ty));
            }
            ComponentEntityType::Func(id) => self.function(id),
            ComponentEntityType::Type { referenced, created } => {
                self.any(referenced);
                self.any(created);
            }
            ComponentEntityType::Value(ty) => self.value(ty),
            // Closed: they refer to nothing outside themselves that has an identity.
            ComponentEntityType::Module(_) | ComponentEntityType::Component(_) => {}
        }
    }

    fn any(&mut self, id: ComponentAnyTypeId) {
        match id {
            ComponentAnyTypeId::Resource(_) => drop(self.seen.insert(id)),
            ComponentAnyTypeId::Defined(id) => self.defined(id),
            ComponentAnyTypeId::Func(id) => self.function(id),
            ComponentAnyTypeId::Instance(id) => self.entity(ComponentEntityType::Instance(id)),
            ComponentAnyTypeId::Component(_) => {}
        }
    }

    fn function(&mut self, id: ComponentFuncTypeId) {
        let types = self.types;
        let ty = &types[id];
        ty.params.iter().for_each(|(_, ty)| self.value(*ty));
        ty.result.iter().for_each(|ty| self.value(*ty));
    }

    fn value(&mut self, ty: ComponentValType) {
        if let ComponentValType::Type(id) = ty {
            self.defined(id);
        }
    }

    fn defined(&mut self, id: ComponentDefinedTypeId) {
        if !self.seen.insert(id.into()) {
            return;
        }
        use ComponentDefinedType as Type;
        let types = self.types;
        match &types[id] {
            Type::Primitive(_) | Type::Flags(_) | Type::Enum(_) => {}
            Type::Record(record) => record.fields.values().for_each(|ty| self.value(*ty)),
            Type::Variant(variant) => {
                variant.cases.values().filter_map(|case| case.ty).for_each(|ty| self.value(ty))
            }
            Type::Tuple(tuple) => tuple.types.iter().for_each(|ty| self.value(*ty)),
            Type::List { element: ty, .. }
            | Type::FixedLengthList { element: ty, .. }
            | Type::Option { ty, .. } => {
                self.value(*ty);
            }
            Type::Map { key, value, .. } => [key, value].into_iter().for_each(|ty| self.value(*ty)),
            Type::Result { ok, err, .. } => ok.iter().chain(err).for_each(|ty| self.value(*ty)),
            Type::Future { ty, .. } | Type::Stream { ty, .. } => ty.iter().for_each(|ty| self.value(*ty)),
            Type::Own(id) | Type::Borrow(id) => drop(self.seen.insert((*id).into())),
        }
    }
}
