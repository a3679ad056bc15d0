//! The components that are too large to be written down.

use std::fmt::Write as _;

use anyhow::Result;

/// Two instances of a definition that has two of the one within it, and so on.
pub(super) fn doubling(_: &str) -> Result<Vec<u8>> {
    let bomb = (0..28).fold(String::from("(component $c)"), |within, _| {
        format!("(component $c {within} (instance (instantiate $c)) (instance (instantiate $c)))")
    });
    Ok(wat::parse_str(bomb)?)
}

/// Each component holds the one before as its only section: deeper than the text format goes.
pub(super) fn nested(_: &str) -> Result<Vec<u8>> {
    const HEADER: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
    const SECTION: u8 = 4;
    let (mut starts, mut size) = (Vec::new(), HEADER.len());
    for _ in 0..80_000 {
        let mut start = [&HEADER[..], &[SECTION]].concat();
        let mut rest = size;
        while rest > 0x7f {
            start.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        start.push(rest as u8);
        size += start.len();
        starts.push(start);
    }
    let outwards = starts.into_iter().rev().flatten();
    Ok(outwards.chain(HEADER).collect())
}

/// Eleven instances of a component that has a thousand of a module.
pub(super) fn instances(_: &str) -> Result<Vec<u8>> {
    thousands(11, "")
}

/// Not too many instances, but each has a memory.
pub(super) fn small_memories(_: &str) -> Result<Vec<u8>> {
    thousands(9, "(memory 1)")
}

fn thousands(number: usize, module: &str) -> Result<Vec<u8>> {
    let many = "(core instance (instantiate $m))".repeat(1000);
    let all = "(instance (instantiate $c))".repeat(number);
    Ok(wat::parse_str(format!(
        r#"(component (component $c (core module $m {module}) {many}) {all}
            (core module $m (func (export "go"))) (core instance $i (instantiate $m))
            (func (export "go") (canon lift (core func $i "go"))))"#
    ))?)
}

/// Loops within each other, through all of which as many values live: 100 kB, for which the work of the compiler grows
/// with the third power.
pub(super) fn slow_function(_: &str) -> Result<Vec<u8>> {
    const LOOPS: usize = 3000;
    let mut body = format!("(local {})", "i64 ".repeat(LOOPS));
    for n in 0..LOOPS {
        let (a, b, c) = ((n * 7 + 1) % LOOPS, (n * 3 + 2) % LOOPS, n * 5 % LOOPS);
        write!(body, "loop (local.set {n} (i64.add (local.get {a}) (local.get {b}))) ")?;
        write!(body, "(br_if 0 (i64.eqz (local.get {c}))) ")?;
    }
    body += &"end ".repeat(LOOPS);
    function(&body)
}

/// A loop around a switch with many cases, through which many values live: the compiler keeps each value for each case.
pub(super) fn large_function(_: &str) -> Result<Vec<u8>> {
    const CASES: usize = 6000;
    let mut body = format!("(local {}) loop ", "i64 ".repeat(CASES));
    body += &"block ".repeat(CASES);
    let targets = (0..=CASES).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
    write!(body, "(br_table {targets} (i32.wrap_i64 (local.get 0)))")?;
    for n in 0..CASES {
        let (a, b) = ((n * 7 + 1) % CASES, (n * 3 + 2) % CASES);
        write!(
            body,
            " end (local.set {n} (i64.add (local.get {a}) (local.get {b}))) (br {})",
            CASES - n - 1
        )?;
    }
    body += " end";
    function(&body)
}

fn function(body: &str) -> Result<Vec<u8>> {
    Ok(wat::parse_str(format!(
        r#"(component
            (core module $m (func (export "go") {body}))
            (core instance $i (instantiate $m))
            (func (export "go") (canon lift (core func $i "go"))))"#
    ))?)
}
