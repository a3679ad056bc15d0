//! A component and a world under one validator, so that their types compare.

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentTypeId};

use super::{valid, world};
use crate::component::{Component, Components, InstanceId};
use crate::diagnostics::Diagnostic;
use crate::input::Inputs;
use crate::request::Bodies;
use crate::target::Target;

/// Parses two inputs: a component, and a WIT package in its binary form. In the place of the package, there is the world
/// that it calls `name`, as a component that imports and exports what the world does. Function bodies are validated as `bodies`
/// says. Fails with what is wrong with the inputs.
pub(crate) fn beside_world<'a>(
    inputs: &Inputs<'a>,
    name: &str,
    target: &Target,
    bodies: Bodies,
) -> Result<Components<'a>, Vec<Diagnostic>> {
    let mut components = valid(inputs, target, bodies, |parsed| parsed.components)?;
    let mut pair = inputs.iter();
    let (Some(_), Some(package)) = (pair.next(), pair.next()) else {
        unreachable!("a component and a package are two inputs")
    };
    let types = components.types();
    let exported = components.list[1].exports.iter().find(|export| export.name.as_str() == name);
    let exported = exported.and_then(|export| component_type(export.ty));
    let ty = exported.map(|ty| world(types, ty)).expect("a package exports each of its worlds by its name");
    components.list[1] = Component::new(InstanceId(1), package, types, ty);
    Ok(components)
}

fn component_type(ty: ComponentEntityType) -> Option<ComponentTypeId> {
    match ty {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Component(id), .. } => Some(id),
        ComponentEntityType::Component(id) => Some(id),
        _ => None,
    }
}
