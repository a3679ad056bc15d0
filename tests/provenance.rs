//! What a composition says it was made of, and the documents that are made from it, read by their published schemas.
//! How they look is in `cases/provenance/` and `cases/sbom/`.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use wcompose::{Digest, Provenance};
use wcompose_tests::{Messages, Program};

/// The parts of a composition that is nested, from toolchains that write different metadata.
const INNER: [&str; 2] = ["zig-middle.wasm", "go-leaf.wasm"];
const OUTER: [&str; 2] = ["rust-app.wasm", "inner.wasm"];

fn tree(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Runs the program, which must succeed, and gives its standard output.
fn wcompose(folder: &Path, arguments: &[&str]) -> String {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>();
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let ended = program.call(folder, &arguments).unwrap();
    assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
    String::from_utf8(ended.stdout).unwrap()
}

/// A folder with a composition of a composition, `outer.wasm`.
fn composed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in INNER.iter().chain(&OUTER[..1]) {
        std::fs::copy(tree("fixtures/prebuilt").join(file), folder.path().join(file)).unwrap();
    }
    wcompose(folder.path(), &["link", INNER[0], INNER[1], "-q", "-o", "inner.wasm"]);
    wcompose(folder.path(), &["link", OUTER[0], OUTER[1], "-q", "-o", "outer.wasm"]);
    folder
}

fn document(folder: &Path, file: &str, format: &str) -> Value {
    serde_json::from_str(&wcompose(folder, &["sbom", file, "--format", format])).unwrap()
}

