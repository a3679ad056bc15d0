//! What `--format` and `--report` print, read by readers that are not ours: SARIF and the report by their published
//! schemas, JUnit by the reader of quick-junit, which cargo-nextest keeps. (Our JUnit is written by the same crate, so
//! its numbers and names are compared with the report, which it does not know.) How they look is in `cases/formats/`.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

use std::path::Path;

use quick_junit::{Report as Junit, TestCase, TestCaseStatus};
use serde_json::Value;
use wcompose_tests::{Program, from_wat, from_wit};

/// A call of `check` that passes or fails in its own way, and whether it passes.
const CALLS: [(&[&str], bool); 8] = [
    (&["rust-app.wasm", "zig-middle.wasm", "c-leaf.wasm"], true),
    (&["stackful=rust-vault.wasm", "--no-check", "--feature", "component-model-async-stackful"], true),
    (&["rust-async-main.wasm", "rust-sync-provider.wasm", "--bridge=none"], false),
    (&["rust-app.wasm", "c-leaf.wasm", "cpp-leaf.wasm", "--root", "nobody", "--wire", "rust-app:x=y"], false),
    (&["c-leaf.wasm", "cpp-leaf.wasm"], false),
    (&["rust-app.wasm", "--target", "none"], false),
    (&["text=a folder/50% of grün <&>.txt", "rust-app.wasm"], false),
    (&["c-leaf.wasm", "--budget", "1kB"], false),
];

/// Prints what `check` tells of a call in a format, and fails if it does not end as it should.
fn told(call: &[&str], passes: bool, format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/prebuilt");
    for file in call.iter().filter_map(|argument| argument.rsplit('=').next()) {
        if file.ends_with(".wasm") {
            std::fs::copy(fixtures.join(file), folder.path().join(file)).unwrap();
        } else if file.ends_with(".txt") {
            let place = folder.path().join(file);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, "no component").unwrap();
        }
    }
    let arguments = [&["check"], call, &["--format", format]].concat();
    let arguments = arguments.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let ended = Program::new(env!("CARGO_BIN_EXE_wcompose-subject")).call(folder.path(), &arguments).unwrap();
    assert_eq!(ended.code, Some(if passes { 0 } else { 1 }), "{arguments:?}\n{}", ended.stderr);
    String::from_utf8(ended.stdout).unwrap()
}

fn report(call: &[&str], passes: bool) -> Value {
    serde_json::from_str(&told(call, passes, "json")).unwrap()
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value[field].as_array().unwrap()
}

/// What `instance` lacks to be valid by the schema in the file `schema` of the tree.
fn faults(schema: &str, instance: &Value) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(schema);
    let schema = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let faults = validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path()));
    faults.collect()
}

const SARIF: &str = "tests/schemas/sarif-schema-2.1.0.json";

#[test]
fn sarif_is_valid_by_its_published_schema() {
    for (call, passes) in CALLS {
        let sarif = serde_json::from_str::<Value>(&told(call, passes, "sarif")).unwrap();
        assert_eq!(faults(SARIF, &sarif), Vec::<String>::new(), "{call:?}");
        let run = &sarif["runs"][0];
        let (results, report) = (list(run, "results"), report(call, passes));
        let problems = list(&report, "diagnostics");
        assert_eq!(results.len(), problems.len(), "{call:?}");
        let rules = list(&run["tool"]["driver"], "rules");
        for (result, problem) in results.iter().zip(problems) {
            assert_eq!((&result["ruleId"], &result["level"]), (&problem["code"], &problem["severity"]));
            assert!(rules.iter().any(|rule| rule["id"] == problem["code"]), "{call:?}: {problem}");
        }
    }
}

