//! The types of core modules, declared apart from them.

use std::collections::BTreeMap;

use wasm_encoder::{
    Component, ComponentImportSection, ComponentTypeRef, CoreTypeSection, Encode, EntityType, FuncType,
    ModuleType, TagKind, TagType,
};
use wasmparser::types::{CoreTypeId, EntityType as Entity, TypesRef};
use wasmparser::{Chunk, CompositeInnerType, Parser, Payload, Validator};

use super::Fault;
use crate::target::Target;

/// The types that modules have, each once.
pub(super) struct ModuleTypes {
    /// How many modules the component has beside those that it imports.
    before: usize,
    types: Vec<ModuleType>,
    indices: BTreeMap<Vec<u8>, u32>,
}

impl ModuleTypes {
    pub(super) fn after(before: usize) -> ModuleTypes {
        ModuleTypes { before, types: Vec::new(), indices: BTreeMap::new() }
    }

    /// The index that a module of that type is to have, if there can be one more.
    pub(super) fn index(&mut self, ty: ModuleType) -> Option<u32> {
        let mut encoded = Vec::new();
        ty.encode(&mut encoded);
        if let Some(index) = self.indices.get(&encoded) {
            return Some(*index);
        }
        let index = self.before + self.types.len();
        if index == Target::MAX_DEFINITIONS {
            return None;
        }
        let index = index as u32;
        self.indices.insert(encoded, index);
        self.types.push(ty);
        Some(index)
    }

    /// Has the component that is open import a module of each type. Fails if a type cannot be declared.
    pub(super) fn import(&self, validator: &mut Validator) -> Result<(), Fault> {
        let (mut types, mut imports) = (CoreTypeSection::new(), ComponentImportSection::new());
        for (index, ty) in self.types.iter().enumerate() {
            types.ty().module(ty);
            imports.import(format!("m{index}"), ComponentTypeRef::Module(index as u32));
        }
        let mut component = Component::new();
        component.section(&types).section(&imports);
        let bytes = component.finish();
        let mut parser = Parser::new(0);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match parser.parse(rest, false)? {
                Chunk::Parsed { consumed, payload } => {
                    // The component is open already, so the header is only for the parser.
                    if !matches!(payload, Payload::Version { .. }) {
                        validator.payload(&payload)?;
                    }
                    rest = &rest[consumed..];
                }
                Chunk::NeedMoreData(_) => unreachable!("what was encoded is not cut off"),
            }
        }
        Ok(())
    }
}

/// The type of a module; `None` if it is made of types that are defined together or by others.
pub(super) fn module_type(types: TypesRef<'_>) -> Option<ModuleType> {
    let mut encoder = Encoder { types, functions: BTreeMap::new(), ty: ModuleType::new() };
    for (module, name, entity) in types.core_imports()? {
        let entity = encoder.entity(entity)?;
        encoder.ty.import(module, name, entity);
    }
    for (name, entity) in types.core_exports()? {
        let entity = encoder.entity(entity)?;
        encoder.ty.export(name, entity);
    }
    Some(encoder.ty)
}

struct Encoder<'t> {
    types: TypesRef<'t>,
    /// The indices that types of functions have in the module type.
    functions: BTreeMap<CoreTypeId, u32>,
    ty: ModuleType,
}

impl Encoder<'_> {
    fn entity(&mut self, entity: Entity) -> Option<EntityType> {
        Some(match entity {
            Entity::Func(id) => EntityType::Function(self.function(id)?),
            Entity::FuncExact(_) => return None,
            Entity::Table(ty) => EntityType::Table(ty.try_into().ok()?),
            Entity::Memory(ty) => EntityType::Memory(ty.into()),
            Entity::Global(ty) => EntityType::Global(ty.try_into().ok()?),
            Entity::Tag(id) => {
                EntityType::Tag(TagType { kind: TagKind::Exception, func_type_idx: self.function(id)? })
            }
        })
    }

    fn function(&mut self, id: CoreTypeId) -> Option<u32> {
        if let Some(index) = self.functions.get(&id) {
            return Some(*index);
        }
        let alone = self.types.rec_group_elements(self.types.rec_group_id_of(id)).len() == 1;
        let ty = &self.types[id];
        let composite = &ty.composite_type;
        let described = composite.descriptor_idx.is_some() || composite.describes_idx.is_some();
        if !alone || !ty.is_final || ty.supertype_idx.is_some() || composite.shared || described {
            return None;
        }
        let CompositeInnerType::Func(function) = &composite.inner else { return None };
        let function = FuncType::try_from(function.clone()).ok()?;
        let index = self.ty.type_count();
        self.ty.ty().func_type(&function);
        self.functions.insert(id, index);
        Some(index)
    }
}
