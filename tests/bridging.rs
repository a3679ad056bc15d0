//! Recolouring, on whole components: rewriting without changes gives the same bytes, with all changes a valid component, and
//! every type crosses. What runs of it is in `bridged.rs`.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]
#![allow(clippy::print_stdout, reason = "the table is for people to read")]

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wcompose::{Change, Consent, Facing, Input, Inputs, InstanceName, Linked, Request, recolour};
use wcompose_tests::{Guest, from_wit, link};
use wcompose_wit::ExternName;

/// Types of WIT.
const TYPES: &str =
    "bool u8 s64 f32 char string list<u8> list<string> option<u8> result<u8,string> tuple<u8,string>
    stream<u8> stream<point> future<u8> point list<point> choice colour rights token borrow<token>";

/// A package with these functions.
fn store(functions: &str) -> String {
    format!(
        "package demo:kv {{ interface store {{
            record point {{ x: u32, y: string }}
            variant choice {{ none, one(u8), many(list<u8>) }}
            enum colour {{ red, green }}
            flags rights {{ read, write }}
            resource token {{ constructor(n: u32); value: func() -> u32; make: static func() -> token; }}
            {functions}
        }} }}"
    )
}

/// Every fixture that there is, kept or built.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let there = wcompose_fixtures::all().filter_map(|fixture| {
        let path = wcompose_fixtures::fixture(fixture.name).ok()?;
        Some((fixture.name.to_owned(), std::fs::read(path).unwrap()))
    });
    there.collect()
}

/// Components of every type in every place.
fn generated() -> Vec<(String, Vec<u8>)> {
    let mut components = Vec::new();
    for ty in TYPES.split_whitespace() {
        for (place, function) in [
            format!("f: func(a: {ty});"),
            format!("f: func(a: u32, b: {ty}) -> string;"),
            format!("f: async func(a: {ty}) -> u64; g: func(a: {ty}) -> u64;"),
            // Two functions of one type, of which one may change alone.
            format!("f: func(a: {ty}) -> u32; [not-changed]: func(a: {ty}) -> u32;")
                .replace("[not-changed]", "g"),
        ]
        .into_iter()
        .enumerate()
        {
            for world in [
                "import demo:kv/store; export go: func();",
                "export demo:kv/store; import plain: func(n: u32) -> string; export plain: func(n: u32) -> string;",
                "import demo:kv/store; export demo:kv/store;",
            ] {
                for abi in ["sync", "callback"] {
                    let wit = format!(
                        "// abi: {abi}\npackage demo:generated; world generated {{ {world} }} {}",
                        store(&function)
                    );
                    let component = from_wit(&wit).unwrap();
                    components.push((format!("{ty} {place} {world} {abi}"), component));
                }
            }
        }
    }
    components
}

/// The functions of imports and exports that may become `async`, and how many of them are.
fn functions(component: &[u8]) -> (Vec<Change>, usize) {
    let types = Validator::new_with_features(WasmFeatures::all()).validate_all(component).unwrap();
    let types = types.as_ref();
    let (mut all, mut asynchronous) = (Vec::new(), 0);
    let mut add = |side, item: &str, path: &[&str], ty| {
        let path = path.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let constructor = path.last().is_some_and(|name| name.starts_with("[constructor]"));
        if let ComponentEntityType::Func(id) = ty
            && !constructor
        {
            asynchronous += usize::from(types[id].async_);
            all.push(Change { side, item: ExternName::new(item), path, renamed: None });
        }
    };
    let mut walk = |side, name: &str, ty| match ty {
        ComponentEntityType::Instance(id) => {
            types[id].exports.iter().for_each(|(inner, item)| add(side, name, &[inner], item.ty));
        }
        ty => add(side, name, &[], ty),
    };
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let name = import.unwrap().name.name;
                    walk(Facing::Import, name, types.component_item_for_import(name).unwrap().ty);
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let name = export.unwrap().name.name;
                    walk(Facing::Export, name, types.component_item_for_export(name).unwrap().ty);
                }
            }
            _ => {}
        }
    }
    (all, asynchronous)
}

/// Sections that nothing changes in are copied, so this holds for every toolchain's way of encoding them.
#[test]
fn nothing_to_change_changes_nothing() {
    let (fixtures, generated) = (fixtures(), generated());
    assert!(generated.len() >= 500, "only {} components", generated.len());
    for (name, component) in fixtures.iter().chain(&generated) {
        assert!(recolour(component, &[]).unwrap() == *component, "{name}");
    }
    println!("{} fixtures and {} generated components are the same", fixtures.len(), generated.len());
}

