//! Adapters, executed: values of every type cross one in either direction as they do without; borrowed handles are dropped;
//! a call that does not return at once traps and says which connection that was; real guests run over them.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]
#![allow(clippy::print_stdout, reason = "the table is for people to read")]

use wcompose::{BridgeRequest, Consent, Request, Wire};
use wcompose_fixtures::Language;
use wcompose_run::{CallExpression, FunctionPath, Limits, Options, Value, Verdict, call};
use wcompose_tests::{Guest, from_wit, is_built, link, patient, printed};

/// Types of values in text, their core values, how a result that is one core value is loaded, and values in WAVE.
const TYPES: &[(&str, &str, &str, &[&str])] = &[
    ("bool", "i32", "i32.load8_u", &["true", "false"]),
    ("u8", "i32", "i32.load8_u", &["200"]),
    ("s8", "i32", "i32.load8_s", &["-100", "100"]),
    ("u16", "i32", "i32.load16_u", &["60000"]),
    ("s16", "i32", "i32.load16_s", &["-30000"]),
    ("u32", "i32", "i32.load", &["4000000000"]),
    ("s32", "i32", "i32.load", &["-2000000000"]),
    ("u64", "i64", "i64.load", &["18000000000000000000"]),
    ("s64", "i64", "i64.load", &["-9000000000000000000"]),
    ("f32", "f32", "f32.load", &["1.5"]),
    ("f64", "f64", "f64.load", &["-2.25"]),
    ("char", "i32", "i32.load", &["'🦀'"]),
    ("string", "i32 i32", "", &["\"\"", "\"Größe 東京 🦀\""]),
    ("(list u8)", "i32 i32", "", &["[]", "[1, 2, 255]"]),
    ("(list (list string))", "i32 i32", "", &["[[\"a\", \"\"], [], [\"bc\"]]"]),
    ("(list (tuple u8 u64))", "i32 i32", "", &["[(1, 2), (3, 4)]"]),
    ("(record (field \"a\" u8) (field \"b\" string))", "i32 i32 i32", "", &["{a: 7, b: \"seven\"}"]),
    ("(record (field \"only\" s16))", "i32", "i32.load16_s", &["{only: -7}"]),
    ("(tuple u8 u16 f32 u64 f64 char)", "i32 i32 f32 i64 f64 i32", "", &["(1, 2, 0.5, 4, 0.25, 'x')"]),
    ("(flags \"a\" \"b\" \"c\")", "i32", "i32.load8_u", &["{a, c}", "{}"]),
    ("(flags \"a\" \"b\" \"c\" \"d\" \"e\" \"f\" \"g\" \"h\" \"i\")", "i32", "i32.load16_u", &["{a, i}"]),
    ("(enum \"red\" \"green\")", "i32", "i32.load8_u", &["red", "green"]),
    ("(option u8)", "i32 i32", "", &["some(9)", "none"]),
    (
        "(option (option (tuple u16 u8)))",
        "i32 i32 i32 i32",
        "",
        &["some(some((1, 2)))", "some(none)", "none"],
    ),
    ("(result)", "i32", "i32.load8_u", &["ok", "err"]),
    ("(result u32 (error string))", "i32 i32 i32", "", &["ok(42)", "err(\"bad\")"]),
    ("(result f32 (error f64))", "i32 i64", "", &["ok(0.5)", "err(0.25)"]),
    (
        "(variant (case \"a\" u8) (case \"b\" f32) (case \"c\" f64) (case \"d\" string) (case \"e\"))",
        "i32 i64 i32",
        "",
        &["a(255)", "b(1.5)", "c(-1.5)", "d(\"text\")", "e"],
    ),
    ("(variant (case \"a\" f32) (case \"b\" s8))", "i32 i32", "", &["a(1.5)", "b(-1)"]),
    (
        "(variant (case \"a\" (tuple f64 f32)) (case \"b\" (tuple s64 (option f32))))",
        "i32 i64 i32 f32",
        "",
        &["a((0.5, 1.5))", "b((-1, some(2.5)))", "b((-2, none))"],
    ),
];

/// Types that hold ends of streams and futures: their ends have other numbers on each side, so only what comes through
/// them is compared.
const CHANNELS: &[(&str, &[&str])] = &[("(stream u8)", &["[1, 2, 3]", "[]"]), ("(future u32)", &["7"])];

