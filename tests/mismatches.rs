//! Pairs of components that differ in one thing: none may link in silence, and each must be named by the right code.
//! Pairs that differ in nothing must all link.
//!
//! The pairs are generated: every type below, in every position, under every change.

#![allow(clippy::print_stdout, reason = "how many pairs there were is worth reading after a run")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, ensure};
use wcompose::{Diagnostic, Input, Inputs, InstanceName, Linked, Request};
use wcompose_tests::from_wit;

/// Types of WIT, each with one that differs from it in one place, as far inside as it goes.
const TYPES: &[(&str, &str)] = &[
    ("bool", "u8"),
    ("u8", "u16"),
    ("s8", "u8"),
    ("u16", "u32"),
    ("s16", "s32"),
    ("u32", "s32"),
    ("s32", "s64"),
    ("u64", "s64"),
    ("s64", "u64"),
    ("f32", "f64"),
    ("f64", "f32"),
    ("char", "u32"),
    ("string", "list<u8>"),
    ("list<u8>", "list<s8>"),
    ("list<string>", "list<char>"),
    ("list<list<u8>>", "list<list<u16>>"),
    ("option<u8>", "option<u16>"),
    ("option<option<u8>>", "option<u8>"),
    ("result", "result<u8>"),
    ("result<u8>", "result<u16>"),
    ("result<_, u8>", "result<u8, u8>"),
    ("result<u8, string>", "result<u8, char>"),
    ("tuple<u8>", "tuple<u8, u8>"),
    ("tuple<u8, string>", "tuple<string, u8>"),
    ("stream<u8>", "stream<u16>"),
    ("stream", "stream<u8>"),
    ("stream<point>", "stream<line>"),
    ("stream<stream<u8>>", "stream<future<u8>>"),
    ("future<u8>", "future<u16>"),
    ("future", "future<u8>"),
    ("future<result<u8, string>>", "future<result<u8, u8>>"),
    ("stream<token>", "stream<other>"),
    ("future<token>", "future<other>"),
    ("point", "line"),
    ("list<point>", "list<line>"),
    ("option<choice>", "option<pick>"),
    ("choice", "pick"),
    ("colour", "shade"),
    ("rights", "duties"),
    ("token", "other"),
    ("list<token>", "list<other>"),
    ("tuple<token, u8>", "tuple<other, u8>"),
];

/// Types that interfaces name, whether they use them or not. The second set differs in one place each.
const NAMED: &str = "
    record point { x: u32, y: string }
    record line { x: u32, y: char }
    variant choice { none, one(u8), many(list<u8>) }
    variant pick { none, one(u8), many(list<u16>) }
    enum colour { red, green }
    enum shade { red, grey }
    flags rights { read, write }
    flags duties { read, pay }
    resource token { constructor(n: u32); value: func() -> u32; }
    resource other { constructor(n: u32); value: func() -> u32; }";

/// One side of a pair.
#[derive(Clone)]
struct Side {
    interface: &'static str,
    version: &'static str,
    named: String,
    functions: Vec<String>,
}

impl Side {
    fn of(function: String) -> Side {
        let functions = vec![function, "also: func(n: u32) -> u32;".into()];
        Side { interface: "store", version: "0.3.1", named: NAMED.into(), functions }
    }

    fn component(&self, exports: bool) -> Result<Vec<u8>> {
        let Side { interface, version, named, functions } = self;
        let (verb, go) = if exports { ("export", "") } else { ("import", "export go: func();") };
        from_wit(&format!(
            "package demo:pair;
            world pair {{ {verb} demo:kv/{interface}@{version}; {go} }}
            package demo:kv@{version} {{ interface {interface} {{ {named} {} }} }}",
            functions.join(" ")
        ))
    }
}

