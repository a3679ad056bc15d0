//! Recolouring, on whole components and executed: rewriting without changes gives the same bytes, with all changes a valid
//! component; and every meeting of synchronous and async sides that needs it runs as the async build of both does.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]
#![allow(clippy::print_stdout, reason = "the table is for people to read")]

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wcompose::{Change, Consent, Facing, Request, recolour};
use wcompose_fixtures::Language;
use wcompose_run::{FunctionPath, Value, call};
use wcompose_tests::{Guest, from_wit, is_built, link, patient, printed};
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

/// Every fixture that there is, kept or built, and generated components of every type in every place.
fn components() -> Vec<(String, Vec<u8>)> {
    let mut components = Vec::new();
    for fixture in wcompose_fixtures::all() {
        if let Ok(path) = wcompose_fixtures::fixture(fixture.name) {
            components.push((fixture.name.to_owned(), std::fs::read(path).unwrap()));
        }
    }
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
    let components = components();
    assert!(components.len() >= 500, "only {} components", components.len());
    for (name, component) in &components {
        assert!(recolour(component, &[]).unwrap() == *component, "{name}");
    }
    println!("{} components are the same", components.len());
}

/// What is `async` already stays as it is, so a second time changes nothing.
#[test]
fn everything_can_change() {
    let components = components();
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

/// The text of a component whose functions are `async`, with the same functions synchronous. Code and ABI stay.
fn synchronous(text: &str) -> String {
    text.replace(" async (param", " (param")
        .replace("(export \"wait-for\" (func (param", "(export \"wait-for\" (func async (param")
}

/// Importers and exporters written by hand, whose calls really block: strings behind a timer, streams and futures.
#[test]
fn calls_that_block() {
    const LOWER_SYNC: &str = include_str!("abi/lower-sync.wat");
    const LOWER_ASYNC: &str = include_str!("abi/lower-async.wat");
    const LIFT_SYNC: &str = include_str!("abi/lift-sync.wat");
    const LIFT_CALLBACK: &str = include_str!("abi/lift-callback.wat");
    for (importer, caller, exporter, callee, mark) in [
        ("async", LOWER_SYNC.to_owned(), "sync", synchronous(LIFT_SYNC), "sync"),
        ("async (async ABI)", LOWER_ASYNC.to_owned(), "sync", synchronous(LIFT_SYNC), "sync"),
        ("sync", synchronous(LOWER_SYNC), "async", LIFT_CALLBACK.to_owned(), "callback"),
        ("sync", synchronous(LOWER_SYNC), "async (sync ABI)", LIFT_SYNC.to_owned(), "sync"),
    ] {
        let guests = [Guest::text("caller", &caller).unwrap(), Guest::text("callee", &callee).unwrap()];
        assert!(link(&guests, &Request { bridge: wcompose::BridgeRequest::None, ..consent() }).is_err());
        let composition = link(&guests, &consent()).unwrap();
        let one = |function: &str, argument: Value| {
            let path = FunctionPath::of_component(function);
            let called = call(&composition, &path, &[argument], &patient()).unwrap();
            called.results.expect(function).remove(0)
        };
        for text in ["", "world", "Größe Ωμέγα 東京 🦀"] {
            let expected = Value::String(format!("{text}, lifted {mark}"));
            assert_eq!(one("echo", Value::String(text.into())), expected, "{importer} over {exporter}");
        }
        for n in [1u32, 10, 16] {
            let sum = (0..u64::from(n)).sum();
            assert_eq!(one("sum", Value::U32(n)), Value::U64(sum), "{importer} over {exporter}");
        }
        println!("{importer:18} over {exporter:18} strings, stream and future: recoloured");
    }
}

/// The same where the callee has its answer at once, which shows in how the asynchronous ABI reports it.
#[test]
fn calls_that_do_not_block() {
    let text = |text: &str| text.replace("ENCODING", "utf8");
    let (caller, callee) =
        (text(include_str!("abi/plain-lower.wat")), text(include_str!("abi/plain-lift.wat")));
    let changed = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "`{from}` is there to be changed");
        text.replace(from, to)
    };
    for (meeting, function, callee) in [
        ("sync over async", "echo-sync", changed(&callee, "(func $echo (", "(func $echo async (")),
        (
            "async over sync",
            "echo-async",
            changed(&callee, "(func $echo-async async (", "(func $echo-async ("),
        ),
    ] {
        let guests = [Guest::text("caller", &caller).unwrap(), Guest::text("callee", &callee).unwrap()];
        let composition = link(&guests, &consent()).unwrap();
        let path = FunctionPath::of_component(function);
        let argument = Value::String("Größe 🦀".into());
        let called = call(&composition, &path, std::slice::from_ref(&argument), &patient()).unwrap();
        assert_eq!(called.results.expect(meeting), [argument], "{meeting}");
        println!("{meeting}: strings, returned at once: recoloured");
    }
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

/// What a recoloured composition prints is what the same languages print where both sides have one effect: strings,
/// lists, records, results, and a resource with constructor, method, static and borrow.
#[test]
fn fixtures_in_every_language() {
    let python = is_built(Language::Python).unwrap();
    let main =
        |tag| format!("{tag}(m)\n6\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8\n4\nconcurrent {tag}(A) {tag}(B)\n");
    let command = |tag| format!("start\n{tag}(cmd)\n499500\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8 4\n");
    let service = |tag| {
        format!(
            "{tag}(svc) 10 (6,2,lbl!) Ok(42) Err(\"bad zz\") 7 7\n1,0,o!\n[tag:104:{tag}(a)][tag:105:{tag}(b)]\nplain3+<3>+{tag}(p)\n"
        )
    };
    let mut pairs = vec![
        (vec!["rust-async-main", "rust-sync-provider"], main("rs")),
        (vec!["rust-async-main", "js-sync-provider"], main("js")),
        (vec!["rust-sync-cmd", "rust-async-provider"], command("rs")),
        (vec!["rust-sync-svc-cmd", "rust-sync-lib", "rust-async-provider"], service("rs")),
        (
            vec!["rust-sync-one-cmd", "c-sync-user", "rust-async-provider"],
            "c:rs(one) 6 6 lbl! 42 bad zz 7 7\n".into(),
        ),
        (
            vec!["rust-sync-one-cmd", "js-sync-user", "rust-async-provider"],
            "js:rs(one) 6 6,lbl! 42 bad zz 7 7\n".into(),
        ),
    ];
    if python {
        pairs.extend([
            (vec!["rust-async-main", "py-sync-provider"], main("py")),
            (vec!["rust-sync-cmd", "py-async-provider"], command("py")),
            (vec!["rust-sync-svc-cmd", "rust-sync-lib", "py-async-provider"], service("py")),
            (
                vec!["rust-sync-one-cmd", "c-sync-user", "py-async-provider"],
                "c:py(one) 6 6 lbl! 42 bad zz 7 7\n".into(),
            ),
            (
                vec!["rust-sync-one-cmd", "js-sync-user", "py-async-provider"],
                "js:py(one) 6 6,lbl! 42 bad zz 7 7\n".into(),
            ),
        ]);
    }
    for (names, expected) in pairs {
        let guests = names.iter().map(|name| Guest::fixture(name).unwrap()).collect::<Vec<_>>();
        let composition = link(&guests, &consent()).unwrap();
        assert_eq!(printed(&composition, &patient()).unwrap(), expected, "{names:?}");
        println!("{} : recoloured", names.join(" over "));
    }
}
