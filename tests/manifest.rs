//! The published schemas of manifest and lock, and the reference that is written from them: they allow what the program takes,
//! refuse what it refuses, and the documentation has every key.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wcompose_tests::{Case, Input, Program, case_files, from_wit};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn schema(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(docs(name)).unwrap()).unwrap()
}

/// What a file of TOML lacks to be valid by a schema.
fn faults(schema: &Value, text: &str) -> Vec<String> {
    let instance = match toml::from_str::<toml::Table>(text) {
        Ok(table) => serde_json::to_value(table).unwrap(),
        Err(error) => return vec![error.to_string()],
    };
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(&instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The manifests of cases, with the name of the case.
fn manifests() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, path) in case_files().unwrap() {
        let case = Case::parse(&fs::read_to_string(path).unwrap()).unwrap();
        for input in case.inputs {
            if let Input::File(file, text) = input
                && file.ends_with("wcompose.toml")
            {
                found.push((name.clone(), text));
            }
        }
    }
    found
}

/// What is wrong with these manifests, a schema can say: keys, types, words. The rest takes more than a schema.
const REFUSED: [&str; 19] = [
    "brackets",
    "composition-without-a-name",
    "control-characters",
    "duplicate-composition",
    "duplicate-key",
    "missing-components",
    "syntax",
    "unclosed",
    "unknown-component-key",
    "unknown-composition-key-far",
    "unknown-key",
    "unknown-profile-key",
    "unknown-table",
    "wrong-type",
    "wrong-type-bool",
    "wrong-type-component",
    "wrong-type-recolour",
    "wrong-word-bridge",
    "wrong-word-strip",
];

#[test]
fn manifests_are_valid_by_the_published_schema() {
    let schema = schema("manifest.schema.json");
    let mut refused = Vec::new();
    for (name, text) in manifests() {
        let faults = faults(&schema, &text);
        match name.strip_prefix("manifest/errors/") {
            Some(error) if !faults.is_empty() => refused.push(error.to_owned()),
            Some(_) => {}
            None => assert_eq!(faults, Vec::<String>::new(), "{name}"),
        }
    }
    assert_eq!(refused, REFUSED, "what the schema refuses");
}

/// A documented example that is wrong is worse than none.
#[test]
fn documented_manifests_are_valid() {
    let schema = schema("manifest.schema.json");
    let mut found = 0;
    for name in ["guide.md", "manifest.md"] {
        let text = fs::read_to_string(docs(name)).unwrap();
        let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
        for block in blocks.filter(|block| block.contains("[composition.")) {
            assert_eq!(faults(&schema, block), Vec::<String>::new(), "{name}:\n{block}");
            found += 1;
        }
    }
    assert!(found >= 2, "the documentation has examples");
}

#[test]
fn locks_are_valid_by_the_published_schema() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let main = "package demo:case; world main { import step: async func(); import wasi:cli/environment@0.2.0; export go: async func(); } \
                package wasi:cli@0.2.0 { interface environment { get-environment: func() -> list<tuple<string, string>>; } }";
    let leaf = "package demo:case; world leaf { export step: func(); }";
    for (name, wit) in [("main.wasm", main), ("leaf.wasm", leaf)] {
        fs::write(folder.join(name), from_wit(wit).unwrap()).unwrap();
    }
    fs::write(
        folder.join("wcompose.toml"),
        "[composition.\"a.b\"]\ncomponents = [\"main.wasm\", \"leaf.wasm\"]\n",
    )
    .unwrap();
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let ended = program.call(folder, &["lock".into()]).unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let text = fs::read_to_string(folder.join("wcompose.lock")).unwrap();
    for part in
        ["bridge = \"recolour\"", "host = [\n", "connections = [\n", "exports = [\n", "[composition.\"a.b\"]"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let schema = schema("lock.schema.json");
    assert_eq!(faults(&schema, &text), Vec::<String>::new());
    assert_ne!(faults(&schema, &text.replace("sha256", "sha1")), Vec::<String>::new());
}

/// The first thing that a reader links is a manifest with a lock, which must hold: a component that was built anew is locked
/// anew, by `WCOMPOSE_BLESS=1`.
#[test]
fn the_chain_of_the_fixtures_is_locked() {
    let bless = std::env::var_os("WCOMPOSE_BLESS").is_some();
    let line = if bless { "lock" } else { "lock --check" };
    let arguments = line.split(' ').chain(["--manifest", "fixtures/chain.toml"]).map(str::to_owned);
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let ended = program.call(&docs(".."), &arguments.collect::<Vec<_>>()).unwrap();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// A newer release that comes to the same is no drift; where the bytes differ, it is a reason.
#[test]
fn a_lock_of_another_release_holds_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(
        folder.join("leaf.wasm"),
        from_wit("package demo:case; world leaf { export step: func(); }").unwrap(),
    )
    .unwrap();
    fs::write(folder.join("wcompose.toml"), "[composition.shop]\ncomponents = [\"leaf.wasm\"]\n").unwrap();
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let call = |line: &str| {
        let arguments = line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        program.call(folder, &arguments).unwrap()
    };
    assert_eq!(call("lock").code, Some(0));
    let lock = folder.join("wcompose.lock");
    let text = fs::read_to_string(&lock).unwrap();
    let older =
        text.replace(concat!("wcompose = \"", env!("CARGO_PKG_VERSION"), "\""), "wcompose = \"0.0.1\"");
    assert_ne!(older, text);
    fs::write(&lock, &older).unwrap();
    for line in ["link --locked", "link", "lock --check", "verify shop.wasm"] {
        assert_eq!(call(line).code, Some(0), "{line}");
    }
    assert_eq!(fs::read_to_string(&lock).unwrap(), older, "a lock that holds is left as it is");
    assert_eq!(call("link --strip all").code, Some(0));
    let ended = call("verify shop.wasm");
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("the lock was written by wcompose 0.0.1; this is"), "{}", ended.stderr);
    assert_eq!(call("lock").code, Some(0));
    assert_eq!(fs::read_to_string(&lock).unwrap(), text);
}