/// The positions in which a type can stand.
fn functions(ty: &str, effect: &str) -> Vec<String> {
    vec![
        format!("f: {effect}func(a: {ty});"),
        format!("f: {effect}func() -> {ty};"),
        format!("f: {effect}func(a: u32, b: {ty}) -> string;"),
    ]
}

/// Links an importer of the one side with an exporter of the other; gives the codes of the errors, none if it links.
fn link(importer: &Side, exporter: &Side) -> Result<Vec<&'static str>> {
    let (app, lib) = (importer.component(false)?, exporter.component(true)?);
    let input = |name: &str, bytes| -> Result<Input<'_>> {
        Ok(Input { name: InstanceName::new(name)?, file: format!("{name}.wasm"), bytes })
    };
    let inputs = Inputs::new(vec![input("app", app.as_slice())?, input("lib", lib.as_slice())?])?;
    Ok(match wcompose::link(&inputs, &Request::default()) {
        Linked::Done { .. } => Vec::new(),
        failed => {
            failed.diagnostics().iter().try_for_each(shows)?;
            failed.diagnostics().iter().map(|diagnostic| diagnostic.code.name).collect()
        }
    })
}

/// What came of the pairs that differ in one kind of thing.
#[derive(Clone, Copy, Default)]
struct Count {
    pairs: usize,
    silent: usize,
    wrong: usize,
}

/// Types that differ are shown: both declarations, or the one that the other side lacks, with a mark on a part of each.
fn shows(diagnostic: &Diagnostic) -> Result<()> {
    let differs = ["type-mismatch", "effect-mismatch"].contains(&diagnostic.code.name);
    ensure!(
        differs != diagnostic.comparisons.is_empty(),
        "{}: a comparison too many or few",
        diagnostic.message
    );
    for comparison in &diagnostic.comparisons {
        ensure!(!comparison.sides.is_empty(), "nothing shows that {}", comparison.sentence);
        for declaration in comparison.sides.iter().map(|side| &side.declaration) {
            let marked = declaration.text.get(declaration.mark.clone());
            ensure!(marked.is_some_and(|part| !part.is_empty()), "no mark: {declaration:?}");
        }
    }
    Ok(())
}

