//! The outer aliases inside types: how far out each of them points.

use wasmparser::{
    ComponentAlias, ComponentType, ComponentTypeDeclaration, CoreType, InstanceTypeDeclaration,
    ModuleTypeDeclaration,
};

/// What is told of each outer alias: its count, and how many types are open around it, inside the component or module
/// type where the walk began.
pub(crate) type Found<'f> = &'f mut dyn FnMut(u32, u32);

/// Walks through a type that stands `depth` types deep.
pub(crate) fn aliases_of_type(ty: &ComponentType<'_>, depth: u32, found: Found<'_>) {
    match ty {
        ComponentType::Component(declarations) => {
            declarations.iter().for_each(|declaration| match declaration {
                ComponentTypeDeclaration::Alias(alias) => aliases_of_alias(alias, depth + 1, found),
                ComponentTypeDeclaration::Type(ty) => aliases_of_type(ty, depth + 1, found),
                ComponentTypeDeclaration::CoreType(ty) => aliases_of_core_type(ty, depth + 1, found),
                _ => {}
            })
        }
        ComponentType::Instance(declarations) => {
            declarations.iter().for_each(|declaration| match declaration {
                InstanceTypeDeclaration::Alias(alias) => aliases_of_alias(alias, depth + 1, found),
                InstanceTypeDeclaration::Type(ty) => aliases_of_type(ty, depth + 1, found),
                InstanceTypeDeclaration::CoreType(ty) => aliases_of_core_type(ty, depth + 1, found),
                _ => {}
            })
        }
        _ => {}
    }
}

/// Walks through a core type that stands `depth` types deep.
pub(crate) fn aliases_of_core_type(ty: &CoreType<'_>, depth: u32, found: Found<'_>) {
    if let CoreType::Module(declarations) = ty {
        for declaration in declarations {
            if let ModuleTypeDeclaration::OuterAlias { count, .. } = declaration {
                found(*count, depth + 1);
            }
        }
    }
}

/// Tells of one alias that stands `depth` types deep, if it is an outer one.
pub(crate) fn aliases_of_alias(alias: &ComponentAlias<'_>, depth: u32, found: Found<'_>) {
    if let ComponentAlias::Outer { count, .. } = alias {
        found(*count, depth);
    }
}