/// The calls by which code may come to what must not happen are a code flow, in the order in which they are made.
#[test]
fn a_way_is_a_code_flow() {
    let app = from_wat(
        "(component
          (import \"get\" (func $get))
          (core func $get-core (canon lower (func $get)))
          (core module $m (import \"\" \"get\" (func $get)) (func $begin (call $get)) (start $begin) (func (export \"go\")))
          (core instance $i (instantiate $m (with \"\" (instance (export \"get\" (func $get-core))))))
          (func $go (canon lift (core func $i \"go\")))
          (export \"go\" (func $go)))",
    );
    let leaf = from_wit("package demo:case; world leaf { export get: async func(); }");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.wasm"), app.unwrap()).unwrap();
    std::fs::write(folder.path().join("leaf.wasm"), leaf.unwrap()).unwrap();
    let call = ["check", "app.wasm", "leaf.wasm", "--recolour", "--format", "sarif"].map(str::to_owned);
    let ended = Program::new(env!("CARGO_BIN_EXE_wcompose-subject")).call(folder.path(), &call).unwrap();
    let sarif = serde_json::from_slice::<Value>(&ended.stdout).unwrap();
    assert_eq!(faults(SARIF, &sarif), Vec::<String>::new());
    let flow = &sarif["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0];
    let calls = list(flow, "locations").iter().map(|call| &call["location"]["message"]["text"]);
    assert_eq!(calls.collect::<Vec<_>>(), ["`begin`", "`get`"]);
}

/// The schema says of a location only that it is text; its standard says that it is a reference to a resource.
#[test]
fn sarif_names_files_by_references() {
    let (call, passes) = CALLS[6];
    let sarif = serde_json::from_str::<Value>(&told(call, passes, "sarif")).unwrap();
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let expected = "a%20folder/50%25%20of%20gr%C3%BCn%20%3C%26%3E.txt";
    assert_eq!(location["artifactLocation"]["uri"], expected);
}

/// A schema that is not applied would accept everything.
#[test]
fn the_schema_of_sarif_is_applied() {
    let (call, passes) = CALLS[2];
    let good = serde_json::from_str::<Value>(&told(call, passes, "sarif")).unwrap();
    let without_tool = |log: &mut Value| drop(log["runs"][0].as_object_mut().unwrap().remove("tool"));
    let of_no_level = |log: &mut Value| log["runs"][0]["results"][0]["level"] = "fatal".into();
    for change in [&without_tool as &dyn Fn(&mut Value), &of_no_level] {
        let mut bad = good.clone();
        change(&mut bad);
        assert_ne!(faults(SARIF, &bad), Vec::<String>::new());
    }
}

#[test]
fn the_report_is_valid_by_its_published_schema() {
    for (call, passes) in CALLS {
        let report = report(call, passes);
        assert_eq!(faults("docs/report.schema.json", &report), Vec::<String>::new(), "{call:?}");
        assert_eq!(report["ok"], passes, "{call:?}");
    }
}

/// A verdict is worth nothing without what it is for.
#[test]
fn the_report_says_what_its_verdict_rests_on() {
    let rests_on = |call: &[&str], passes| {
        let report = report(call, passes);
        let (target, text) = (&report["target"], |value: &Value| value.as_str().unwrap().to_owned());
        let features = list(target, "features").iter().map(text).collect::<Vec<_>>().join(" ");
        let runtime = format!("{} {}", text(&target["runtime"]), text(&target["version"]));
        [text(&target["name"]), runtime, features, text(&report["bodies"])]
    };
    let stackful = "component-model-async-stackful";
    assert_eq!(rests_on(CALLS[0].0, true), ["wasmtime-48", "wasmtime 48.0.8", "", "validated"]);
    assert_eq!(rests_on(CALLS[1].0, true), ["wasmtime-48", "wasmtime 48.0.8", stackful, "unvalidated"]);
    assert_eq!(rests_on(CALLS[5].0, false), ["none", "wasmtime 48.0.8", "", "validated"]);
}

#[test]
fn junit_is_read_with_the_right_numbers_and_names() {
    for (call, passes) in CALLS {
        let text = told(call, passes, "junit");
        let junit = Junit::deserialize_from_str(&text).unwrap();
        let [suite] = junit.test_suites.as_slice() else { unreachable!("one suite: {text}") };
        let report = report(call, passes);
        let errors = list(&report, "diagnostics").iter().filter(|problem| problem["severity"] != "warning");
        let mut errors = errors.map(|problem| problem["code"].as_str().unwrap()).collect::<Vec<_>>();
        let mut failed = suite.test_cases.iter().filter_map(failure).collect::<Vec<_>>();
        errors.sort_unstable();
        failed.sort_unstable();
        assert_eq!(failed, errors, "{text}");
        let numbers = (suite.test_cases.len(), failed.len());
        assert_eq!((junit.tests, junit.failures), numbers, "{text}");
        assert_eq!((suite.tests, suite.failures), numbers, "{text}");
        assert_eq!((junit.errors, junit.skipped, suite.errors, suite.skipped), (0, 0, 0, 0), "{text}");
        for (import, case) in list(&report, "imports").iter().zip(&suite.test_cases) {
            let class = case.classname.as_ref().unwrap().as_str();
            assert_eq!((&import["name"], &import["instance"]), (&case.name.as_str().into(), &class.into()));
            assert_eq!(import["state"] == "unsatisfied", failure(case).is_some(), "{text}");
        }
        assert!(suite.test_cases.len() >= list(&report, "imports").len(), "{text}");
    }
}

/// The code with which a case failed.
fn failure(case: &TestCase) -> Option<&str> {
    match &case.status {
        TestCaseStatus::NonSuccess { ty, .. } => ty.as_ref().map(|ty| ty.as_str()),
        TestCaseStatus::Success { .. } | TestCaseStatus::Skipped { .. } => None,
    }
}
