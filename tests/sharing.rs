//! What inputs define more than once is stored once: what counts as equal, what is left alone, and that nobody can tell
//! by running it.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

use wasmparser::{ComponentName, KnownCustom, Parser, Payload, Validator, WasmFeatures};
use wcompose::{Composition, Request, Strip};
use wcompose_tests::{Generator, Guest, link, link_fixtures, meanings, patient, printed};

/// A component with no imports that exports a function of its own name, over these definitions.
fn guest(name: &str, definitions: &str) -> Guest {
    let text = format!(
        r#"(component {definitions}
            (core module $last (func (export "f")))
            (core instance $i (instantiate $last))
            (func $f (canon lift (core func $i "f")))
            (export "{name}" (func $f)))"#
    );
    Guest::text(name, &text).unwrap()
}

/// Links all of them, each a root.
fn linked(guests: &[Guest], keep_copies: bool) -> Vec<u8> {
    let roots = guests.iter().map(|guest| guest.name().to_owned()).collect();
    link(guests, &Request { roots, keep_copies, ..Request::default() }).unwrap()
}

/// How deep each module stands that is defined in a component.
fn modules(bytes: &[u8]) -> Vec<usize> {
    Validator::new_with_features(WasmFeatures::all()).validate_all(bytes).unwrap();
    let (mut found, mut depth) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::Version { .. } => depth += 1,
            Payload::ModuleSection { .. } => found.push(depth),
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    found
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The module counts once, in the outermost component, wherever it stood: deep inside, or next to another copy.
#[test]
fn modules_are_stored_once() {
    let deep = r#"(component (component (core module (func (export "g") unreachable))))"#;
    let twice =
        r#"(core module (func (export "g") unreachable)) (core module (func (export "g") unreachable))"#;
    let guests = [guest("one", deep), guest("two", twice)];
    assert_eq!(modules(&linked(&guests, false)), [1, 1]);
    assert_eq!(modules(&linked(&guests, true)), [4, 2, 2, 2, 2]);
}

/// Names are no content, or the shims that toolchains add would all differ. What a dynamic linker reads is.
#[test]
fn custom_sections_are_no_content_but_for_one() {
    let module = |custom: &str| format!(r#"(core module (func (export "g")) (@custom "{custom}" "x"))"#);
    let count = |one: &str, two: &str| {
        let guests = [guest("one", &module(one)), guest("two", &module(two))];
        modules(&linked(&guests, false)).len()
    };
    assert_eq!(count("name", "producers"), 2);
    assert_eq!(count("dylink.0", "dylink.0"), 2);
    assert_eq!(count("dylink.0", "producers"), 3);
}

/// Large modules are told apart by their bytes, also where they have one length and begin and end alike.
#[test]
fn bytes_decide() {
    let module = |middle: char| {
        let pad = "a".repeat(10_000);
        format!(r#"(core module (memory 1) (data (i32.const 0) "{pad}{middle}{pad}"))"#)
    };
    let count = |one, two| {
        let guests = [guest("one", &module(one)), guest("two", &module(two))];
        modules(&linked(&guests, false)).len()
    };
    assert_eq!(count('x', 'x'), 2);
    assert_eq!(count('x', 'y'), 3);
}

/// A component that points at a type outside itself would mean another type elsewhere. What is in it moves all the same.
#[test]
fn open_components_stay() {
    let open = |ty: &str| {
        format!(
            r#"(type $outside {ty}) (component
                (alias outer 1 $outside (type $t)) (import "x" (func (param "a" $t)))
                (core module (func (export "g") unreachable)))"#
        )
    };
    let guests = [guest("one", &open("u8")), guest("two", &open("u16"))];
    let composition = linked(&guests, false);
    assert_eq!(modules(&composition), [1, 1]);
    assert!(composition.len() < linked(&guests, true).len());
}

/// What an alias stands for decides, not its number: these two have the same bytes and mean different modules.
#[test]
fn aliases_are_what_they_stand_for() {
    let with = |body: &str| {
        format!(
            r#"(core module $m (func (export "g") {body}))
               (component (alias outer 1 $m (core module $a)) (core instance (instantiate $a)))"#
        )
    };
    let inline = |body: &str| {
        format!(r#"(component (core module (func (export "g") {body})) (core instance (instantiate 0)))"#)
    };
    let components = |one: &str, two: &str| {
        let bytes = linked(&[guest("one", one), guest("two", two)], false);
        modules(&bytes);
        let nested = Parser::new(0).parse_all(&bytes);
        nested.filter(|payload| matches!(payload, Ok(Payload::ComponentSection { .. }))).count()
    };
    assert_eq!(components(&with("nop"), &with("unreachable")), 4, "two inputs, with a component in each");
    assert_eq!(components(&with("nop"), &with("nop")), 3);
    assert_eq!(components(&with("nop"), &inline("nop")), 3);
}

/// An input in which nothing is left to share stands in the output as it is, and what was shared before is shared again.
#[test]
fn a_composition_is_an_input() {
    let guests = ["js-middle", "js-leaf"].map(|name| Guest::fixture(name).unwrap());
    let one = link(&guests, &Request::default()).unwrap();
    let alone = link(&[Guest::bytes("one", &one)], &Request::default()).unwrap();
    assert!(holds(&alone, &one), "nothing changes it");

    let two = link_fixtures(&["ts-middle", "js-leaf"]).unwrap();
    let request = Request {
        roots: vec!["one".into()],
        exports: vec!["demo:second/step@0.1.0=two:demo:chain/step@0.1.0".parse().unwrap()],
        ..Request::default()
    };
    let shared = link(&[Guest::bytes("one", &one), Guest::bytes("two", &two)], &request).unwrap();
    assert!(
        modules(&shared).len() < modules(&one).len() + 6,
        "the engine and what comes with it are there once"
    );
    assert!(shared.len() < one.len() + two.len() - 1_000_000, "{} and {}", one.len(), two.len());
}

/// Definitions are shared, state is not: two counters of one module count for themselves.
#[test]
fn state_stays_apart() {
    let counter = |name: &str| {
        let text = r#"(component
            (core module $m (global $n (mut i32) (i32.const 0))
                (func (export "bump") (result i32)
                    (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))
            (core instance $i (instantiate $m))
            (func (export "bump") (result u32) (canon lift (core func $i "bump"))))"#;
        Guest::text(name, text).unwrap()
    };
    let head = r#"(component
        (import "a" (func $a (result u32))) (import "b" (func $b (result u32)))
        (core func $la (canon lower (func $a))) (core func $lb (canon lower (func $b)))
        (core module $m
            (import "" "a" (func $a (result i32))) (import "" "b" (func $b (result i32)))
            (func (export "run") (result i32)
                (if (i32.ne (call $a) (i32.const 1)) (then unreachable))
                (if (i32.ne (call $a) (i32.const 2)) (then unreachable))
                (if (i32.ne (call $b) (i32.const 1)) (then unreachable))
                (i32.const 0)))
        (core instance $i (instantiate $m (with "" (instance (export "a" (func $la)) (export "b" (func $lb))))))
        (func $run (result (result)) (canon lift (core func $i "run")))
        (instance $of (export "run" (func $run)))
        (export "wasi:cli/run@0.2.0" (instance $of)))"#;
    let guests = [Guest::text("head", head).unwrap(), counter("one"), counter("two")];
    let wires = ["head:a=one:bump", "head:b=two:bump"].map(|wire| wire.parse().unwrap()).to_vec();
    let composition = link(&guests, &Request { wires, ..Request::default() }).unwrap();
    assert_eq!(modules(&composition).len(), 2, "the head's and the counters'");
    assert_eq!(printed(&composition, &patient()).unwrap(), "");
}

/// Indices in name sections are those of what they name, in the outermost component and inside.
#[test]
fn names_stay_true() {
    let named =
        r#"(core module $lib (func (export "g") unreachable)) (core module $own (func (export "h")))"#;
    let guests = [guest("one", named), guest("two", named)];
    let bytes = linked(&guests, false);
    let names = Parser::new(0).parse_all(&bytes).filter_map(|payload| match payload {
        Ok(Payload::CustomSection(section)) => match section.as_known() {
            KnownCustom::ComponentName(names) => Some(names),
            _ => None,
        },
        _ => None,
    });
    // The section of the outermost component is the last.
    let modules = names.last().unwrap().into_iter().find_map(|names| match names.unwrap() {
        ComponentName::CoreModules(map) => {
            Some(map.into_iter().map(|name| name.unwrap().name).collect::<Vec<_>>())
        }
        _ => None,
    });
    assert_eq!(modules.unwrap(), ["lib", "own", "last"]);
    let composition = Composition::read(&bytes).unwrap();
    let names = composition.instances.iter().map(|instance| instance.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["one", "two"]);
}

/// The names of the custom sections of all modules and components but the outermost.
fn custom(bytes: &[u8]) -> Vec<String> {
    let (mut found, mut depth) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.unwrap() {
            Payload::Version { .. } => depth += 1,
            Payload::CustomSection(section) if depth > 1 => found.push(section.name().to_owned()),
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    found
}

/// What a runtime may act on stays whatever is stripped, at every depth, and with copies kept as well.
#[test]
fn custom_sections_are_left_out() {
    let sections =
        |names: &[&str]| names.iter().map(|name| format!(r#"(@custom "{name}" "x")"#)).collect::<String>();
    let all = ["name.of.mine", ".debug_info", "sourceMappingURL", "dylink.0", "metadata.code.branch_hint"];
    let text = format!("(component (core module {0}) (component {0}) {0})", sections(&all));
    let bytes = wat::parse_str(text).unwrap();
    for keep_copies in [false, true] {
        let left = |strip| {
            let guests = [Guest::bytes("one", &bytes), guest("two", "")];
            let roots = vec!["one".into(), "two".into()];
            custom(&link(&guests, &Request { roots, strip, keep_copies, ..Request::default() }).unwrap())
        };
        let of = |names: &[&str]| names.repeat(3).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let named = |list: Vec<String>| {
            list.into_iter()
                .filter(|name| !["component-name", "name"].contains(&name.as_str()))
                .collect::<Vec<_>>()
        };
        assert_eq!(named(left(Strip::None)), of(&all));
        assert_eq!(named(left(Strip::Debug)), of(&[all[0], all[3], all[4]]));
        assert_eq!(left(Strip::All), of(&all[3..]));
    }
}

/// Generated inputs with aliases of modules, components and types across their nested components: shared or not, each
/// instance is made of the same, and a composition of compositions too.
#[test]
fn sharing_changes_no_meaning() {
    let mut rewritten = 0;
    for seed in 0..400 {
        let guest = |name: &str, seed| guest(name, &Generator::new(seed).items(3));
        let guests = [guest("one", seed), guest("two", seed / 2 + 1000), guest("three", seed % 7)];
        let (shared, alone) = (linked(&guests, false), linked(&guests, true));
        modules(&shared);
        assert_eq!(meanings(&shared).unwrap(), meanings(&alone).unwrap(), "seed {seed}");
        rewritten += usize::from(shared.len() < alone.len());

        let again = [Guest::bytes("first", &shared), guest("one-more", seed % 5)];
        let exports = ["one", "two", "three"].map(|name| format!("first:{name}").parse().unwrap()).to_vec();
        let request = |keep_copies| Request {
            roots: vec!["one-more".into()],
            exports: exports.clone(),
            keep_copies,
            ..Request::default()
        };
        let (shared, alone) = (link(&again, &request(false)).unwrap(), link(&again, &request(true)).unwrap());
        assert_eq!(meanings(&shared).unwrap(), meanings(&alone).unwrap(), "seed {seed}, again");
    }
    assert!(rewritten > 300, "only {rewritten} had anything to share");
}
