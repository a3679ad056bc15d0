//! Which connections of a composition can make a call wait. Types say that it is possible, never that it happens.

use serde::Serialize;
use wasmparser::component_types::{ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType};
use wasmparser::types::TypesRef;
use wasmparser::{ComponentExternalKind, Parser, Validator, WasmFeatures};

use super::scope::{self, Argument, Origin};
use crate::parse::Fault;
use crate::types::referenced;

/// A connection between two instances at the root of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// The instance that imports.
    pub importer: String,
    /// The name of its import.
    pub import: String,
    /// The instance that it comes from.
    pub provider: String,
}

/// The connections at the root of the component in `bytes` over which one instance may wait for another: a function is
/// `async`, or takes or gives a stream or a future.
pub fn may_wait(bytes: &[u8]) -> Result<Vec<Connection>, Fault> {
    let root = scope::read(bytes)?.root();
    // Bodies are passed over: they say nothing of types.
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let mut types = None;
    for payload in Parser::new(0).parse_all(bytes) {
        if let wasmparser::ValidPayload::End(ended) = validator.payload(&payload?)? {
            types = Some(ended);
        }
    }
    let Some(types) = types else { return Ok(Vec::new()) };
    let mut connections = Vec::new();
    for made in &root.instances {
        for argument in &made.arguments {
            let Some(provider) = provider(&argument.origin) else { continue };
            if waits(types.as_ref(), argument) {
                connections.push(Connection {
                    importer: root.instance_name(made.index),
                    import: argument.name.clone(),
                    provider: root.instance_name(root.instances[provider].index),
                });
            }
        }
    }
    Ok(connections)
}

/// The instance that something comes from, if it is one that the component makes.
fn provider(mut origin: &Origin) -> Option<usize> {
    loop {
        match origin {
            Origin::Instance(place) => return Some(*place),
            Origin::Export(of, _) => origin = of,
            bag => origin = bag.renames()?,
        }
    }
}

fn waits(types: TypesRef<'_>, argument: &Argument) -> bool {
    let entity = match argument.kind {
        ComponentExternalKind::Instance => {
            ComponentEntityType::Instance(types.component_instance_at(argument.index))
        }
        ComponentExternalKind::Func => ComponentEntityType::Func(types.component_function_at(argument.index)),
        _ => return false,
    };
    let stream = |id| match id {
        ComponentAnyTypeId::Defined(id) => {
            matches!(types[id], ComponentDefinedType::Stream { .. } | ComponentDefinedType::Future { .. })
        }
        _ => false,
    };
    is_async(types, entity) || referenced(types, entity).into_iter().any(stream)
}

fn is_async(types: TypesRef<'_>, entity: ComponentEntityType) -> bool {
    match entity {
        ComponentEntityType::Func(id) => types[id].async_,
        ComponentEntityType::Instance(id) => types[id].exports.values().any(|item| is_async(types, item.ty)),
        _ => false,
    }
}
