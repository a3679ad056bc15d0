//! Core modules: each is validated by itself, and what stands around it sees no more than its type.
//!
//! A module reaches nothing outside itself, so equal ones are validated once. What is asked of it where it stands beside
//! that is asked of its type. The validator of the components around is spared their content: it takes a snapshot of all
//! its types at the end of each definition, and one of modules would cost the more, the more of them there are.

use std::collections::BTreeMap;

use rayon::prelude::*;
use wasm_encoder::{
    Component, ComponentImportSection, ComponentTypeRef, CoreTypeSection, Encode, EntityType, FuncType,
    ModuleType, TagKind, TagType,
};
use wasmparser::types::{CoreTypeId, EntityType as Entity, TypesRef};
use wasmparser::{Chunk, CompositeInnerType, Parser, Validator, WasmFeatures};

use super::Fault;
use super::feed::feed;
use super::functions::Code;
use crate::request::Bodies;
use crate::target::Target;

/// Modules that were validated by themselves. They are found by where they are in memory: the bytes of a component
/// are not copied, and are there as long as it is, borrowed by it or, where it was recoloured, kept by it.
pub(crate) struct Modules {
    features: WasmFeatures,
    /// The types that they have, each once.
    types: Vec<ModuleType>,
    known: BTreeMap<Place, Known>,
}

/// Where bytes are in memory.
type Place = (usize, usize);

/// What is known of a module that is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Its type, among the types of all.
    Typed(u32),
    /// Its type is none that can be declared apart from it, or there are too many of them. It has to be read again.
    Untyped,
}

/// Modules as they are seen from a component that stands inside the one that [`Modules::enclosing`] opens.
#[derive(Clone, Copy)]
pub(crate) struct Inside<'m> {
    modules: Option<&'m Modules>,
    /// How many components are between the two.
    depth: u32,
}

impl Inside<'_> {
    /// Where no module is known.
    pub(super) const NONE: Inside<'static> = Inside { modules: None, depth: 0 };

    /// What is known of the module in `bytes`.
    pub(super) fn find(self, bytes: &[u8]) -> Option<Known> {
        self.modules?.known.get(&place(bytes)).copied()
    }

    /// How far out the types are for the innermost of so many components, the first of which is the one that stands inside.
    pub(super) fn count(self, components: usize) -> u32 {
        self.depth + components as u32
    }
}

impl Modules {
    /// No modules at all.
    pub(super) fn none(features: WasmFeatures) -> Modules {
        Modules { features, types: Vec::new(), known: BTreeMap::new() }
    }

    /// Validates modules but for the bodies of their functions, which it gives if they are to be validated, as segments are then,
    /// beside a validator as [`Modules::enclosing`] gives it. Those of a group are equal. `None` if one is not valid.
    pub(super) fn validate<'a>(
        groups: &[Vec<&'a [u8]>],
        features: WasmFeatures,
        bodies: Bodies,
    ) -> Option<(Modules, Validator, Vec<Code<'a>>)> {
        let validated = groups.par_iter().map(|group| {
            let mut validator = Validator::new_with_features(features);
            let whole = [(*group.first()?, bodies.into())];
            let fed = feed(&mut validator, whole, Inside::NONE, |_| Ok(())).ok()?;
            let types = validator.end(group.first()?.len()).ok()?;
            Some((module_type(types.as_ref()), fed.code))
        });
        let validated = validated.collect::<Option<Vec<_>>>()?;
        let (mut modules, mut all, mut indices) = (Modules::none(features), Vec::new(), BTreeMap::new());
        for (group, (ty, code)) in groups.iter().zip(validated) {
            let known = ty.map_or(Known::Untyped, |ty| modules.index(ty, &mut indices));
            modules.known.extend(group.iter().map(|bytes| (place(bytes), known)));
            all.extend(code);
        }
        let enclosing = modules.imported().unwrap_or_else(|_| {
            // A module may have more, and be valid by itself with more, than a type that is declared.
            modules.types.clear();
            modules.known.values_mut().for_each(|known| *known = Known::Untyped);
            modules.enclosing()
        });
        Some((modules, enclosing, all))
    }