/// What one side of an interface declares for a type: functions that take it as core values and in memory.
fn functions(effect: &str, flats: bool) -> String {
    let few = "(param \"p\" u32) (param \"q\" u64) (param \"r\" f32) (param \"s\" f64)";
    let many = (0..17).map(|n| format!("(param \"p{n}\" u64)")).collect::<String>();
    let flats = if flats {
        format!("(export \"flats\" (func {effect} {few} (param \"a\" $t) (result (list u64))))")
    } else {
        String::new()
    };
    format!("{flats} (export \"echo\" (func {effect} {many} (param \"a\" $t) (result $t)))")
}

/// A component that imports the functions for a type and exports them as they are: it has no code.
fn importer(ty: &str, effect: &str, flats: bool) -> Guest {
    let text = format!(
        "(component
          (import \"demo:m/values\" (instance $i
            (type $t0 {ty}) (export \"t\" (type $t (eq $t0))) {}))
          (export \"demo:m/again\" (instance $i)))",
        functions(effect, flats)
    );
    Guest::text("importer", &text).unwrap()
}

/// A component that exports the functions for a type. `flats` gives the bits of the core values that it was given, `echo`
/// the value itself, as it came in memory: 17 numbers of 8 bytes stand before it.
fn provider(ty: &str, effect: &str, core: &[&str], load: &str) -> Guest {
    let given = ["i32", "i64", "f32", "f64"].iter().chain(core).copied().collect::<Vec<_>>();
    let bits = |(index, ty): (usize, &&str)| {
        let bits = match *ty {
            "i32" => format!("(i64.extend_i32_u (local.get {index}))"),
            "f32" => format!("(i64.extend_i32_u (i32.reinterpret_f32 (local.get {index})))"),
            "f64" => format!("(i64.reinterpret_f64 (local.get {index}))"),
            _ => format!("(local.get {index})"),
        };
        format!("(i64.store (i32.const {}) {bits})", 512 + 8 * index)
    };
    let stores = given.iter().enumerate().map(bits).collect::<String>();
    let result = core.first().filter(|_| !load.is_empty()).unwrap_or(&"i32");
    let value = "(i32.add (local.get 0) (i32.const 136))".to_owned();
    let value = if load.is_empty() { value } else { format!("({load} {value})") };
    let few = "(param \"p\" u32) (param \"q\" u64) (param \"r\" f32) (param \"s\" f64)";
    let many = (0..17).map(|n| format!("(param \"p{n}\" u64)")).collect::<String>();
    let options = "(memory $memory) (realloc (func $m \"realloc\"))";
    let text = format!(
        "(component
          (type $t {ty})
          (core module $m
            (memory (export \"memory\") 1)
            (global $top (mut i32) (i32.const 4096))
            (func (export \"realloc\") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
              (local $new i32)
              (local.set $new (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
              (global.set $top (i32.add (local.get $new) (local.get $size)))
              (memory.copy (local.get $new) (local.get $old) (local.get $had))
              (local.get $new))
            (func (export \"flats\") (param {}) (result i32)
              {stores}
              (i32.store (i32.const 256) (i32.const 512)) (i32.store (i32.const 260) (i32.const {}))
              (i32.const 256))
            (func (export \"echo\") (param i32) (result {result}) {value}))
          (core instance $m (instantiate $m))
          (alias core export $m \"memory\" (core memory $memory))
          (func $flats {effect} {few} (param \"a\" $t) (result (list u64))
            (canon lift (core func $m \"flats\") {options}))
          (func $echo {effect} {many} (param \"a\" $t) (result $t) (canon lift (core func $m \"echo\") {options}))
          (instance $i (export \"t\" (type $t)) (export \"flats\" (func $flats)) (export \"echo\" (func $echo)))
          (export \"demo:m/values\" (instance $i)))",
        given.join(" "),
        given.len()
    );
    Guest::text("provider", &text).unwrap()
}

fn adapters() -> Request {
    Request { bridge: BridgeRequest::Adapter, ..Request::default() }
}

/// What each call gives in WAVE, each on an instance of its own.
fn results(component: &[u8], calls: &[String]) -> Vec<String> {
    let result = |call: &String| {
        let call = call.parse::<CallExpression>().unwrap();
        let invoked = wcompose_run::invoke(component, &[call], &patient()).unwrap();
        let results = invoked.results.unwrap_or_else(|verdict| unreachable!("{verdict:?}"));
        let mut results = results.unwrap_or_else(|problems| unreachable!("{problems:?}"));
        results.remove(0).wave.unwrap()
    };
    calls.iter().map(result).collect()
}

fn calls(interface: &str, values: &[&str], flats: bool) -> Vec<String> {
    let numbers = (0..17).map(|n| format!("{n}, ")).collect::<String>();
    let echo = values.iter().map(|value| format!("{interface}#echo({numbers}{value})"));
    let flat =
        values.iter().filter(|_| flats).map(|value| format!("{interface}#flats(1, 2, 3.5, 4.5, {value})"));
    echo.chain(flat).collect()
}

/// The core values that a provider is given, and the value that comes back, are those of a call without adapter.
#[test]
fn every_type_crosses_both_ways() {
    for &(ty, core, load, values) in TYPES {
        let core = core.split(' ').collect::<Vec<_>>();
        let direct = results(provider(ty, "", &core, load).content(), &calls("values", values, true));
        for (value, echoed) in values.iter().zip(&direct) {
            assert_eq!(value, echoed, "{ty}");
        }
        for (importing, exporting) in [("async", ""), ("", "async")] {
            let guests = [importer(ty, importing, true), provider(ty, exporting, &core, load)];
            let composition = link(&guests, &adapters()).unwrap();
            let adapted = results(&composition, &calls("again", values, true));
            assert_eq!(adapted, direct, "{ty}: `{importing}` over `{exporting}`");
        }
    }
    for &(ty, values) in CHANNELS {
        for (importing, exporting) in [("async", ""), ("", "async")] {
            let guests = [importer(ty, importing, false), provider(ty, exporting, &["i32"], "i32.load")];
            let composition = link(&guests, &adapters()).unwrap();
            assert_eq!(results(&composition, &calls("again", values, false)), values, "{ty}");
        }
    }
    println!("{} types cross in both directions", TYPES.len() + CHANNELS.len());
}

/// What `rust-async-main` prints over a provider with a tag.
fn main(tag: &str) -> String {
    format!("{tag}(m)\n6\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8\n4\nconcurrent {tag}(A) {tag}(B)\n")
}

/// What real guests print over adapters is what they print recoloured, where no call has to wait.
#[test]
fn fixtures_in_every_language() {
    let mut pairs = vec![
        (vec!["rust-async-main", "rust-sync-provider"], main("rs")),
        (vec!["rust-async-main", "js-sync-provider"], main("js")),
    ];
    if is_built(Language::Python).unwrap() {
        pairs.push((vec!["rust-async-main", "py-sync-provider"], main("py")));
    }
    for (names, expected) in pairs {
        let guests = names.iter().map(|name| Guest::fixture(name).unwrap()).collect::<Vec<_>>();
        let composition = link(&guests, &adapters()).unwrap();
        assert_eq!(printed(&composition, &patient()).unwrap(), expected, "{names:?}");
        println!("{} : adapted", names.join(" over "));
    }
}

/// Where a wire names functions of an interface that has a resource, a component gives them their names, whatever else
/// bridges the connection: an instance that is put together from exports cannot have methods.
#[test]
fn named_functions_run_beside_a_resource() {
    for provider in ["rust-sync-provider", "rust-async-provider"] {
        let guests = ["rust-async-main", provider].map(|name| Guest::fixture(name).unwrap());
        let wires = vec![format!("rust-async-main:y#greet={provider}#greet").parse::<Wire>().unwrap()];
        for bridge in [BridgeRequest::Recolour, BridgeRequest::Adapter] {
            let request = Request { wires: wires.clone(), bridge, ..Request::default() };
            let composition = link(&guests, &request).unwrap();
            assert_eq!(printed(&composition, &patient()).unwrap(), main("rs"), "{provider}: {bridge:?}");
        }
    }
}

/// An adapter cannot wait: the call that does not return at once ends the run, and its frame says whose call it was.
#[test]
fn a_call_that_waits_traps_by_name() {
    let guests = ["rust-sync-cmd", "rust-async-provider"].map(|name| Guest::fixture(name).unwrap());
    let composition = link(&guests, &adapters()).unwrap();
    let Verdict::Trapped { frames, .. } = wcompose_run::run(&composition, &patient()).unwrap().verdict else {
        unreachable!("it waits for a clock")
    };
    let first = frames.iter().find(|frame| !frame.trampoline).unwrap();
    assert_eq!(
        wcompose::NotEager::words(first.module.as_deref(), first.function.as_deref()),
        Some(
            "`rust-sync-cmd` called `demo:x/y@0.1.0#tick` of `rust-async-provider`, which did not return at once"
        )
    );
}

/// Handles that were lent to an adapter are dropped by it wherever they stand in a value, the memory of a call is free after
/// it, and `post-return` of the provider is called: with any of these left over, the loops would pass the limits. A provider
/// that is recoloured frees its memory as before.
#[test]
fn nothing_is_left_of_a_call() {
    let side =
        |name: &str, text: &str, effect: &str| Guest::text(name, &text.replace("EFFECT", effect)).unwrap();
    // The runtime keeps a handle for each call of an asynchronous lowering that has returned at once, adapter or not.
    for (importing, exporting, handles) in [("async", "", 40), ("", "async", 1_100)] {
        let limits = Limits { handles, linear_memory: Some(1 << 20), ..patient().limits };
        let few = Options { limits, ..patient() };
        let importer = side("importer", include_str!("adapters/importer.wat"), importing);
        let provider = side("provider", include_str!("adapters/provider.wat"), exporting);
        let guests = [importer, provider];
        for request in [adapters(), Request { recolour: Consent::All, ..Request::default() }] {
            let composition = link(&guests, &request).unwrap();
            for (function, sum) in
                [("lend", 18_000), ("lend-many", 18_000), ("back", 7_000), ("count", 1_000)]
            {
                let path = FunctionPath::of_component(function);
                let called = call(&composition, &path, &[Value::U32(1_000)], &few).unwrap();
                let results =
                    called.results.unwrap_or_else(|verdict| unreachable!("{function}: {verdict:?}"));
                let how = request.bridge;
                assert_eq!(
                    results,
                    [Value::U32(sum)],
                    "{function}: `{importing}` over `{exporting}`, {how:?}"
                );
            }
        }
    }
}

/// Adapters are instances like others: a composition that is too large with them is divided, and one that is needed twice is
/// stored once.
#[test]
fn adapters_are_counted_and_shared() {
    let many = 400;
    let side = |verb: &str, effect: &str, interfaces: std::ops::Range<usize>, go: &str| {
        let worlds = interfaces.clone().map(|n| format!("{verb} i{n}; ")).collect::<String>();
        let interfaces =
            interfaces.map(|n| format!("interface i{n} {{ get: {effect} func(key: string) -> string; }} "));
        let text =
            format!("package demo:many; world side {{ {worlds} {go} }} {}", interfaces.collect::<String>());
        from_wit(&text).unwrap()
    };
    let mut guests =
        vec![Guest::component("app", side("import", "async", 0..many, "export go: async func();"))];
    let leaf = |n| Guest::component(&format!("leaf{n}"), side("export", "", n..n + 1, ""));
    guests.extend((0..many).map(leaf));
    link(&guests, &adapters()).unwrap();

    let user = |name: &str| {
        Guest::component(name, side("import", "async", 0..1, &format!("export {name}: async func();")))
    };
    let request = Request { roots: vec!["one".into(), "two".into()], ..adapters() };
    let composition = link(&[user("one"), user("two"), leaf(0)], &request).unwrap();
    let payloads = wasmparser::Parser::new(0).parse_all(&composition);
    let modules = payloads.filter_map(Result::ok).filter_map(|payload| match payload {
        wasmparser::Payload::CustomSection(section) if section.name() == "name" => {
            Some(section.data().to_vec())
        }
        _ => None,
    });
    let adapters = modules.filter(|names| names.windows(7).any(|name| name == b"adapter")).count();
    // The two modules of one adapter, that for its memory and that for its calls.
    assert_eq!(adapters, 2);
}
