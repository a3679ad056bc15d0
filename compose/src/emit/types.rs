//! Types of the composition's imports, encoded anew from what the members of each import need.
//!
//! A type is found by its id: under the name that the import gives it, in another import, or nowhere, in which case it
//! is encoded by its structure. Ids of different members lead to one place through [`Root::home`].

use std::collections::BTreeMap;

use wasm_encoder::{
    Alias, ComponentOuterAliasKind, ComponentTypeEncoder, ComponentTypeRef, ComponentValType as Encoded,
    InstanceType, TypeBounds,
};
use wasmparser::component_types::{
    AliasableResourceId, ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId,
    ComponentEntityType, ComponentFuncTypeId, ComponentValType,
};

use super::root::{Home, Root};
use crate::component::{Components, ImportId};
use crate::resolve::MergedContent;

/// Writes the import at `index` of the plan.
pub(super) fn import(root: &mut Root<'_, '_>, index: usize) {
    let imports = root.imports;
    let ty = match &imports[index].content {
        MergedContent::Instance(items) => {
            let mut body = Body {
                root,
                import: index,
                ty: InstanceType::new(),
                known: BTreeMap::new(),
                named: BTreeMap::new(),
                aliased: BTreeMap::new(),
            };
            for (name, ty) in items {
                let ty = entity(&mut body, *ty);
                body.export(name, ty);
            }
            let ty = body.ty;
            ComponentTypeRef::Instance(root.define(|encoder| encoder.instance(&ty)))
        }
        MergedContent::Single(ty) => entity(&mut Top { root, known: BTreeMap::new() }, *ty),
    };
    root.import(ty);
}

/// Defines the type that the type import `id` asks for.
pub(super) fn define(root: &mut Root<'_, '_>, id: ImportId) -> u32 {
    let ty = root.import_of(id);
    match entity(&mut Top { root, known: BTreeMap::new() }, ty) {
        ComponentTypeRef::Type(TypeBounds::Eq(index)) => index,
        _ => unreachable!("only imports of defined types are substituted"),
    }
}

/// Defines the type `ty` anew, with the types of `known` at the indices that it gives.
pub(super) fn retype(
    root: &mut Root<'_, '_>,
    known: BTreeMap<ComponentAnyTypeId, u32>,
    ty: ComponentEntityType,
) -> ComponentTypeRef {
    entity(&mut Top { root, known }, ty)
}

/// A place where types are defined: the root component, or the body of an instance type.
pub(super) trait Scope {
    fn components(&self) -> &Components<'_>;
    /// The index of a type that stands somewhere already.
    fn find(&mut self, id: ComponentAnyTypeId) -> Option<u32>;
    /// Defines a type and remembers it under `id`.
    fn define(&mut self, id: ComponentAnyTypeId, build: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32;
}

struct Top<'r, 'c, 'a> {
    root: &'r mut Root<'c, 'a>,
    known: BTreeMap<ComponentAnyTypeId, u32>,
}

impl Scope for Top<'_, '_, '_> {
    fn components(&self) -> &Components<'_> {
        self.root.components
    }

    fn find(&mut self, id: ComponentAnyTypeId) -> Option<u32> {
        if let Some(index) = self.known.get(&id) {
            return Some(*index);
        }
        let home = self.root.home(id)?;
        self.root.is_written(home.0).then(|| self.root.type_at(&home))
    }

    fn define(&mut self, id: ComponentAnyTypeId, build: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32 {
        let index = self.root.define(build);
        self.known.insert(id, index);
        index
    }
}

struct Body<'r, 'c, 'a> {
    root: &'r mut Root<'c, 'a>,
    import: usize,
    ty: InstanceType,
    /// Types that have no name.
    known: BTreeMap<ComponentAnyTypeId, u32>,
    /// Types that this import names.
    named: BTreeMap<String, u32>,
    /// Types of other imports.
    aliased: BTreeMap<Home, u32>,
}

impl Body<'_, '_, '_> {
    fn export(&mut self, name: &str, ty: ComponentTypeRef) {
        if let ComponentTypeRef::Type(_) = ty {
            self.named.insert(name.to_owned(), self.ty.type_count());
        }
        self.ty.export(name, ty);
    }
}

impl Scope for Body<'_, '_, '_> {
    fn components(&self) -> &Components<'_> {
        self.root.components
    }

    fn find(&mut self, id: ComponentAnyTypeId) -> Option<u32> {
        let Some(home) = self.root.home(id) else {
            return self.known.get(&id).copied();
        };
        match (&home, self.aliased.get(&home)) {
            // Under its name, once it has it: a type without a name could not be used in an import.
            ((import, Some(name)), _) if *import == self.import => {
                self.named.get(name).or(self.known.get(&id)).copied()
            }
            (_, Some(index)) => Some(*index),
            (_, None) => {
                let outer = self.root.type_at(&home);
                self.ty.alias(Alias::Outer { kind: ComponentOuterAliasKind::Type, count: 1, index: outer });
                let index = self.ty.type_count() - 1;
                self.aliased.insert(home, index);
                Some(index)
            }
        }
    }

    fn define(&mut self, id: ComponentAnyTypeId, build: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32 {
        build(self.ty.ty());
        let index = self.ty.type_count() - 1;
        self.known.insert(id, index);
        index
    }
}

