//! Types: each as it was read, and the `async` form of those that need one, written before their first use as such.

use wasm_encoder::reencode::ReencodeComponent;
use wasm_encoder::{Alias, ComponentOuterAliasKind, ComponentType, ComponentTypeRef, InstanceType};
use wasmparser::{
    ComponentExternalKind, ComponentFuncType, ComponentTypeDeclaration, InstanceTypeDeclaration,
};

use super::super::value::{Instance, Kind, Value};
use super::place::{Place, Sections};
use super::scope::{Entry, Scope};
use super::{Result, Rewriter, unsupported};

impl<'a> Rewriter<'_, 'a> {
    pub(super) fn scope(&mut self) -> &mut Scope<'a> {
        self.scopes.last_mut().expect("something is being written")
    }

    /// Gives `write` the place that is being written, and the rewriter beside it.
    pub(super) fn with_place<T>(
        &mut self,
        write: impl FnOnce(&mut Self, &mut Place) -> Result<T>,
    ) -> Result<T> {
        let mut place = std::mem::take(&mut self.scope().place);
        let result = write(self, &mut place);
        self.scope().place = place;
        result
    }

    pub(super) fn sections(&mut self) -> &mut Sections {
        self.scope().place.sections()
    }

    /// Writes a type as it was read, but for its indices.
    pub(super) fn define(&mut self, ty: wasmparser::ComponentType<'a>) -> Result<()> {
        let entry = match ty {
            wasmparser::ComponentType::Func(ty) => {
                self.function(&ty, ty.async_)?;
                Entry::Function(ty)
            }
            wasmparser::ComponentType::Instance(declarations) => {
                let ty = self.instance_type(&declarations, &Instance::Opaque)?;
                self.scope().place.ty().instance(&ty);
                Entry::Instance(declarations)
            }
            wasmparser::ComponentType::Component(declarations) => {
                let ty = self.component_declarations(&declarations)?;
                self.scope().place.ty().component(&ty);
                Entry::Other
            }
            ty => {
                self.with_place(|this, place| this.parse_component_type(place.ty(), ty))?;
                Entry::Other
            }
        };
        self.scope().new_type(entry);
        Ok(())
    }

    fn function(&mut self, ty: &ComponentFuncType<'a>, is_async: bool) -> Result<()> {
        let ty = ComponentFuncType { async_: is_async, ..ty.clone() };
        self.with_place(|this, place| this.parse_component_func_type(place.ty().function(), ty))
    }

    /// Writes a reference to the type of something that is `value`.
    pub(super) fn type_ref(
        &mut self,
        ty: wasmparser::ComponentTypeRef,
        value: &Value,
    ) -> Result<ComponentTypeRef> {
        match (ty, value) {
            (wasmparser::ComponentTypeRef::Func(index), value) if self.flipped(value) => {
                Ok(ComponentTypeRef::Func(self.async_function(index)?))
            }
            (wasmparser::ComponentTypeRef::Instance(index), Value::Instance(instance))
                if self.flipped(value) =>
            {
                Ok(ComponentTypeRef::Instance(self.flipped_instance(index, instance)?))
            }
            _ => self.component_type_ref(ty),
        }
    }

    /// The new index of the `async` form of a function type, which is written if it is not there yet.
    pub(super) fn async_function(&mut self, index: u32) -> Result<u32> {
        if let Some(known) = self.scope().asynchronous.get(&index).copied() {
            self.changed |= known != index;
            return Ok(known);
        }
        let new = match self.scope().types.get(index as usize).cloned() {
            Some(Entry::Same(same)) => self.async_function(same)?,
            Some(Entry::Function(ty)) if ty.async_ => self.component_type_index(index),
            Some(Entry::Function(ty)) => {
                self.changed = true;
                self.function(&ty, true)?;
                self.scope().added_type()
            }
            Some(Entry::Outer { count, index }) => self.outer(count, |this| this.async_function(index))?,
            _ => return unsupported("a function that changes has a type that comes from elsewhere"),
        };
        self.scope().asynchronous.insert(index, new);
        Ok(new)
    }

    /// The new index of the form of an instance type that the instance `of` needs.
    fn flipped_instance(&mut self, index: u32, of: &Instance) -> Result<u32> {
        match self.scope().types.get(index as usize).cloned() {
            Some(Entry::Same(same)) => self.flipped_instance(same, of),
            Some(Entry::Instance(declarations)) => {
                let (ty, changed) = self.watch(|this| this.instance_type(&declarations, of))?;
                if !changed {
                    return Ok(self.component_type_index(index));
                }
                self.scope().place.ty().instance(&ty);
                Ok(self.scope().added_type())
            }
            Some(Entry::Outer { count, index }) => self.outer(count, |this| this.flipped_instance(index, of)),
            _ => unsupported("a function that changes stands in an instance whose type comes from elsewhere"),
        }
    }

    /// Writes a type in the scope at `count` steps around this one, and an alias of it here.
    fn outer(&mut self, count: u32, write: impl FnOnce(&mut Self) -> Result<u32>) -> Result<u32> {
        let around = self.scopes.len().saturating_sub(count as usize);
        if around == 0 {
            return unsupported("an alias leads out of the component");
        }
        let inside = self.scopes.split_off(around);
        let written = write(self);
        self.scopes.extend(inside);
        let index = written?;
        if count == 0 {
            return Ok(index);
        }
        self.changed = true;
        let scope = self.scope();
        scope.place.alias(Alias::Outer { kind: ComponentOuterAliasKind::Type, count, index });
        Ok(scope.added_type())
    }

    /// Writes an instance type in the form that the instance `of` needs.
    fn instance_type(
        &mut self,
        declarations: &[InstanceTypeDeclaration<'a>],
        of: &Instance,
    ) -> Result<InstanceType> {
        self.scopes.push(Scope::of(Place::Instance(InstanceType::new())));
        for declaration in declarations {
            match declaration.clone() {
                InstanceTypeDeclaration::CoreType(ty) => self.with_place(|this, place| match place {
                    Place::Instance(of) => this.parse_component_core_type(of.core_type(), ty),
                    _ => Ok(()),
                })?,
                InstanceTypeDeclaration::Type(ty) => self.define(ty)?,
                InstanceTypeDeclaration::Alias(alias) => self.plain_alias(alias)?,
                InstanceTypeDeclaration::Export { name, ty } => {
                    let value = of.get(name.name, Kind::from(ty.kind()));
                    let new = self.type_ref(ty, &value)?;
                    if let Place::Instance(of) = &mut self.scope().place {
                        of.export(name, new);
                    }
                    self.introduce_bound(ty);
                }
            }
        }
        match self.scopes.pop().map(|scope| scope.place) {
            Some(Place::Instance(ty)) => Ok(ty),
            _ => unreachable!("what was pushed is popped"),
        }
    }

    /// Writes a component type. Nothing in it changes but indices of types around it.
    fn component_declarations(
        &mut self,
        declarations: &[ComponentTypeDeclaration<'a>],
    ) -> Result<ComponentType> {
        self.scopes.push(Scope::of(Place::ComponentType(ComponentType::new())));
        for declaration in declarations {
            match declaration.clone() {
                ComponentTypeDeclaration::CoreType(ty) => self.with_place(|this, place| match place {
                    Place::ComponentType(of) => this.parse_component_core_type(of.core_type(), ty),
                    _ => Ok(()),
                })?,
                ComponentTypeDeclaration::Type(ty) => self.define(ty)?,
                ComponentTypeDeclaration::Alias(alias) => self.plain_alias(alias)?,
                ComponentTypeDeclaration::Export { name, ty } => {
                    let new = self.component_type_ref(ty)?;
                    if let Place::ComponentType(of) = &mut self.scope().place {
                        of.export(name, new);
                    }
                    self.introduce_bound(ty);
                }
                ComponentTypeDeclaration::Import(import) => {
                    let new = self.component_type_ref(import.ty)?;
                    if let Place::ComponentType(of) = &mut self.scope().place {
                        of.import(import.name, new);
                    }
                    self.introduce_bound(import.ty);
                }
            }
        }
        match self.scopes.pop().map(|scope| scope.place) {
            Some(Place::ComponentType(ty)) => Ok(ty),
            _ => unreachable!("what was pushed is popped"),
        }
    }

    /// Adds a type that a declaration introduces to the index space.
    fn introduce_bound(&mut self, ty: wasmparser::ComponentTypeRef) {
        if ty.kind() == ComponentExternalKind::Type {
            let entry = match ty {
                wasmparser::ComponentTypeRef::Type(wasmparser::TypeBounds::Eq(index)) => Entry::Same(index),
                _ => Entry::Other,
            };
            self.scope().new_type(entry);
        }
    }
}

impl ReencodeComponent for Rewriter<'_, '_> {
    fn component_type_index(&mut self, index: u32) -> u32 {
        let new = self.scope().type_index(index);
        self.changed |= new != index;
        new
    }

    fn outer_component_type_index(&mut self, count: u32, index: u32) -> u32 {
        let around = self.scopes.len().checked_sub(1 + count as usize);
        let new = around.map_or(index, |around| self.scopes[around].type_index(index));
        self.changed |= new != index;
        new
    }

    fn component_index(&mut self, index: u32) -> u32 {
        let new = self.scope().component_index(index);
        self.changed |= new != index;
        new
    }
}
