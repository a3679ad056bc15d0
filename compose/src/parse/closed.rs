//! Closedness: an input may not reach outside itself, nor nest without end.
//!
//! Inputs are validated inside a synthetic outer component, where an outer alias beyond the input's root would find
//! its siblings. On its own such an input is invalid, so it must stay invalid here.

use wasmparser::{
    ComponentAlias, ComponentType, ComponentTypeDeclaration, CoreType, InstanceTypeDeclaration,
    ModuleTypeDeclaration, Payload,
};

use super::{Fault, nesting};

/// How deep components may nest. What toolchains make nests a few levels; work on deeper nesting grows with its square.
const MAX_DEPTH: u32 = 100;

/// How many components and modules are open around the current payload.
#[derive(Default)]
pub(super) struct Scopes {
    depth: u32,
}

impl Scopes {
    /// Follows `payload`, and fails if it aliases something outside the input or opens one component too many.
    pub(super) fn check(&mut self, payload: &Payload<'_>) -> Result<(), Fault> {
        match payload {
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone().into_iter_with_offsets() {
                    let (offset, alias) = alias?;
                    check_alias(&alias, self.depth, offset)?;
                }
            }
            Payload::ComponentTypeSection(section) => {
                for ty in section.clone().into_iter_with_offsets() {
                    let (offset, ty) = ty?;
                    check_type(&ty, self.depth, offset)?;
                }
            }
            Payload::CoreTypeSection(section) => {
                for ty in section.clone().into_iter_with_offsets() {
                    let (offset, ty) = ty?;
                    check_core_type(&ty, self.depth, offset)?;
                }
            }
            _ => {}
        }
        if let Some(step) = nesting(payload) {
            self.depth = self.depth.saturating_add_signed(step);
        }
        if let Payload::ComponentSection { unchecked_range, .. } = payload
            && self.depth > MAX_DEPTH
        {
            let message = format!("components nest more than {MAX_DEPTH} deep");
            return Err(Fault { message, offset: unchecked_range.start });
        }
        Ok(())
    }
}

fn check_count(count: u32, depth: u32, offset: usize) -> Result<(), Fault> {
    if count > depth {
        return Err(Fault { message: format!("invalid outer alias count of {count}"), offset });
    }
    Ok(())
}

fn check_alias(alias: &ComponentAlias<'_>, depth: u32, offset: usize) -> Result<(), Fault> {
    match alias {
        ComponentAlias::Outer { count, .. } => check_count(*count, depth, offset),
        _ => Ok(()),
    }
}

fn check_type(ty: &ComponentType<'_>, depth: u32, offset: usize) -> Result<(), Fault> {
    match ty {
        ComponentType::Component(declarations) => {
            declarations.iter().try_for_each(|declaration| match declaration {
                ComponentTypeDeclaration::Alias(alias) => check_alias(alias, depth + 1, offset),
                ComponentTypeDeclaration::Type(ty) => check_type(ty, depth + 1, offset),
                ComponentTypeDeclaration::CoreType(ty) => check_core_type(ty, depth + 1, offset),
                _ => Ok(()),
            })
        }
        ComponentType::Instance(declarations) => {
            declarations.iter().try_for_each(|declaration| match declaration {
                InstanceTypeDeclaration::Alias(alias) => check_alias(alias, depth + 1, offset),
                InstanceTypeDeclaration::Type(ty) => check_type(ty, depth + 1, offset),
                InstanceTypeDeclaration::CoreType(ty) => check_core_type(ty, depth + 1, offset),
                _ => Ok(()),
            })
        }
        _ => Ok(()),
    }
}

fn check_core_type(ty: &CoreType<'_>, depth: u32, offset: usize) -> Result<(), Fault> {
    match ty {
        CoreType::Module(declarations) => declarations.iter().try_for_each(|declaration| match declaration {
            ModuleTypeDeclaration::OuterAlias { count, .. } => check_count(*count, depth + 1, offset),
            _ => Ok(()),
        }),
        CoreType::Rec(_) => Ok(()),
    }
}