fn entity(scope: &mut impl Scope, ty: ComponentEntityType) -> ComponentTypeRef {
    match ty {
        ComponentEntityType::Func(id) => ComponentTypeRef::Func(function(scope, id)),
        ComponentEntityType::Type { referenced: ComponentAnyTypeId::Defined(id), .. } => {
            ComponentTypeRef::Type(TypeBounds::Eq(defined(scope, id)))
        }
        ComponentEntityType::Type { referenced: ComponentAnyTypeId::Resource(id), created } => {
            let introduces = created == ComponentAnyTypeId::Resource(id);
            ComponentTypeRef::Type(match introduces {
                true => TypeBounds::SubResource,
                false => TypeBounds::Eq(resource(scope, id)),
            })
        }
        _ => unreachable!("resolving reports open imports of other kinds"),
    }
}

pub(super) fn function(scope: &mut impl Scope, id: ComponentFuncTypeId) -> u32 {
    let ty = scope.components().types()[id].clone();
    let params = ty.params.iter().map(|(name, ty)| (name.as_str(), value(scope, *ty))).collect::<Vec<_>>();
    let result = ty.result.map(|ty| value(scope, ty));
    scope.define(id.into(), |encoder| {
        encoder.function().async_(ty.async_).params(params).result(result);
    })
}

fn value(scope: &mut impl Scope, ty: ComponentValType) -> Encoded {
    match ty {
        ComponentValType::Primitive(ty) => Encoded::Primitive(ty.into()),
        ComponentValType::Type(id) => Encoded::Type(defined(scope, id)),
    }
}

fn resource(scope: &mut impl Scope, id: AliasableResourceId) -> u32 {
    scope.find(id.into()).expect("resources of open imports stand in open imports: resolving reports splits")
}

pub(super) fn defined(scope: &mut impl Scope, id: ComponentDefinedTypeId) -> u32 {
    if let Some(index) = scope.find(id.into()) {
        return index;
    }
    use ComponentDefinedType as Type;
    let ty = scope.components().types()[id].clone();
    // Parts first: they are defined before the whole.
    let key = id.into();
    match ty {
        Type::Primitive(ty) => scope.define(key, |encoder| encoder.defined_type().primitive(ty.into())),
        Type::Record(record) => {
            let fields =
                record.fields.iter().map(|(name, ty)| (name.as_str(), value(scope, *ty))).collect::<Vec<_>>();
            scope.define(key, |encoder| encoder.defined_type().record(fields))
        }
        Type::Variant(variant) => {
            let cases = variant.cases.iter();
            let cases = cases
                .map(|(name, case)| (name.as_str(), case.ty.map(|ty| value(scope, ty))))
                .collect::<Vec<_>>();
            scope.define(key, |encoder| encoder.defined_type().variant(cases))
        }
        Type::List { element, .. } => {
            let element = value(scope, element);
            scope.define(key, |encoder| encoder.defined_type().list(element))
        }
        Type::Map { key: of, value: to, .. } => {
            let (of, to) = (value(scope, of), value(scope, to));
            scope.define(key, |encoder| encoder.defined_type().map(of, to))
        }
        Type::FixedLengthList { element, length, .. } => {
            let element = value(scope, element);
            scope.define(key, |encoder| encoder.defined_type().fixed_length_list(element, length))
        }
        Type::Tuple(tuple) => {
            let types = tuple.types.iter().map(|ty| value(scope, *ty)).collect::<Vec<_>>();
            scope.define(key, |encoder| encoder.defined_type().tuple(types))
        }
        Type::Flags(names) => {
            scope.define(key, |encoder| encoder.defined_type().flags(names.iter().map(|name| name.as_str())))
        }
        Type::Enum(names) => scope
            .define(key, |encoder| encoder.defined_type().enum_type(names.iter().map(|name| name.as_str()))),
        Type::Option { ty, .. } => {
            let ty = value(scope, ty);
            scope.define(key, |encoder| encoder.defined_type().option(ty))
        }
        Type::Result { ok, err, .. } => {
            let (ok, err) = (ok.map(|ty| value(scope, ty)), err.map(|ty| value(scope, ty)));
            scope.define(key, |encoder| encoder.defined_type().result(ok, err))
        }
        Type::Own(id) => {
            let id = resource(scope, id);
            scope.define(key, |encoder| encoder.defined_type().own(id))
        }
        Type::Borrow(id) => {
            let id = resource(scope, id);
            scope.define(key, |encoder| encoder.defined_type().borrow(id))
        }
        Type::Future { ty, .. } => {
            let ty = ty.map(|ty| value(scope, ty));
            scope.define(key, |encoder| encoder.defined_type().future(ty))
        }
        Type::Stream { ty, .. } => {
            let ty = ty.map(|ty| value(scope, ty));
            scope.define(key, |encoder| encoder.defined_type().stream(ty))
        }
    }
}
