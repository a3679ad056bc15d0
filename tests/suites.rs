//! `wcompose test` on compositions of the fixtures: the suite under `suites/`, what JUnit readers make of its outcome,
//! and what only a component of ours shows. How failures and bad suites look is in `cases/suite/`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::path::Path;

use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;
use tempfile::TempDir;
use wcompose_tests::{Ended, Program, from_wit_after};

/// What the suite tests, in the order in which it is linked, and what is exported of it.
const INPUTS: [&str; 7] = [
    "rust-misbehave-app",
    "rust-stall-leaf",
    "zig-middle",
    "c-leaf",
    "rust-http-middleware",
    "rust-service",
    "rust-functions",
];
const ROOTS: [&str; 4] = ["rust-misbehave-app", "zig-middle", "rust-http-middleware", "rust-functions"];

fn call(folder: &TempDir, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect::<Vec<_>>();
    Program::new(env!("CARGO_BIN_EXE_wcompose-subject")).call(folder.path(), &arguments).unwrap()
}

/// A folder with the suite; the composition is linked with `arguments`.
fn linked(arguments: &[&str]) -> (TempDir, Ended) {
    let folder = tempfile::tempdir().unwrap();
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/fixtures.toml");
    std::fs::copy(suite, folder.path().join("fixtures.toml")).unwrap();
    let files = INPUTS.map(|name| {
        let path = wcompose_fixtures::fixture(name).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let inputs = files.iter().map(String::as_str);
    let roots = ROOTS.iter().flat_map(|root| ["--root", root]);
    let all = ["link"].into_iter().chain(inputs).chain(roots).chain(arguments.iter().copied());
    let ended = call(&folder, &all.collect::<Vec<_>>());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    (folder, ended)
}

/// A reader that is not ours finds every case of the suite, passed.
#[test]
fn the_fixtures_pass_and_junit_says_so() {
    let (folder, _) = linked(&[]);
    let ended = call(&folder, &["test", "fixtures.toml", "--format", "junit"]);
    let report = Report::deserialize(ended.stdout.as_slice()).unwrap();
    assert_eq!(ended.code, Some(0), "{report:?}");
    let [suite] = &report.test_suites[..] else { panic!("{report:?}") };
    assert!(suite.test_cases.len() >= 20, "{}", suite.test_cases.len());
    assert!(suite.test_cases.iter().all(|case| matches!(case.status, TestCaseStatus::Success { .. })));
    let names = suite.test_cases.iter().map(|case| case.name.to_string()).collect::<Vec<_>>();
    let listed = String::from_utf8(call(&folder, &["test", "fixtures.toml", "--list"]).stdout).unwrap();
    assert_eq!(listed.lines().collect::<Vec<_>>(), names, "in the order of the suite");
}

/// The same right after linking, one after the other, and with nothing kept: the cases find what was compiled once.
#[test]
fn a_link_tests_what_it_made() {
    let (_, ended) = linked(&["--test", "fixtures.toml", "--no-cache"]);
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.ends_with(" passed, 0 failed, compiled by Winch"), "{}", ended.stderr);
}

/// A handler that traps, as the first thing that it does.
#[test]
fn a_handler_that_traps() {
    let folder = tempfile::tempdir().unwrap();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/wit/wasi-0.3.2");
    let files = ["clocks", "random", "filesystem", "sockets", "cli", "http"];
    let texts = files.map(|file| std::fs::read_to_string(wit.join(format!("{file}.wit"))).unwrap());
    let world = "// abi: callback\npackage demo:traps; world traps { export wasi:http/handler@0.3.2; }";
    std::fs::write(folder.path().join("traps.wasm"), from_wit_after(&texts, world).unwrap()).unwrap();
    let suite = "component = 'traps.wasm'\n\
        [[case]]\nname = 'traps'\nrequest = { path = '/' }\ntraps = 'unreachable'\n\
        [[case]]\nname = 'answers'\nrequest = { path = '/' }\n";
    std::fs::write(folder.path().join("suite.toml"), suite).unwrap();
    let ended = call(&folder, &["test", "suite.toml", "--format", "json"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let results = report["cases"].as_array().unwrap().iter().map(|case| &case["result"]);
    assert_eq!(results.collect::<Vec<_>>(), ["passed", "failed"], "{report:#}");
    assert_eq!(report["cases"][1]["reason"]["code"], "trapped");
}
