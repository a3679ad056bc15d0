//! The type of a core module, as a component that imports the module writes it.

use std::collections::BTreeMap;
use wasm_encoder::{EntityType, ModuleType, TagKind, ValType};
use wasmparser::{CompositeInnerType, ExternalKind, FuncType, Parser, Payload, SubType, TypeRef};

/// The type of the module in `binary`. `None` if it is not well-formed, or if a function that it imports or exports has a
/// type that stands for more than its parameters and results.
pub(super) fn of(binary: &[u8]) -> Option<ModuleType> {
    let mut module = Module::default();
    for payload in Parser::new(0).parse_all(binary) {
        match payload.ok()? {
            Payload::TypeSection(types) => {
                for group in types {
                    let group = group.ok()?;
                    // Types that are defined together are others than the same types apart.
                    let alone = group.types().len() == 1;
                    module.types.extend(group.into_types().map(|ty| plain(&ty).filter(|_| alone)));
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.ok()?;
                    let ty = module.defined(import.ty)?;
                    module.ty.import(import.module, import.name, ty);
                }
            }
            Payload::FunctionSection(functions) => {
                for function in functions {
                    module.functions.push(function.ok()?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    module.tables.push(table.ok()?.ty);
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    module.memories.push(memory.ok()?);
                }
            }
            Payload::TagSection(tags) => {
                for tag in tags {
                    module.tags.push(tag.ok()?.func_type_idx);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    module.globals.push(global.ok()?.ty);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.ok()?;
                    let ty = module.entity(export.kind, export.index as usize)?;
                    module.ty.export(export.name, ty);
                }
            }
            // Nothing behind it is in the type.
            Payload::CodeSectionStart { .. } => break,
            _ => {}
        }
    }
    Some(module.ty)
}

/// The index spaces of a module, and its type as far as it is read.
#[derive(Default)]
struct Module {
    /// `None` is a type that is not plain.
    types: Vec<Option<FuncType>>,
    functions: Vec<u32>,
    tables: Vec<wasmparser::TableType>,
    memories: Vec<wasmparser::MemoryType>,
    globals: Vec<wasmparser::GlobalType>,
    tags: Vec<u32>,
    ty: ModuleType,
    /// The types that `ty` declares: from their indices in the module to those in `ty`.
    declared: BTreeMap<u32, u32>,
}

impl Module {
    /// Takes an import into its index space.
    fn defined(&mut self, ty: TypeRef) -> Option<EntityType> {
        match ty {
            TypeRef::Func(ty) => {
                self.functions.push(ty);
                self.entity(ExternalKind::Func, self.functions.len() - 1)
            }
            TypeRef::Table(ty) => {
                self.tables.push(ty);
                self.entity(ExternalKind::Table, self.tables.len() - 1)
            }
            TypeRef::Memory(ty) => {
                self.memories.push(ty);
                self.entity(ExternalKind::Memory, self.memories.len() - 1)
            }
            TypeRef::Global(ty) => {
                self.globals.push(ty);
                self.entity(ExternalKind::Global, self.globals.len() - 1)
            }
            TypeRef::Tag(ty) => {
                self.tags.push(ty.func_type_idx);
                self.entity(ExternalKind::Tag, self.tags.len() - 1)
            }
            TypeRef::FuncExact(_) => None,
        }
    }

    fn entity(&mut self, kind: ExternalKind, index: usize) -> Option<EntityType> {
        Some(match kind {
            ExternalKind::Func => EntityType::Function(self.function_type(*self.functions.get(index)?)?),
            ExternalKind::Table => {
                let table = *self.tables.get(index)?;
                table.element_type.type_index().is_none().then_some(())?;
                EntityType::Table(table.try_into().ok()?)
            }
            ExternalKind::Memory => EntityType::Memory((*self.memories.get(index)?).into()),
            ExternalKind::Global => {
                let global = *self.globals.get(index)?;
                value(global.content_type)?;
                EntityType::Global(global.try_into().ok()?)
            }
            ExternalKind::Tag => EntityType::Tag(wasm_encoder::TagType {
                kind: TagKind::Exception,
                func_type_idx: self.function_type(*self.tags.get(index)?)?,
            }),
            ExternalKind::FuncExact => return None,
        })
    }

    /// The index of the type in `ty`, where it is declared if it was not before.
    fn function_type(&mut self, index: u32) -> Option<u32> {
        if let Some(known) = self.declared.get(&index) {
            return Some(*known);
        }
        let ty = self.types.get(index as usize)?.as_ref()?;
        let values =
            |types: &[wasmparser::ValType]| types.iter().map(|ty| value(*ty)).collect::<Option<Vec<_>>>();
        let (params, results) = (values(ty.params())?, values(ty.results())?);
        let declared = self.ty.type_count();
        self.ty.ty().function(params, results);
        self.declared.insert(index, declared);
        Some(declared)
    }
}

/// A function type that is its parameters and results and nothing more.
fn plain(ty: &SubType) -> Option<FuncType> {
    let alone = ty.is_final && ty.supertype_idx.is_none();
    match &ty.composite_type.inner {
        CompositeInnerType::Func(function) if alone && !ty.composite_type.shared => Some(function.clone()),
        _ => None,
    }
}

/// A value type that names no type of the module.
fn value(ty: wasmparser::ValType) -> Option<ValType> {
    match ty {
        wasmparser::ValType::Ref(reference) if reference.type_index().is_some() => None,
        ty => ty.try_into().ok(),
    }
}