/// What is `async` already stays as it is, so a second time changes nothing.
#[test]
fn everything_can_change() {
    let components = [fixtures(), generated()].concat();
    for (name, component) in &components {
        let (changes, _) = functions(component);
        let changed = recolour(component, &changes).expect(name);
        let (after, asynchronous) = functions(&changed);
        assert_eq!(after, changes, "{name}");
        assert_eq!(asynchronous, after.len(), "{name}");
        assert!(recolour(&changed, &changes).unwrap() == changed, "{name}: twice");
        // Each alone: what has the same type keeps it.
        for change in changes.iter().filter(|_| component.len() < 100_000) {
            let changed = recolour(component, std::slice::from_ref(change)).unwrap();
            functions(&changed);
        }
    }
    println!("{} components were changed", components.len());
}

/// Consent to all changes.
fn consent() -> Request {
    Request { recolour: Consent::All, ..Request::default() }
}

/// Every type that WIT has crosses from either effect to the other: the composition validates.
#[test]
fn every_type_crosses_both_ways() {
    for ty in TYPES.split_whitespace() {
        for (import, export) in [("async ", ""), ("", "async ")] {
            let side = |verb: &str, effect: &str, go: &str| {
                let f = format!(
                    "f: {effect}func(a: {ty}) -> u64; g: {effect}func(a: u32, b: {ty}) -> {};",
                    result(ty)
                );
                let text =
                    format!("package demo:side; world side {{ {verb} demo:kv/store; {go} }} {}", store(&f));
                Guest::component(verb, from_wit(&text).unwrap())
            };
            let guests = [side("import", import, "export go: func();"), side("export", export, "")];
            link(&guests, &consent()).unwrap_or_else(|error| unreachable!("{ty}: {error:#}"));
        }
    }
}

/// The type as a result: borrowed handles cannot be returned.
fn result(ty: &str) -> &str {
    if ty.contains("borrow") { "u64" } else { ty }
}

/// Once a component is recoloured, one that is left out may serve less than before, or more. Neither the root nor a connection of another may
/// come of that.
#[test]
fn what_is_left_out_decides_nothing() {
    let exports = |worlds: &[(&str, &str)]| {
        let files = worlds.iter().map(|(name, wit)| (*name, from_wit(wit).unwrap())).collect::<Vec<_>>();
        let inputs = files.iter().map(|(name, bytes)| {
            let name = InstanceName::new(*name).unwrap();
            Input { name, file: String::new(), bytes }
        });
        let inputs = Inputs::new(inputs.collect()).unwrap();
        let request = Request { allow_unused: true, ..Request::default() };
        let linked = wcompose::link(&inputs, &request);
        assert!(matches!(linked, Linked::Done { .. }), "{:?}", linked.diagnostics());
        let Linked::Done { resolution, .. } = &linked else { return Vec::new() };
        resolution.exports.iter().map(|export| export.name.to_string()).collect()
    };
    let y = |effect: &str| {
        format!("package demo:b {{ interface y {{ get: {effect} func(); }} interface x {{ f: func(); }} }}")
    };
    let (waits, at_once) = (y("async"), y(""));
    let app = format!("package demo:case; world app {{ import demo:b/y; export go: async func(); }} {waits}");
    let leaf = format!("package demo:case; world leaf {{ export demo:b/x; }} {at_once}");
    let left_out =
        format!("package demo:case; world left-out {{ import demo:b/y; export demo:b/x; }} {at_once}");
    let user = format!("package demo:case; world user {{ import demo:b/x; export demo:b/y; }} {at_once}");
    let found = exports(&[("app", &app), ("leaf", &leaf), ("left-out", &left_out), ("user", &user)]);
    assert_eq!(found, ["go"]);

    let p = |effect: &str| {
        format!(
            "package demo:b@1.0.0 {{ interface p {{ get: {effect} func(); }} }}
            package demo:b@1.1.0 {{ interface p {{ get: func(); }} }}"
        )
    };
    let (waits, at_once) = (p("async"), p(""));
    let app = format!(
        "package demo:case; world app {{ import demo:b/p@1.0.0; export demo:b/p@1.1.0; export go: async func(); }} {waits}"
    );
    let left_out = format!(
        "package demo:case; world left-out {{ import demo:b/p@1.0.0; export stop: func(); }} {at_once}"
    );
    let leaf = format!("package demo:case; world leaf {{ export demo:b/p@1.0.0; }} {at_once}");
    let found = exports(&[("app", &app), ("left-out", &left_out), ("leaf", &leaf)]);
    assert_eq!(found, ["go", "demo:b/p@1.1.0"]);
}
