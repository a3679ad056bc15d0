//! Nesting: how deep the types of a component are in each other. Validators and readers follow types into each other, and
//! wasmparser ends the process where they are too deep, instead of refusing the component. So this is looked at before
//! anything else reads types. It owns that limit and no other, and says nothing of what is invalid.

use wasmparser::{
    BinaryReader, CanonicalFunction, ComponentAlias, ComponentAliasSectionReader,
    ComponentCanonicalSectionReader, ComponentDefinedType, ComponentExport, ComponentExportSectionReader,
    ComponentExternName, ComponentExternalKind, ComponentFuncType, ComponentImport,
    ComponentImportSectionReader, ComponentInstance, ComponentInstanceSectionReader, ComponentOuterAliasKind,
    ComponentStartFunction, ComponentType, ComponentTypeRef, ComponentValType, CoreType, Error, TypeBounds,
};

use super::{Fault, MAX_DEPTH};
use crate::sections::{Section, id, sections};

/// The most that a type may be deep. wasmparser panics from 128 on (`TypeInfo` in its `validator/types.rs`), and each
/// composition around a component may add to it.
const MOST: u32 = 100;

/// Fails if the types in the component in `bytes` nest more than 100 deep: interfaces that hold interfaces, components
/// that export components. A component that cannot be read is none of its business.
pub fn nesting(bytes: &[u8]) -> Result<(), Fault> {
    match Walk::default().component(0, bytes) {
        Err(Stop::Deep(offset)) => {
            Err(Fault { message: format!("types nest more than {MOST} deep"), offset })
        }
        Err(Stop::Unreadable) | Ok(_) => Ok(()),
    }
}

/// Why no more is read.
enum Stop {
    /// A type at this offset in the component is too deep.
    Deep(usize),
    /// Nothing behind this is read by others either, but to say what is wrong.
    Unreadable,
}

impl From<Error> for Stop {
    fn from(_: Error) -> Stop {
        Stop::Unreadable
    }
}

type Depth = Result<u32, Stop>;

/// How deep the type is of what each index stands for, in a component or in a type that declares such. Where it cannot be
/// told, as for one export of an instance, it is the most that it may be.
#[derive(Default)]
struct Scope {
    types: Vec<u32>,
    funcs: Vec<u32>,
    instances: Vec<u32>,
    components: Vec<u32>,
    values: Vec<u32>,
    /// Of the component, or the type, itself.
    own: u32,
}

/// A core type, or a type that is nothing but itself.
const LEAF: u32 = 1;

#[derive(Default)]
struct Walk {
    /// What is open, the innermost last.
    scopes: Vec<Scope>,
    /// How many of them are types.
    types: u32,
}

impl Walk {
    /// The depth of the component that stands `at` this offset.
    fn component(&mut self, at: usize, bytes: &[u8]) -> Depth {
        if self.scopes.len() > MAX_DEPTH as usize {
            return Err(Stop::Unreadable);
        }
        self.scopes.push(Scope { own: LEAF, ..Scope::default() });
        for section in sections(bytes) {
            let section = section?;
            let at = at + section.start();
            self.section(at, &section)?;
        }
        Ok(self.close())
    }

