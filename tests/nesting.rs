//! Types that nest without end: wasmparser ends the process at some depth, and recursion at another. No input may.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

use wasmparser::{Validator, WasmFeatures};
use wcompose::{Bodies, Input, Inputs, InstanceName, Target};
use wcompose_tests::{Program, words};

/// Instances made of an instance each.
fn bags(depth: usize) -> Vec<u8> {
    let bags =
        (1..depth).map(|place| format!(r#"(instance $i{place} (export "a" (instance $i{})))"#, place - 1));
    text(&format!("(instance $i0) {}", bags.collect::<String>()))
}

/// Types of instances, each of which exports one of the type before it.
fn types(depth: usize) -> Vec<u8> {
    let types = (1..depth).map(|place| {
        let before = place - 1;
        format!(
            r#"(type $t{place} (instance (alias outer 1 {before} (type)) (export "a" (instance (type 0)))))"#
        )
    });
    text(&format!("(type $t0 (instance)) {}", types.collect::<String>()))
}

/// Components beside each other, each of which exports what the one before it exports, in one instance more.
fn exports(depth: usize) -> Vec<u8> {
    let components = (1..depth).map(|place| {
        let before = place - 1;
        format!(
            r#"(component $c{place}
                (alias outer 1 {before} (component $before))
                (instance $i (instantiate $before))
                (instance $bag (export "a" (instance $i)))
                (export "a" (instance $bag)))"#
        )
    });
    text(&format!("(component $c0) {}", components.collect::<String>()))
}

/// Types of components, each declared within the one before it, in the binary form: text is read by recursion as well.
fn declared(depth: usize) -> Vec<u8> {
    let mut section = vec![1];
    section.extend([0x41, 1, 1].repeat(depth - 1));
    section.extend([0x41, 0]);
    let mut bytes = b"\0asm\x0d\0\x01\0\x07".to_vec();
    let mut length = section.len();
    while length > 0x7f {
        bytes.push(length as u8 & 0x7f | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(section);
    bytes
}

fn text(items: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {items})")).unwrap()
}

/// The codes of what is wrong with a component as an input.
fn codes(bytes: &[u8]) -> Vec<&'static str> {
    let input = Input { name: InstanceName::new("a").unwrap(), file: "a.wasm".into(), bytes };
    let parsed =
        wcompose::parse(&Inputs::new(vec![input]).unwrap(), &Target::default(), Bodies::Validated).map(drop);
    parsed.err().unwrap_or_default().iter().map(|diagnostic| diagnostic.code.name).collect()
}

/// Whatever nests is told as the limit that it is, by diagnostics and not by the end of the process; what nests less
/// is none.
#[test]
fn endless_types_are_a_limit() {
    for (name, make) in [
        ("bags", bags as fn(usize) -> Vec<u8>),
        ("types", types),
        ("exports", exports),
        ("declared", declared),
    ] {
        assert_eq!(codes(&make(40)), [""; 0], "{name}");
        assert_eq!(codes(&make(400)), ["target-limit"], "{name}");
    }
    assert_eq!(codes(&declared(1_000_000)), ["target-limit"]);
}

/// The limit stands before the depth at which the validator gives up, so whatever passes it gets a verdict.
#[test]
fn the_limit_comes_before_that_of_the_validator() {
    for make in [bags, types, exports, declared] {
        let deepest = (1..400).rev().map(make).find(|bytes| wcompose::nesting(bytes).is_ok()).unwrap();
        Validator::new_with_features(WasmFeatures::all()).validate_all(&deepest).unwrap();
    }
}

/// Every command that reads a component says so.
#[test]
fn every_command_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("deep.wasm"), bags(400)).unwrap();
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    for command in ["inspect deep.wasm", "size deep.wasm", "run deep.wasm", "invoke deep.wasm f()"] {
        let ended = program.call(folder.path(), &words(command)).unwrap();
        assert_ne!(ended.code, Some(101), "{command}");
        assert!(ended.stderr.contains("`deep.wasm`: types nest more than 100 deep"), "{}", ended.stderr);
    }
}
