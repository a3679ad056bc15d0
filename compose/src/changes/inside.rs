//! Changes inside: instances at the root, what their imports are given, and what they were made of. Nobody sees them from
//! outside, so they ask for no more than a patch.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::composition::{Composition, ITSELF};
use crate::provenance::Provenance;

/// What changed inside, each by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Inside {
    /// Instances that were added or removed.
    pub instances: Vec<InsideChange>,
    /// What an import of an instance is given; `instance: import`.
    pub connections: Vec<InsideChange>,
    /// The digests of the inputs, as far as both say what they were made of.
    pub inputs: Vec<InsideChange>,
}

/// One thing that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InsideChange {
    /// Its name.
    pub name: String,
    /// What it was, if it was there.
    pub old: Option<String>,
    /// What it is, if it is there.
    pub new: Option<String>,
}

/// What changed inside. Of a component that cannot be read, nothing is known.
pub(super) fn changes(old: &[u8], new: &[u8]) -> Inside {
    let [was, is] = [old, new].map(|bytes| Composition::read(bytes).unwrap_or_default());
    let made_of = |bytes| Provenance::read(bytes).ok().flatten();
    let inputs = match (made_of(old), made_of(new)) {
        (Some(old), Some(new)) => between(&digests(&old), &digests(&new)),
        _ => Vec::new(),
    };
    Inside {
        instances: between(&instances(&was), &instances(&is)),
        connections: between(&connections(&was), &connections(&is)),
        inputs,
    }
}

fn instances(composition: &Composition) -> BTreeMap<String, String> {
    composition.instances.iter().map(|instance| (instance.name.clone(), instance.name.clone())).collect()
}

/// What toolchains connect inside their own output is left out.
fn connections(composition: &Composition) -> BTreeMap<String, String> {
    let connections = composition.instances.iter().flat_map(|instance| {
        let name = |import: &str| format!("{}: {import}", instance.name);
        let arguments = instance.arguments.iter().filter(|argument| argument.from != ITSELF);
        arguments.map(move |argument| (name(&argument.import), argument.from.clone()))
    });
    connections.collect()
}

fn digests(provenance: &Provenance) -> BTreeMap<String, String> {
    provenance.inputs.iter().map(|input| (input.name.clone(), input.sha256.to_string())).collect()
}

fn between(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<InsideChange> {
    let change = |name: &String| InsideChange {
        name: name.clone(),
        old: old.get(name).cloned(),
        new: new.get(name).cloned(),
    };
    let added = new.keys().filter(|name| !old.contains_key(*name));
    let mut changes = old.keys().chain(added).map(change).filter(|c| c.old != c.new).collect::<Vec<_>>();
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    changes
}