/// Who reads the report of a link that failed wants to know what it came to, also where only its lock could not be written.
#[cfg(unix)]
#[test]
fn a_link_whose_lock_cannot_be_written_has_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let leaf = from_wit("package demo:case; world leaf { export step: func(); }").unwrap();
    fs::write(folder.join("leaf.wasm"), leaf).unwrap();
    fs::write(folder.join("wcompose.toml"), "[composition.shop]\ncomponents = [\"leaf.wasm\"]\n").unwrap();
    std::os::unix::fs::symlink("gone/wcompose.lock", folder.join("wcompose.lock")).unwrap();
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let arguments = ["link", "--report", "report.json"].map(str::to_owned);
    let ended = program.call(folder, &arguments).unwrap();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("wcompose.lock"), "{}", ended.stderr);
    assert!(!folder.join("shop.wasm").exists(), "what no lock speaks of is not delivered");
    let report = fs::read_to_string(folder.join("report.json")).unwrap();
    let report = serde_json::from_str::<Value>(&report).unwrap();
    assert_eq!(report["exports"][0]["name"], "step");
}

/// The rows of a table: the keys of a definition, their types, and what the schema says of them.
fn rows(schema: &Value, of: &str) -> String {
    let object = if of == "/" { schema } else { &schema["$defs"][of] };
    let required = object["required"].as_array().cloned().unwrap_or_default();
    let mut rows = String::from("| key | type | |\n| --- | --- | --- |\n");
    let keys = object["properties"].as_object().unwrap_or_else(|| panic!("the schema has `{of}`"));
    for (key, value) in keys {
        let needed = if required.contains(&key.as_str().into()) { ", needed" } else { "" };
        let text = value["description"].as_str().unwrap_or_default().replace('\n', " ");
        rows += &format!("| `{key}` | {}{needed} | {text} |\n", kind(schema, value));
    }
    rows
}

/// The type of a value, in a word or two.
fn kind(schema: &Value, value: &Value) -> String {
    if let Some(name) = value["$ref"].as_str() {
        let target = &schema["$defs"][name.trim_start_matches("#/$defs/")];
        return if target["properties"].is_object() { "table".into() } else { kind(schema, target) };
    }
    if let Some(choices) = value["oneOf"].as_array().or(value["anyOf"].as_array()) {
        let choices = choices.iter().filter(|choice| choice["type"] != "null");
        let mut kinds = choices
            .map(|choice| match choice["const"].as_str() {
                Some(word) => format!("`\"{word}\"`"),
                None => kind(schema, choice),
            })
            .collect::<Vec<_>>();
        kinds.dedup();
        return kinds.join(" or ");
    }
    let names = match &value["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        name => name.as_str(),
    };
    match names {
        Some("array") => format!("list of {}", kind(schema, &value["items"])),
        Some("object") if value["additionalProperties"].is_object() => "tables by name".into(),
        Some("object") => "table".into(),
        Some("boolean") => "`true` or `false`".into(),
        Some("integer") => "number".into(),
        Some(other) => other.into(),
        None => panic!("no type in {value}"),
    }
}

#[test]
fn the_reference_has_every_key() {
    let (manifest, lock) = (schema("manifest.schema.json"), schema("lock.schema.json"));
    let path = docs("manifest.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("<!-- keys of ") {
        let (of, after) = after.split_once(" -->\n").unwrap();
        let (_, end) = after.split_once("<!-- end -->").unwrap();
        let rows = match of.strip_prefix("lock ") {
            Some(of) => rows(&lock, of),
            None => rows(&manifest, of),
        };
        written += &format!("{before}<!-- keys of {of} -->\n{rows}<!-- end -->");
        rest = end;
    }
    written += rest;
    if std::env::var_os("WCOMPOSE_BLESS").is_some() {
        fs::write(&path, &written).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == written,
        "write the tables of docs/manifest.md anew: WCOMPOSE_BLESS=1 cargo test -p wcompose-tests --test manifest"
    );
    for definition in ["Composition", "ComponentTable", "Profile"] {
        assert!(
            written.contains(&format!("<!-- keys of {definition} -->")),
            "{definition} is in docs/manifest.md"
        );
    }
}