    fn index(&mut self, ty: ModuleType, indices: &mut BTreeMap<Vec<u8>, u32>) -> Known {
        let mut encoded = Vec::new();
        ty.encode(&mut encoded);
        if let Some(index) = indices.get(&encoded) {
            return Known::Typed(*index);
        }
        if self.types.len() == Target::MAX_DEFINITIONS {
            return Known::Untyped;
        }
        let index = self.types.len() as u32;
        indices.insert(encoded, index);
        self.types.push(ty);
        Known::Typed(index)
    }

    /// The modules as they are seen `depth` components inside the one that has their types.
    pub(crate) fn inside(&self, depth: u32) -> Inside<'_> {
        Inside { modules: Some(self), depth }
    }

    /// A validator in which a component is open that imports a module of each type.
    pub(crate) fn enclosing(&self) -> Validator {
        self.imported().expect("the types were declared once already")
    }

    /// A validator in which that component is open. Fails if a type cannot be declared.
    fn imported(&self) -> Result<Validator, Fault> {
        let (mut types, mut imports) = (CoreTypeSection::new(), ComponentImportSection::new());
        for (index, ty) in self.types.iter().enumerate() {
            types.ty().module(ty);
            imports.import(format!("m{index}"), ComponentTypeRef::Module(index as u32));
        }
        let mut component = Component::new();
        component.section(&types).section(&imports);
        let bytes = component.finish();
        let (mut validator, mut parser) = (Validator::new_with_features(self.features), Parser::new(0));
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match parser.parse(rest, false)? {
                Chunk::Parsed { consumed, payload } => {
                    validator.payload(&payload)?;
                    rest = &rest[consumed..];
                }
                Chunk::NeedMoreData(_) => unreachable!("what was encoded is not cut off"),
            }
        }
        Ok(validator)
    }
}

fn place(bytes: &[u8]) -> Place {
    (bytes.as_ptr().addr(), bytes.len())
}

