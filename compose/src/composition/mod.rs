//! The inside of a component, read from its binary: the instances at its root and what connects them. Which of them run
//! a piece of core code is `core_code`; which of their connections can make a call wait is `waits`; which imports its code
//! calls how is told here too. What tools wrote into it is `annotations`.

mod annotations;
mod core_code;
mod scope;
mod waits;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::parse::Fault;
pub use annotations::{Annotation, Annotations, Producer};
pub use core_code::{CoreCode, InstancePath};
use scope::{Origin, Scope};
pub use waits::{Connection, may_wait};

/// The instances at the root of a component.
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
    /// Reads the root of the component in `bytes`. What is nested is passed over.
    pub fn read(bytes: &[u8]) -> Result<Composition, Fault> {
        let root = scope::read(bytes)?.root();
        let instances = root.instances.iter().map(|made| CompositionInstance {
            name: root.instance_name(made.index),
            arguments: made
                .arguments
                .iter()
                .map(|argument| Argument {
                    import: argument.name.clone(),
                    from: words(&root, &argument.origin),
                })
                .collect(),
        });
        Ok(Composition { instances: instances.collect() })
    }
}

/// The functions that core code at the root of the component calls without `async`, so that each call waits for its
/// result: the name of the import, and of its function if it is an interface. Empty if `bytes` are no component.
pub(crate) fn lowered_without_async(bytes: &[u8]) -> BTreeSet<(String, Option<String>)> {
    let lowered = scope::read(bytes).map(|scopes| scopes.root().lowered).unwrap_or_default();
    let names = lowered.into_iter().filter_map(|origin| match origin {
        Origin::Import(import) => Some((import, None)),
        Origin::Export(of, function) => match &*of {
            Origin::Import(import) => Some((import.clone(), Some(function))),
            _ => None,
        },
        _ => None,
    });
    names.collect()
}

fn words(scope: &Scope, origin: &Origin) -> String {
    match origin {
        Origin::Import(name) => format!("import {name}"),
        Origin::Instance(place) => scope.instance_name(scope.instances[*place].index),
        Origin::Export(of, name) => format!("{}:{name}", words(scope, of)),
        Origin::Module(_) | Origin::Component(_) | Origin::Unknown => ITSELF.into(),
    }
}
