//! A bill of materials in the form of CycloneDX 1.6: the part of it that a composition has something to say for.

use serde::Serialize;
use wcompose::{Annotation, Annotations, Digest, Provenance, Provider};

use super::Subject;

/// The bill.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bill {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    serial_number: String,
    version: u32,
    metadata: Metadata,
    components: Vec<Component>,
    dependencies: Vec<Dependency>,
}

#[derive(Serialize)]
struct Metadata {
    tools: Tools,
    component: Component,
}

#[derive(Serialize)]
struct Tools {
    components: Vec<Component>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    #[serde(rename = "type")]
    ty: &'static str,
    #[serde(rename = "bom-ref", skip_serializing_if = "Option::is_none")]
    bom_ref: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<License>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_references: Vec<Reference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
struct License {
    expression: String,
}

#[derive(Serialize)]
struct Reference {
    #[serde(rename = "type")]
    ty: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Property {
    name: String,
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    #[serde(rename = "ref")]
    of: String,
    depends_on: Vec<String>,
}

/// What the composition itself is called in the bill. No instance has a `/` in its name.
const ROOT: &str = "/";

/// The bill of the composition `subject`. Without provenance, it has no components.
pub(crate) fn cyclone_dx(
    subject: &Subject,
    provenance: Option<&Provenance>,
    annotations: &Annotations,
) -> Bill {
    let said = if provenance.is_some() { annotations.own(&[]) } else { annotations.all(&[]) };
    let mut component = Component {
        ty: "application",
        hashes: hash(&subject.sha256),
        ..component(ROOT.into(), subject.name.clone(), &said)
    };
    let mut tools = Vec::new();
    let (mut components, mut dependencies) = (Vec::new(), Vec::new());
    if let Some(provenance) = provenance {
        let target = &provenance.target;
        component.properties.push(property("wcompose:target", &target.name));
        let runtime = format!("{} {}", target.runtime.name, target.runtime.version);
        component.properties.push(property("wcompose:target:runtime", &runtime));
        let features = target.features.iter().map(|name| property("wcompose:target:feature", name));
        component.properties.extend(features);
        tools.push(Component {
            ty: "application",
            name: provenance.tool.name.clone(),
            version: Some(provenance.tool.version.clone()),
            ..Component::default()
        });
        components = inputs(provenance, annotations, &[], &mut dependencies);
    }
    Bill {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial_number(&subject.sha256),
        version: 1,
        metadata: Metadata { tools: Tools { components: tools }, component },
        components,
        dependencies,
    }
}

/// The inputs of the instance at `path`, and what depends on what there.
fn inputs(
    provenance: &Provenance,
    annotations: &Annotations,
    path: &[&str],
    dependencies: &mut Vec<Dependency>,
) -> Vec<Component> {
    let reference = |name: &str| path.iter().copied().chain([name]).collect::<Vec<_>>().join("/");
    let outer = if path.is_empty() { ROOT.into() } else { path.join("/") };
    let all = provenance.inputs.iter().map(|input| reference(&input.name)).collect();
    depend(dependencies, outer, all);
    let components = provenance.inputs.iter().map(|input| {
        let path = path.iter().copied().chain([input.name.as_str()]).collect::<Vec<_>>();
        let of_input = provenance.connections.iter().filter(|c| c.instance == input.name);
        let (mut served_by, mut properties) = (Vec::new(), Vec::new());
        for connection in of_input {
            match &connection.from {
                Provider::Host => properties.push(property("wcompose:host-import", &connection.import)),
                Provider::Instance { name, .. } => served_by.push(reference(name)),
            }
        }
        depend(dependencies, reference(&input.name), served_by);
        let nested = input.provenance.as_deref();
        let said = if nested.is_some() { annotations.own(&path) } else { annotations.all(&path) };
        let mut component = component(reference(&input.name), input.name.clone(), &said);
        component.hashes = hash(&input.sha256);
        component.properties.push(property("wcompose:bytes", &input.bytes.to_string()));
        component.properties.extend(properties);
        component.components =
            nested.map(|nested| inputs(nested, annotations, &path, dependencies)).unwrap_or_default();
        component
    });
    components.collect()
}

/// Adds what depends on what; of each, there is one entry.
fn depend(dependencies: &mut Vec<Dependency>, of: String, on: Vec<String>) {
    let place = dependencies.iter().position(|dependency| dependency.of == of).unwrap_or_else(|| {
        dependencies.push(Dependency { of, depends_on: Vec::new() });
        dependencies.len() - 1
    });
    let depends_on = &mut dependencies[place].depends_on;
    depends_on.extend(on);
    depends_on.sort();
    depends_on.dedup();
}

/// A component with what is said of it.
fn component(bom_ref: String, name: String, said: &Annotation) -> Component {
    let text = |name: &str| said.texts.get(name).cloned();
    let (links, other) = ["homepage", "source"]
        .into_iter()
        .filter_map(|name| Some((name, text(name)?)))
        .partition::<Vec<_>, _>(|(_, text)| is_address(text));
    let links = links
        .into_iter()
        .map(|(name, url)| Reference { ty: if name == "source" { "vcs" } else { "website" }, url });
    let others = ["authors", "revision"].into_iter().filter_map(|name| Some((name, text(name)?)));
    let others = others.chain(other).map(|(name, text)| property(&format!("wcompose:{name}"), &text));
    let producers = said.producers.iter().map(|producer| {
        let value = format!("{} {}", producer.name, producer.version);
        property(&format!("wcompose:producer:{}", producer.field), value.trim_end())
    });
    Component {
        ty: "library",
        bom_ref: Some(bom_ref),
        name,
        version: text("version"),
        description: text("description"),
        licenses: text("licenses").map(|expression| License { expression }).into_iter().collect(),
        external_references: links.collect(),
        properties: producers.chain(others).collect(),
        ..Component::default()
    }
}

/// Whether a text can stand where CycloneDX wants a reference to a resource: an address of the web without anything
/// unusual in it.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some((host, path)) = rest.map(|rest| rest.split_at(rest.find('/').unwrap_or(rest.len()))) else {
        return false;
    };
    let plain = |c: char, others: &str| c.is_ascii_alphanumeric() || others.contains(c);
    !host.is_empty() && host.chars().all(|c| plain(c, "-.")) && path.chars().all(|c| plain(c, "-._~/+@"))
}

fn property(name: &str, value: &str) -> Property {
    Property { name: name.into(), value: value.into() }
}

fn hash(sha256: &Digest) -> Vec<Hash> {
    vec![Hash { alg: "SHA-256", content: sha256.to_string() }]
}

/// A UUID of version 8, whose bits are those of the digest: equal files have one serial number (RFC 9562, 5.8).
fn serial_number(sha256: &Digest) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256.as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