    fn section(&mut self, at: usize, section: &Section<'_>) -> Result<(), Stop> {
        let mut reader = BinaryReader::new(section.body, at);
        match section.id {
            id::COMPONENT => {
                let depth = self.component(at, section.body)?;
                self.scope().components.push(depth);
            }
            id::TYPE => {
                for _ in 0..reader.read_var_u32()? {
                    let depth = self.ty(&mut reader)?;
                    self.scope().types.push(depth);
                }
            }
            id::IMPORT => {
                for import in ComponentImportSectionReader::new(reader)?.into_iter_with_offsets() {
                    let (offset, ComponentImport { ty, .. }) = import?;
                    self.declared(ty, offset)?;
                }
            }
            id::EXPORT => {
                for export in ComponentExportSectionReader::new(reader)?.into_iter_with_offsets() {
                    let (offset, ComponentExport { kind, index, ty, .. }) = export?;
                    let ascribed = ty.map_or(Ok(LEAF), |ty| self.entity(ty))?;
                    let depth = self.at(kind, index)?.max(ascribed);
                    self.holds(depth, offset)?;
                    self.push(kind, depth);
                }
            }
            id::ALIAS => {
                for alias in ComponentAliasSectionReader::new(reader)? {
                    self.alias(&alias?)?;
                }
            }
            id::INSTANCE => {
                for instance in ComponentInstanceSectionReader::new(reader)?.into_iter_with_offsets() {
                    let (offset, instance) = instance?;
                    let depth = self.instance(&instance, offset)?;
                    self.scope().instances.push(depth);
                }
            }
            id::CANONICAL => {
                for function in ComponentCanonicalSectionReader::new(reader)? {
                    if let CanonicalFunction::Lift { type_index, .. } = function? {
                        let depth = self.at(ComponentExternalKind::Type, type_index)?;
                        self.scope().funcs.push(depth);
                    }
                }
            }
            id::START => {
                let start = reader.read::<ComponentStartFunction>()?;
                let depth = self.at(ComponentExternalKind::Func, start.func_index)?;
                (0..start.results).for_each(|_| self.scope().values.push(depth));
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads a type. Types that hold declarations are not left to wasmparser, which follows them however deep they are.
    fn ty(&mut self, reader: &mut BinaryReader<'_>) -> Depth {
        let offset = reader.original_position();
        let is_component = match reader.clone().read_u8()? {
            0x41 => true,
            0x42 => false,
            _ => return self.leaf(reader.read()?),
        };
        self.types = deeper(self.types, offset)?;
        reader.read_u8()?;
        self.scopes.push(Scope { own: LEAF, ..Scope::default() });
        for _ in 0..reader.read_var_u32()? {
            let offset = reader.original_position();
            match reader.read_u8()? {
                0x00 => drop(reader.read::<CoreType<'_>>()?),
                0x01 => {
                    let depth = self.ty(reader)?;
                    self.scope().types.push(depth);
                }
                0x02 => self.alias(&reader.read()?)?,
                0x03 if is_component => self.declared(reader.read::<ComponentImport<'_>>()?.ty, offset)?,
                0x04 => {
                    reader.read::<ComponentExternName<'_>>()?;
                    self.declared(reader.read()?, offset)?;
                }
                _ => return Err(Stop::Unreadable),
            }
        }
        self.types -= 1;
        Ok(self.close())
    }

    fn leaf(&mut self, ty: ComponentType<'_>) -> Depth {
        let ComponentType::Defined(ty) = ty else {
            let ComponentType::Func(ComponentFuncType { params, result, .. }) = ty else { return Ok(LEAF) };
            return self.around(params.iter().map(|(_, ty)| *ty).chain(result));
        };
        match ty {
            ComponentDefinedType::Record(fields) => self.around(fields.iter().map(|(_, ty)| *ty)),
            ComponentDefinedType::Variant(cases) => self.around(cases.iter().filter_map(|case| case.ty)),
            ComponentDefinedType::Tuple(types) => self.around(types.iter().copied()),
            ComponentDefinedType::Map(key, value) => self.around([key, value].into_iter()),
            ComponentDefinedType::Result { ok, err } => self.around(ok.into_iter().chain(err)),
            ComponentDefinedType::List(ty)
            | ComponentDefinedType::FixedLengthList(ty, _)
            | ComponentDefinedType::Option(ty) => self.around(std::iter::once(ty)),
            ComponentDefinedType::Future(ty) | ComponentDefinedType::Stream(ty) => {
                self.around(ty.into_iter())
            }
            _ => Ok(LEAF),
        }
    }

    /// The depth of a type around others. The validator itself refuses those that are too deep.
    fn around(&mut self, types: impl Iterator<Item = ComponentValType>) -> Depth {
        let mut most = 0;
        for ty in types {
            most = most.max(self.value(ty)?);
        }
        Ok(LEAF + most.min(MOST))
    }

    fn value(&mut self, ty: ComponentValType) -> Depth {
        match ty {
            ComponentValType::Primitive(_) => Ok(LEAF),
            ComponentValType::Type(index) => self.at(ComponentExternalKind::Type, index),
        }
    }

    fn entity(&mut self, ty: ComponentTypeRef) -> Depth {
        match ty {
            ComponentTypeRef::Module(_) => Ok(LEAF),
            ComponentTypeRef::Value(ty) => self.value(ty),
            ComponentTypeRef::Type(TypeBounds::SubResource) => Ok(LEAF),
            ComponentTypeRef::Func(index)
            | ComponentTypeRef::Type(TypeBounds::Eq(index))
            | ComponentTypeRef::Instance(index)
            | ComponentTypeRef::Component(index) => self.at(ComponentExternalKind::Type, index),
        }
    }

    /// An import, or an export in a type: it has an index, and what is open holds it.
    fn declared(&mut self, ty: ComponentTypeRef, offset: usize) -> Result<(), Stop> {
        let depth = self.entity(ty)?;
        self.holds(depth, offset)?;
        self.push(ty.kind(), depth);
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) -> Result<(), Stop> {
        match *alias {
            ComponentAlias::InstanceExport { kind, instance_index, .. } => {
                let around = self.at(ComponentExternalKind::Instance, instance_index)?;
                self.push(kind, (around - 1).max(LEAF));
            }
            ComponentAlias::Outer { kind, count, index } => {
                let kind = match kind {
                    ComponentOuterAliasKind::Type => ComponentExternalKind::Type,
                    ComponentOuterAliasKind::Component => ComponentExternalKind::Component,
                    _ => return Ok(()),
                };
                let scope = self.scopes.len().checked_sub(1 + count as usize).ok_or(Stop::Unreadable)?;
                let depth = depth_in(&mut self.scopes[scope], kind, index)?;
                self.push(kind, depth);
            }
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
        Ok(())
    }

    fn instance(&mut self, instance: &ComponentInstance<'_>, offset: usize) -> Depth {
        match instance {
            ComponentInstance::Instantiate { component_index, .. } => {
                self.at(ComponentExternalKind::Component, *component_index)
            }
            ComponentInstance::FromExports(exports) => {
                let mut most = 0;
                for export in exports {
                    most = most.max(self.at(export.kind, export.index)?);
                }
                deeper(most, offset)
            }
        }
    }

    /// Notes that what is open holds something of that depth.
    fn holds(&mut self, depth: u32, offset: usize) -> Result<(), Stop> {
        let scope = self.scope();
        scope.own = scope.own.max(deeper(depth, offset)?);
        Ok(())
    }

    fn at(&mut self, kind: ComponentExternalKind, index: u32) -> Depth {
        depth_in(self.scope(), kind, index)
    }

    fn push(&mut self, kind: ComponentExternalKind, depth: u32) {
        if let Some(space) = self.scope().space(kind) {
            space.push(depth);
        }
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("something is open while its content is read")
    }

    fn close(&mut self) -> u32 {
        self.scopes.pop().map_or(LEAF, |scope| scope.own)
    }
}

/// One more than `depth`, if that is not too much.
fn deeper(depth: u32, offset: usize) -> Depth {
    if depth < MOST { Ok(depth + 1) } else { Err(Stop::Deep(offset)) }
}

fn depth_in(scope: &mut Scope, kind: ComponentExternalKind, index: u32) -> Depth {
    match scope.space(kind) {
        Some(space) => space.get(index as usize).copied().ok_or(Stop::Unreadable),
        None => Ok(LEAF),
    }
}

impl Scope {
    /// The index space of what has a type that may be deep: all but core modules.
    fn space(&mut self, kind: ComponentExternalKind) -> Option<&mut Vec<u32>> {
        match kind {
            ComponentExternalKind::Module => None,
            ComponentExternalKind::Func => Some(&mut self.funcs),
            ComponentExternalKind::Value => Some(&mut self.values),
            ComponentExternalKind::Type => Some(&mut self.types),
            ComponentExternalKind::Instance => Some(&mut self.instances),
            ComponentExternalKind::Component => Some(&mut self.components),
        }
    }
}
