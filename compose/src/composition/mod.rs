//! The inside of a component, read from its binary: the instances that a link made and what connects them. Which of them run
//! a piece of core code is `core_code`; which of their connections can make a call wait is `waits`; which imports its code
//! calls how is told here too; which of them pass data in memory, `memories`. What tools wrote into it is `annotations`.

mod annotations;
mod core_code;
mod memories;
mod scope;
mod waits;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::parse::Fault;
pub use annotations::{Annotation, Annotations, Producer};
pub use core_code::{CoreCode, InstancePath};
pub(crate) use memories::{Lifts, meetings};
use scope::{Origin, Scope, Scopes};
pub use waits::{Connection, may_wait};

/// The instances at the root of a component, and in the scopes that it is divided into.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Composition {
    /// The instances that are made there, in order.
    pub instances: Vec<CompositionInstance>,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompositionInstance {
    /// Its name in the name section, or `instance N`.
    pub name: String,
    /// What its imports are given.
    pub arguments: Vec<Argument>,
}

/// What one import is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// The name of the import.
    pub import: String,
    /// Where it comes from: the name of an instance and its export, or an import of the component.
    pub from: String,
}

/// Where an argument comes from that the component defines itself.
pub(crate) const ITSELF: &str = "itself";

impl Composition {
    /// Reads the component in `bytes`: its root, and the scopes that a composition is divided into if it is too large for
    /// one component. What else is nested is passed over.
    pub fn read(bytes: &[u8]) -> Result<Composition, Fault> {
        let scopes = scope::read(bytes)?;
        let mut instances = Vec::new();
        if let Some(root) = scopes.components.last() {
            collect(&scopes, root, &mut instances);
        }
        Ok(Composition { instances })
    }
}

fn collect(scopes: &Scopes, scope: &Scope, found: &mut Vec<CompositionInstance>) {
    for (place, made) in scope.instances.iter().enumerate() {
        if let Some(inner) = scopes.inner(scope, place) {
            collect(scopes, inner, found);
            continue;
        }
        let arguments = made.arguments.iter().map(|argument| Argument {
            import: argument.name.clone(),
            from: words(scopes, scope, &argument.origin),
        });
        found.push(CompositionInstance {
            name: scope.instance_name(made.index),
            arguments: arguments.collect(),
        });
    }
}

/// The functions that core code at the root of the component calls without `async`, so that each call waits for its
/// result: the name of the import, and of its function if it is an interface. Empty if `bytes` are no component.
pub(crate) fn lowered_without_async(bytes: &[u8]) -> BTreeSet<(String, Option<String>)> {
    let lowered = scope::read(bytes).map(|scopes| scopes.root().lowered).unwrap_or_default();
    let lowered = lowered.iter().filter(|lowered| !lowered.is_async);
    lowered.filter_map(|lowered| imported(&lowered.function)).collect()
}

/// The name of the import that a function comes from, and its own if that is an interface.
fn imported(function: &Origin) -> Option<(String, Option<String>)> {
    match function {
        Origin::Import(import) => Some((import.clone(), None)),
        Origin::Export(of, function) => match &**of {
            Origin::Import(import) => Some((import.clone(), Some(function.clone()))),
            _ => None,
        },
        _ => None,
    }
}

fn words(scopes: &Scopes, scope: &Scope, origin: &Origin) -> String {
    match origin {
        Origin::Import(name) => format!("import {name}"),
        Origin::Instance(place) => scope.instance_name(scope.instances[*place].index),
        Origin::Export(of, name) => {
            let inner = match **of {
                Origin::Instance(place) => scopes.inner(scope, place),
                _ => None,
            };
            match inner.and_then(|inner| Some((inner, inner.exports.get(name)?))) {
                Some((inner, origin)) => words(scopes, inner, origin),
                None => format!("{}:{name}", words(scopes, scope, of)),
            }
        }
        Origin::Bag(_) => origin.renames().map_or(ITSELF.into(), |of| words(scopes, scope, of)),
        Origin::Module(_)
        | Origin::Component(_)
        | Origin::Lifted { .. }
        | Origin::Core(_)
        | Origin::Unknown => ITSELF.into(),
    }
}
