//! Which types an import or export introduces, and which it refers to.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentValType,
};
use wasmparser::types::TypesRef;

use crate::component::{Components, ExportId, ImportId, InstanceId};

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

/// Where each type stands that one of the `entities` introduces, or else gives a name to: the first of them that does, and the last part of
/// the way there.
pub(crate) fn homes(
    types: TypesRef<'_>,
    entities: impl Iterator<Item = (usize, ComponentEntityType)> + Clone,
) -> BTreeMap<ComponentAnyTypeId, (usize, Option<String>)> {
    let mut homes = BTreeMap::new();
    for (place, entity) in entities.clone() {
        for (id, mut path) in introduced(types, entity) {
            homes.entry(id).or_insert((place, path.pop()));
        }
    }
    // A type of a guest's interface has its only name where an import gives it one.
    for (place, entity) in entities {
        for (id, name) in renamed(types, entity) {
            homes.entry(id).or_insert((place, name));
        }
    }
    homes
}

/// The types of other places that `entity` gives names to, with these names; a type of the world itself has none.
pub(crate) fn renamed(
    types: TypesRef<'_>,
    entity: ComponentEntityType,
) -> Vec<(ComponentAnyTypeId, Option<String>)> {
    let of = |ty| match ty {
        ComponentEntityType::Type { referenced: id @ ComponentAnyTypeId::Defined(_), .. } => Some(id),
        _ => None,
    };
    match entity {
        ComponentEntityType::Instance(id) => {
            let items = types[id].exports.iter();
            items.filter_map(|(name, item)| of(item.ty).map(|id| (id, Some(name.clone())))).collect()
        }
        ty => of(ty).map(|id| (id, None)).into_iter().collect(),
    }
}

/// Moves each item behind those that give names to the types that it uses; otherwise the order stays.
pub(crate) fn names_first(
    types: TypesRef<'_>,
    items: Vec<(String, ComponentEntityType)>,
) -> Vec<(String, ComponentEntityType)> {
    let mut home = BTreeMap::new();
    for (index, (_, ty)) in items.iter().enumerate() {
        if let ComponentEntityType::Type { created, referenced } = *ty {
            home.insert(created, index);
            home.entry(referenced).or_insert(index);
        }
    }
    let mut order = Vec::new();
    let mut placed = BTreeSet::new();
    for index in 0..items.len() {
        // Deepest first: what an item uses stands on the stack above it.
        let mut stack = vec![(index, false)];
        while let Some((index, ready)) = stack.pop() {
            if ready {
                order.push(index);
            } else if placed.insert(index) {
                stack.push((index, true));
                let used = referenced(types, items[index].1).into_iter().filter_map(|id| home.get(&id));
                stack.extend(used.map(|used| (*used, false)));
            }
        }
    }
    let mut items = items.into_iter().map(Some).collect::<Vec<_>>();
    order.into_iter().filter_map(|index| items[index].take()).collect()
}

/// Whether an import or export may use the type only under a name.
pub(crate) fn needs_name(types: TypesRef<'_>, id: ComponentAnyTypeId) -> bool {
    use ComponentDefinedType as Type;
    match id {
        ComponentAnyTypeId::Defined(id) => {
            matches!(types[id], Type::Record(_) | Type::Variant(_) | Type::Flags(_) | Type::Enum(_))
        }
        _ => false,
    }
}

/// All defined types and resources that `entity` refers to, itself included.
pub(crate) fn referenced(types: TypesRef<'_>, entity: ComponentEntityType) -> BTreeSet<ComponentAnyTypeId> {
    let mut walk = Walk::new(types);
    walk.entity(entity);
    walk.seen
}

/// Whether `entity` is a resource or may refer to one. What types of components refer to is not looked for.
pub(crate) fn speaks_of_resources(types: TypesRef<'_>, entity: ComponentEntityType) -> bool {
    let mut walk = Walk::new(types);
    walk.entity(entity);
    walk.any_component || walk.seen.iter().any(|id| matches!(id, ComponentAnyTypeId::Resource(_)))
}

/// The imports that introduce types which an export uses, and the other exports of the same instance that do.
pub(crate) fn type_homes(
    components: &Components<'_>,
    id: ExportId,
) -> (BTreeSet<ImportId>, BTreeSet<ExportId>) {
    TypeHomes::of(components, id.instance).used_by(components, id)
}

/// Which imports and exports of one instance introduce which types.
pub(crate) struct TypeHomes {
    imports: BTreeMap<ComponentAnyTypeId, ImportId>,
    exports: BTreeMap<ComponentAnyTypeId, ExportId>,
}

impl TypeHomes {
    pub(crate) fn of(components: &Components<'_>, id: InstanceId) -> TypeHomes {
        let (types, component) = (components.types(), components.get(id));
        let mut homes = TypeHomes { imports: BTreeMap::new(), exports: BTreeMap::new() };
        for import in component.import_ids() {
            for (ty, _) in introduced(types, components.import(import).ty) {
                homes.imports.insert(ty, import);
            }
        }
        for export in component.export_ids() {
            for (ty, _) in introduced(types, components.export(export).ty) {
                homes.exports.entry(ty).or_insert(export);
            }
        }
        homes
    }

    /// The imports that introduce types which an export of the instance uses, and its other exports that do.
    pub(crate) fn used_by(
        &self,
        components: &Components<'_>,
        id: ExportId,
    ) -> (BTreeSet<ImportId>, BTreeSet<ExportId>) {
        let (mut imports, mut siblings) = (BTreeSet::new(), BTreeSet::new());
        let mut queue = vec![components.export(id).ty];
        while let Some(entity) = queue.pop() {
            for ty in referenced(components.types(), entity) {
                match (self.imports.get(&ty), self.exports.get(&ty)) {
                    (Some(import), _) if imports.insert(*import) => queue.push(components.import(*import).ty),
                    (None, Some(export)) if *export != id => drop(siblings.insert(*export)),
                    _ => {}
                }
            }
        }
        (imports, siblings)
    }
}

struct Walk<'t> {
    types: TypesRef<'t>,
    seen: BTreeSet<ComponentAnyTypeId>,
    /// Whether a type of a component was met.
    any_component: bool,
}

impl<'t> Walk<'t> {
    fn new(types: TypesRef<'t>) -> Walk<'t> {
        Walk { types, seen: BTreeSet::new(), any_component: false }
    }

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
            ComponentEntityType::Module(_) => {}
            // Closed: they refer to nothing outside themselves that has an identity.
            ComponentEntityType::Component(_) => self.any_component = true,
        }
    }

    fn any(&mut self, id: ComponentAnyTypeId) {
        match id {
            ComponentAnyTypeId::Resource(_) => drop(self.seen.insert(id)),
            ComponentAnyTypeId::Defined(id) => self.defined(id),
            ComponentAnyTypeId::Func(id) => self.function(id),
            ComponentAnyTypeId::Instance(id) => self.entity(ComponentEntityType::Instance(id)),
            ComponentAnyTypeId::Component(_) => self.any_component = true,
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