#[test]
fn no_mismatch_is_accepted_and_each_has_its_code() -> Result<()> {
    let (mut counts, mut wrong) = (BTreeMap::<&str, Count>::new(), String::new());
    let mut expect = |change, what: String, importer: &Side, exporter: &Side, code: &str| -> Result<()> {
        let codes = link(importer, exporter)?;
        let count = counts.entry(change).or_default();
        count.pairs += 1;
        count.silent += usize::from(codes.is_empty());
        if !codes.contains(&code) {
            count.wrong += 1;
            writeln!(wrong, "{what}: expected {code}, found {codes:?}")?;
        }
        Ok(())
    };
    for (ty, changed) in TYPES {
        for effect in ["", "async "] {
            for (function, different) in functions(ty, effect).into_iter().zip(functions(changed, effect)) {
                let side = Side::of(function.clone());
                expect(
                    "type",
                    format!("{function} / {different}"),
                    &side,
                    &Side::of(different),
                    "type-mismatch",
                )?;
            }
        }
        let side = Side::of(format!("f: async func(a: {ty}) -> u32;"));
        let with = |change: &dyn Fn(&mut Side)| {
            let mut other = side.clone();
            change(&mut other);
            other
        };
        let sync = with(&|side| side.functions[0] = format!("f: func(a: {ty}) -> u32;"));
        // A synchronous provider is recoloured, which is no mismatch; the root would have to change its exports.
        expect("effect", format!("{ty}: sync import"), &sync, &side, "recolour-needed")?;
        let missing = with(&|side| drop(side.functions.remove(0)));
        expect("missing function", format!("{ty}: missing function"), &side, &missing, "type-mismatch")?;
        let renamed = with(&|side| side.functions[0] = format!("f: async func(b: {ty}) -> u32;"));
        expect("parameter or result", format!("{ty}: renamed parameter"), &side, &renamed, "type-mismatch")?;
        let more = with(&|side| side.functions[0] = format!("f: async func(a: {ty}, b: u8) -> u32;"));
        expect("parameter or result", format!("{ty}: one more parameter"), &side, &more, "type-mismatch")?;
        let silent = with(&|side| side.functions[0] = format!("f: async func(a: {ty});"));
        expect("parameter or result", format!("{ty}: no result"), &side, &silent, "type-mismatch")?;
        let named = with(&|side| side.interface = "storage");
        expect("name", format!("{ty}: other interface"), &side, &named, "unsatisfied-import")?;
        for version in ["0.4.0", "1.3.1", "0.3.1-rc.1"] {
            let versioned = with(&|side| side.version = version);
            expect("version", format!("{ty}: {version}"), &side, &versioned, "unsatisfied-import")?;
        }
    }
    for (from, to) in [
        ("record point { x: u32, y: string }", "record point { x: u32, z: string }"),
        ("record point { x: u32, y: string }", "record point { x: u32 }"),
        ("record point { x: u32, y: string }", "record point { y: string, x: u32 }"),
        ("many(list<u8>)", "several(list<u8>)"),
        ("many(list<u8>)", "many"),
        ("none, one(u8)", "none, two(u16), one(u8)"),
        ("enum colour { red, green }", "enum colour { red, green, blue }"),
        ("enum colour { red, green }", "enum colour { green, red }"),
        ("flags rights { read, write }", "flags rights { read }"),
        ("token { constructor(n: u32)", "token { constructor(n: u64)"),
        ("resource token { constructor(n: u32); value:", "resource token { value:"),
        ("resource token { constructor(n: u32); value: func() -> u32; }", "record token { n: u32 }"),
    ] {
        let uses = "f: async func(a: point, b: choice, c: colour, d: rights, e: token) -> u32;";
        let side = Side::of(uses.into());
        let other = Side { named: NAMED.replacen(from, to, 1), ..side.clone() };
        assert_ne!(side.named, other.named, "`{from}` is there to be changed");
        expect("inside a named type", format!("{from} / {to}"), &side, &other, "type-mismatch")?;
    }
    let all = counts.values().fold(Count::default(), |all, count| Count {
        pairs: all.pairs + count.pairs,
        silent: all.silent + count.silent,
        wrong: all.wrong + count.wrong,
    });
    println!("{:20} {:>6} {:>20} {:>11}", "changed", "pairs", "accepted in silence", "wrong code");
    for (change, Count { pairs, silent, wrong }) in counts.into_iter().chain([("all", all)]) {
        println!("{change:20} {pairs:>6} {silent:>20} {wrong:>11}");
    }
    assert!(all.pairs >= 500, "only {} pairs", all.pairs);
    assert_eq!(all.silent, 0, "accepted in silence:\n{wrong}");
    assert!(wrong.is_empty(), "wrong codes:\n{wrong}");
    Ok(())
}

#[test]
fn no_equal_pair_is_rejected() -> Result<()> {
    let (mut pairs, mut wrong) = (0, String::new());
    for (first, second) in TYPES {
        for ty in [first, second] {
            for effect in ["", "async "] {
                for function in functions(ty, effect) {
                    let side = Side::of(function.clone());
                    let newer = Side { version: "0.3.7", ..side.clone() };
                    for (what, other) in [("", &side), (" newer", &newer)] {
                        pairs += 1;
                        let codes = link(&side, other)?;
                        if !codes.is_empty() {
                            writeln!(wrong, "{function}{what}: {codes:?}")?;
                        }
                    }
                }
            }
        }
    }
    println!("{pairs} equal pairs: {} rejected", wrong.lines().count());
    assert!(pairs >= 500, "only {pairs} pairs");
    assert!(wrong.is_empty(), "rejected:\n{wrong}");
    Ok(())
}