/// What `bill` lacks to be a CycloneDX 1.6 bill of materials.
fn faults(bill: &Value) -> Vec<String> {
    let schema = |name: &str| {
        let text = std::fs::read_to_string(tree("tests/schemas").join(name)).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let parts = ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"];
    let parts = parts.map(|name| (format!("http://cyclonedx.org/schema/{name}"), schema(name)));
    let registry = jsonschema::Registry::new().extend(parts).unwrap().prepare().unwrap();
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema("bom-1.6.SNAPSHOT.schema.json"))
        .unwrap();
    validator.iter_errors(bill).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// A digest is worth something only if it is that of the file.
#[test]
fn the_digests_are_those_of_the_files() {
    let folder = composed();
    let bytes = |file: &str| std::fs::read(folder.path().join(file)).unwrap();
    let outer = Provenance::read(&bytes("outer.wasm")).unwrap().unwrap();
    let inner = outer.inputs[0].provenance.as_deref().unwrap();
    assert_eq!(Some(inner), Provenance::read(&bytes("inner.wasm")).unwrap().as_ref());
    let inputs = outer.inputs.iter().chain(&inner.inputs);
    for input in inputs {
        let bytes = bytes(&format!("{}.wasm", input.name));
        assert_eq!((input.sha256, input.bytes), (Digest::of(&bytes), bytes.len()), "{}", input.name);
    }
}

/// Who builds elsewhere must get the same bytes: no path, and nothing of the surroundings, may be in them.
#[test]
fn a_composition_does_not_say_where_it_was_made() {
    let (here, there) = (composed(), composed());
    let read = |folder: &TempDir| std::fs::read(folder.path().join("outer.wasm")).unwrap();
    assert_ne!(here.path(), there.path());
    assert_eq!(read(&here), read(&there));
}

#[test]
fn the_bill_of_materials_is_valid_by_its_published_schema() {
    let folder = composed();
    // A component that nobody linked has a bill as well.
    for file in ["outer.wasm", "inner.wasm", "go-leaf.wasm"] {
        assert_eq!(faults(&document(folder.path(), file, "cyclonedx")), Vec::<String>::new(), "{file}");
    }
}

/// A schema that is not applied would accept everything.
#[test]
fn the_schema_of_the_bill_is_applied() {
    let folder = composed();
    let good = document(folder.path(), "outer.wasm", "cyclonedx");
    let wrong_hash = |bill: &mut Value| bill["components"][0]["hashes"][0]["content"] = "short".into();
    let no_type = |bill: &mut Value| drop(bill["components"][0].as_object_mut().unwrap().remove("type"));
    let unknown = |bill: &mut Value| bill["surprise"] = true.into();
    for change in [&wrong_hash as &dyn Fn(&mut Value), &no_type, &unknown] {
        let mut bad = good.clone();
        change(&mut bad);
        assert_ne!(faults(&bad), Vec::<String>::new());
    }
}

/// The bill has the inputs, those inside of inputs, with what made them, and what each depends on.
#[test]
fn the_bill_has_the_whole_tree() {
    let folder = composed();
    let bill = document(folder.path(), "outer.wasm", "cyclonedx");
    let inner = &bill["components"][0];
    assert_eq!((&inner["bom-ref"], &bill["components"][1]["bom-ref"]), (&"inner".into(), &"rust-app".into()));
    let leaf = &inner["components"][0];
    assert_eq!(leaf["bom-ref"], "inner/go-leaf");
    let bytes = std::fs::read(folder.path().join("go-leaf.wasm")).unwrap();
    assert_eq!(leaf["hashes"][0]["content"], Digest::of(&bytes).to_string());
    let produced = |component: &Value, field: &str| {
        let properties = component["properties"].as_array().unwrap();
        let name = format!("wcompose:producer:{field}");
        properties.iter().filter(|property| property["name"] == *name).count()
    };
    assert!(produced(leaf, "language") > 0 && produced(leaf, "processed-by") > 0, "{leaf}");
    let dependencies = bill["dependencies"].as_array().unwrap();
    let on = |of: &str| {
        let dependency = dependencies.iter().find(|dependency| dependency["ref"] == *of).unwrap();
        dependency["dependsOn"].clone()
    };
    assert_eq!(on("/"), serde_json::json!(["inner", "rust-app"]));
    assert_eq!(on("rust-app"), serde_json::json!(["inner"]));
    assert_eq!(on("inner"), serde_json::json!(["inner/go-leaf", "inner/zig-middle"]));
    assert_eq!(on("inner/zig-middle"), serde_json::json!(["inner/go-leaf"]));
}

/// One file may be several inputs, and an input of inputs: a reader can tell them apart only by their references.
#[test]
fn references_of_the_bill_are_unique_and_lead_somewhere() {
    let folder = composed();
    let inputs = ["rust-app.wasm", "one=zig-middle.wasm", "two=zig-middle.wasm", "three=inner.wasm"];
    wcompose(folder.path(), &[&["link", "-q", "-o", "twice.wasm"], &inputs[..]].concat());
    wcompose(folder.path(), &["link", "-q", "-o", "all.wasm", "twice=twice.wasm"]);
    let bill = document(folder.path(), "all.wasm", "cyclonedx");
    assert_eq!(faults(&bill), Vec::<String>::new());
    fn collect(components: &Value, found: &mut Vec<String>) {
        for component in components.as_array().into_iter().flatten() {
            found.push(component["bom-ref"].as_str().unwrap().to_owned());
            collect(&component["components"], found);
        }
    }
    let mut references = vec![bill["metadata"]["component"]["bom-ref"].as_str().unwrap().to_owned()];
    collect(&bill["components"], &mut references);
    assert_eq!(references.len(), 8, "{references:?}");
    assert!(references.contains(&"twice/three/zig-middle".to_owned()), "{references:?}");
    let dependencies = bill["dependencies"].as_array().unwrap();
    let depending = dependencies.iter().map(|dependency| dependency["ref"].as_str().unwrap().to_owned());
    let depending = depending.collect::<Vec<_>>();
    assert_eq!(BTreeSet::from_iter(&depending), BTreeSet::from_iter(&references));
    assert_eq!(BTreeSet::from_iter(&references).len(), references.len(), "{references:?}");
    assert_eq!(depending.len(), references.len(), "{depending:?}");
    for on in dependencies.iter().flat_map(|dependency| dependency["dependsOn"].as_array().unwrap()) {
        assert!(references.contains(&on.as_str().unwrap().to_owned()), "{on}");
    }
}

/// in-toto publishes its schemas as Protocol Buffers. Which fields a reader may rely on is said in words: those of the
/// Statement (v1, "Fields") and of SLSA provenance (v1, "Predicate").
#[test]
fn the_statement_is_valid_by_its_published_schema() {
    let folder = composed();
    let set = std::fs::read(tree("tests/schemas/in-toto-attestation.binpb")).unwrap();
    let messages = Messages::read(&set).unwrap();
    let statement = document(folder.path(), "outer.wasm", "in-toto");
    const STATEMENT: &str = ".in_toto_attestation.v1.Statement";
    const PREDICATE: &str = ".in_toto_attestation.predicates.provenance.v1.Provenance";
    let faults = |statement: &Value| {
        let predicate = messages.check(PREDICATE, &statement["predicate"]);
        messages.check(STATEMENT, statement).and(predicate)
    };
    faults(&statement).unwrap();
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    let subject = &statement["subject"][0];
    let bytes = std::fs::read(folder.path().join("outer.wasm")).unwrap();
    assert_eq!(subject["digest"]["sha256"], Digest::of(&bytes).to_string());
    let definition = &statement["predicate"]["buildDefinition"];
    assert!(definition["buildType"].is_string() && definition["externalParameters"].is_object());
    assert!(statement["predicate"]["runDetails"]["builder"]["id"].is_string());
    let names = definition["resolvedDependencies"].as_array().unwrap().iter();
    let names = names.map(|resource| resource["name"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(names, ["inner", "inner/go-leaf", "inner/zig-middle", "rust-app"]);
    for wrong in ["subject", "predicate", "surprise"] {
        let mut bad = statement.clone();
        bad[wrong] = "text".into();
        assert!(faults(&bad).is_err(), "{wrong}");
    }
    let mut bad = statement;
    bad["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["sha256"] = 1.into();
    assert!(faults(&bad).is_err());
}
