//! How the provenance of a composition is made: from the inputs' bytes, and from what connects.

use super::{
    Digest, Provenance, ProvenanceConnection, ProvenanceInput, ProvenanceTarget, Provider, Tool,
    UnreadableProvenance, VERSION,
};
use crate::Watcher;
use crate::component::Components;
use crate::diagnostics::{Diagnostic, unreadable_provenance};
use crate::input::Inputs;
use crate::resolve::{ImportState, Resolution};
use crate::target::Target;

/// What is read of one input's bytes.
pub(crate) struct Read {
    sha256: Digest,
    bytes: usize,
    provenance: Result<Option<Provenance>, UnreadableProvenance>,
}

/// Reads all inputs.
pub(crate) fn read(inputs: &Inputs<'_>, watcher: &impl Watcher) -> Vec<Read> {
    // Beside the link itself.
    let threads = rayon::current_num_threads() - 1;
    let read = inputs.iter().zip(inputs.digests_for(watcher, threads)).map(|(input, sha256)| Read {
        sha256: *sha256,
        bytes: input.bytes.len(),
        provenance: Provenance::read(input.bytes),
    });
    read.collect()
}

/// The provenance of the composition that `resolution` gives, and a warning for each input whose own cannot be read.
/// `read`: of all inputs, in their order.
pub(crate) fn record(
    components: &Components<'_>,
    resolution: &Resolution,
    read: Vec<Read>,
    target: &Target,
) -> (Provenance, Vec<Diagnostic>) {
    let (mut inputs, mut warnings) = (Vec::new(), Vec::new());
    let used = |(component, _): &(&crate::component::Component<'_>, Read)| {
        !resolution.unused.contains(&component.id)
    };
    for (component, Read { sha256, bytes, provenance }) in components.iter().zip(read).filter(used) {
        let provenance = provenance.unwrap_or_else(|error| {
            warnings.push(unreadable_provenance::new(component, &error));
            None
        });
        let name = component.name.to_string();
        inputs.push(ProvenanceInput { name, sha256, bytes, provenance: provenance.map(Box::new) });
    }
    // By name: the order of the command line does not count.
    inputs.sort_by(|a, b| a.name.cmp(&b.name));
    let (runtime, version) = target.runtime();
    let provenance = Provenance {
        version: VERSION,
        tool: Tool { name: "wcompose".into(), version: env!("CARGO_PKG_VERSION").into() },
        target: ProvenanceTarget {
            name: target.name().into(),
            runtime: Tool { name: runtime.into(), version: version.into() },
            features: target.switched_on().map(str::to_owned).collect(),
        },
        inputs,
        connections: connections(components, resolution),
    };
    (provenance, warnings)
}

/// Those of the instances that are kept. What is given an equal type is no connection.
fn connections(components: &Components<'_>, resolution: &Resolution) -> Vec<ProvenanceConnection> {
    let used = resolution.imports.iter().filter(|r| !resolution.unused.contains(&r.import.instance));
    let connections = used.filter_map(|resolved| {
        let (from, bridge) = match &resolved.state {
            ImportState::Host(_) => (Provider::Host, None),
            ImportState::Connected(connection) => {
                let name = components.get(connection.provider.instance).name.to_string();
                let export = components.export(connection.provider).name.to_string();
                (Provider::Instance { name, export }, connection.bridge)
            }
            ImportState::Substituted | ImportState::Unsatisfied(_) => return None,
        };
        Some(ProvenanceConnection {
            instance: components.get(resolved.import.instance).name.to_string(),
            import: components.import(resolved.import).name.to_string(),
            from,
            bridge,
        })
    });
    let mut connections = connections.collect::<Vec<_>>();
    connections.sort();
    connections
}
