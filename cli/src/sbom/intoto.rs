//! An in-toto Statement v1 whose predicate is SLSA provenance v1. It is not signed: who signs it vouches for it.

use std::collections::BTreeMap;

use serde::Serialize;
use wcompose::{Provenance, ProvenanceConnection, ProvenanceTarget, Tool};

use super::Subject;

/// The statement.
#[derive(Serialize)]
pub(crate) struct Statement<'p> {
    #[serde(rename = "_type")]
    ty: &'static str,
    subject: [Resource; 1],
    #[serde(rename = "predicateType")]
    predicate_type: &'static str,
    predicate: Predicate<'p>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Predicate<'p> {
    build_definition: BuildDefinition<'p>,
    run_details: RunDetails<'p>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BuildDefinition<'p> {
    build_type: &'static str,
    external_parameters: External<'p>,
    internal_parameters: Internal<'p>,
    resolved_dependencies: Vec<Resource>,
}

#[derive(Serialize)]
struct External<'p> {
    target: &'p ProvenanceTarget,
}

#[derive(Serialize)]
struct Internal<'p> {
    connections: &'p [ProvenanceConnection],
}

#[derive(Serialize)]
struct RunDetails<'p> {
    builder: Builder<'p>,
}

#[derive(Serialize)]
struct Builder<'p> {
    id: &'static str,
    version: BTreeMap<&'p str, &'p str>,
}

#[derive(Serialize)]
struct Resource {
    name: String,
    digest: BTreeMap<&'static str, String>,
}

impl Resource {
    fn new(name: String, sha256: impl ToString) -> Resource {
        Resource { name, digest: BTreeMap::from([("sha256", sha256.to_string())]) }
    }
}

/// The statement on `subject`. Its dependencies are all inputs, those of inputs among them, as `outer/inner`.
pub(crate) fn in_toto<'p>(subject: &Subject, provenance: &'p Provenance) -> Statement<'p> {
    let Provenance { tool: Tool { name, version }, target, connections, .. } = provenance;
    let mut dependencies = Vec::new();
    inputs(provenance, "", &mut dependencies);
    Statement {
        ty: "https://in-toto.io/Statement/v1",
        subject: [Resource::new(subject.name.clone(), subject.sha256)],
        predicate_type: "https://slsa.dev/provenance/v1",
        predicate: Predicate {
            build_definition: BuildDefinition {
                build_type: "wcompose:link:v1",
                external_parameters: External { target },
                internal_parameters: Internal { connections },
                resolved_dependencies: dependencies,
            },
            run_details: RunDetails {
                builder: Builder {
                    id: "wcompose:cli",
                    version: BTreeMap::from([(name.as_str(), version.as_str())]),
                },
            },
        },
    }
}

fn inputs(provenance: &Provenance, outer: &str, list: &mut Vec<Resource>) {
    for input in &provenance.inputs {
        let name = format!("{outer}{}", input.name);
        list.push(Resource::new(name.clone(), input.sha256));
        if let Some(provenance) = &input.provenance {
            inputs(provenance, &format!("{name}/"), list);
        }
    }
}