/// The type of a module; `None` if it is made of types that are defined together or by others.
fn module_type(types: TypesRef<'_>) -> Option<ModuleType> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Diagnostic;

    fn validated(modules: &[String]) -> (Vec<Option<Known>>, usize) {
        let bytes = modules.iter().map(|text| wat::parse_str(text).unwrap()).collect::<Vec<_>>();
        let groups = bytes.iter().map(|bytes| vec![&bytes[..]]).collect::<Vec<_>>();
        let features = Target::default().features();
        let (modules, _, code) = Modules::validate(&groups, features, Bodies::Validated).unwrap();
        (bytes.iter().map(|bytes| modules.inside(0).find(bytes)).collect(), code.len())
    }

    /// All that a module can import has a type that can be declared apart from it.
    #[test]
    fn ordinary_modules_have_a_type() {
        let imports = r#"(module
            (type $f (func (param i32 v128 externref) (result i64 f32 funcref)))
            (import "a" "f" (func (type $f)))
            (import "a" "g" (func (type $f)))
            (import "a" "memory" (memory i64 1 2))
            (import "a" "shared" (memory 1 2 shared))
            (import "a" "table" (table 1 (ref null func)))
            (import "a" "global" (global (mut i32)))
            (import "b" "tag" (tag (param i32)))
            (func (export "h")))"#;
        let exports =
            r#"(module (func (export "f")) (memory (export "m") 1) (table (export "t") 1 externref))"#;
        let of_one_type = exports.replace("(export \"f\")", "(export \"f\") nop");
        let (known, code) = validated(&[imports.into(), exports.into(), of_one_type]);
        assert_eq!(known, [0, 1, 1].map(|index| Some(Known::Typed(index))));
        assert_eq!(code, 3, "each has functions to validate");
    }

    /// What is made of types that the module declares is left to wasmparser: no second declaration of ours stands for them.
    #[test]
    fn modules_of_declared_types_have_none() {
        let texts = [
            r#"(module (type $s (struct (field i32))) (func (export "f") (param (ref $s))))"#,
            r#"(module (rec (type $a (func)) (type $b (func (param (ref null $a))))) (func (export "f") (type $a)))"#,
            r#"(module (type $a (sub (func))) (func (export "f") (type $a)))"#,
            r#"(module (type $a (sub (func))) (type $b (sub $a (func))) (import "a" "f" (func (type $b))))"#,
            r#"(module (type $f (func)) (table (export "t") 1 (ref null $f)))"#,
        ];
        for text in texts {
            assert_eq!(validated(&[text.into()]).0, [Some(Known::Untyped)], "{text}");
        }
    }

    /// The validator allows 1,000 modules in one component, and the component with the types is one.
    #[test]
    fn no_more_types_are_declared_than_the_validator_allows() {
        let module = |index: usize| format!(r#"(module (func (export "f{index}")))"#);
        let (known, _) = validated(&(0..=Target::MAX_DEFINITIONS).map(module).collect::<Vec<_>>());
        assert_eq!(
            known[Target::MAX_DEFINITIONS - 1],
            Some(Known::Typed(Target::MAX_DEFINITIONS as u32 - 1))
        );
        assert_eq!(known[Target::MAX_DEFINITIONS], Some(Known::Untyped));
    }

    /// What a link says of a component with these sections; nothing if it is valid.
    fn said(sections: &[Vec<u8>]) -> Option<String> {
        said_of(sections, Bodies::Validated).map(|diagnostic| diagnostic.message)
    }

    fn said_of(sections: &[Vec<u8>], bodies: Bodies) -> Option<Diagnostic> {
        let bytes = [&Component::HEADER[..], &sections.concat()].concat();
        let name = crate::InstanceName::new("input").unwrap();
        let input = crate::Input { name, file: "input.wasm".into(), bytes: &bytes };
        let inputs = crate::Inputs::new(vec![input]).unwrap();
        crate::parse(&inputs, &Target::default(), bodies).err()?.into_iter().next()
    }

    fn section(module: &[u8]) -> Vec<u8> {
        let mut section = vec![1];
        module.encode(&mut section);
        section
    }

    /// By itself, a component is as valid as a module.
    #[test]
    fn a_module_begins_as_one() {
        let module = wat::parse_str("(module)").unwrap();
        assert_eq!(said(&[section(&module)]), None);
        for other in [Component::HEADER, *b"AAAAAAAA"] {
            assert!(said(&[section(&other)]).is_some());
            // What follows the header is the same.
            assert!(said(&[section(&module), section(&other)]).is_some());
            assert!(said(&[section(&other), section(&module)]).is_some());
        }
    }

    /// A module may import something twice, but not inside a component.
    #[test]
    fn what_is_asked_of_a_module_inside_is_asked() {
        let twice = r#"(module (import "a" "f" (func)) (import "a" "f" (func)))"#;
        let said = said(&[section(&wat::parse_str(twice).unwrap())]).unwrap();
        assert!(said.contains("duplicate import name"), "{said}");
    }

    /// A declared type may have 100,000 imports and exports, a module ten times as many.
    #[test]
    fn modules_of_larger_types_than_can_be_declared_are_valid() {
        let mut exports = wasm_encoder::ExportSection::new();
        let mut module = wasm_encoder::Module::new();
        let mut memories = wasm_encoder::MemorySection::new();
        let memory = wasm_encoder::MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        memories.memory(memory);
        (0..100_001).for_each(|name| {
            exports.export(&name.to_string(), wasm_encoder::ExportKind::Memory, 0);
        });
        module.section(&memories).section(&exports);
        assert_eq!(said(&[section(&module.finish())]), None);
    }

    /// Most of a file is code, so that is where most files that are cut off are cut.
    #[test]
    fn a_file_that_is_cut_off_in_code_is_told_of_with_its_place() {
        let bytes = wat::parse_str(r#"(component (core module (func nop nop) (func nop nop)))"#).unwrap();
        let cut = &bytes[8..bytes.len() - 3];
        for bodies in [Bodies::Validated, Bodies::Unvalidated] {
            let said = said_of(&[cut.to_vec()], bodies).unwrap();
            assert!(said.message.contains("unexpected end-of-file"), "{}", said.message);
            assert_eq!(said.notes, ["at offset 0x26 of the file"], "where the body begins that is cut off");
        }
    }
}
