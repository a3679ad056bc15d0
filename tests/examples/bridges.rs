//! Measures what a call costs over each kind of bridge, for the table in `docs/bridging.md`:
//!
//! ```text
//! cargo run -p wcompose-tests --example bridges
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use wcompose::{BridgeRequest, Consent, Request};
use wcompose_run::{FunctionPath, Limits, Options, Value, call};
use wcompose_tests::{Guest, link, patient};

/// Calls that are timed, and runs of which the fastest counts.
const CALLS: u32 = 200_000;
const RUNS: usize = 5;

/// What is connected: the effect of the importer, of the provider, and what is done where they differ.
const MEETINGS: [(&str, &str, &str, BridgeRequest); 6] = [
    ("sync over sync", "", "", BridgeRequest::None),
    ("async over async", "async", "async", BridgeRequest::None),
    ("async over sync, recoloured", "async", "", BridgeRequest::Recolour),
    ("async over sync, adapter", "async", "", BridgeRequest::Adapter),
    ("sync over async, recoloured", "", "async", BridgeRequest::Recolour),
    ("sync over async, adapter", "", "async", BridgeRequest::Adapter),
];

/// A call with a number, and one with borrowed handles and lists of them.
const FUNCTIONS: [&str; 2] = ["count", "lend"];

fn main() -> Result<()> {
    println!("| connection | a number, us | handles and lists, us |\n| --- | --- | --- |");
    for (name, importing, exporting, bridge) in MEETINGS {
        let side = |name: &str, text: &str, effect: &str| Guest::text(name, &text.replace("EFFECT", effect));
        let guests = [
            side("importer", include_str!("../adapters/importer.wat"), importing)?,
            side("provider", include_str!("../adapters/provider.wat"), exporting)?,
        ];
        let composition = link(&guests, &Request { bridge, recolour: Consent::All, ..Request::default() })?;
        let costs = FUNCTIONS.iter().map(|function| cost(&composition, function));
        let costs = costs.collect::<Result<Vec<_>>>()?;
        println!("| {name} | {:.2} | {:.2} |", costs[0], costs[1]);
    }
    let native = Guest::text("native", include_str!("../adapters/native.wat"))?;
    println!("| async over async, with the asynchronous ABI | {:.2} | |", cost(native.content(), "count")?);
    Ok(())
}

/// Microseconds for each call that the function makes: those of many without those of one, which has compiling in it.
fn cost(composition: &[u8], function: &str) -> Result<f64> {
    let fastest = |calls: u32| {
        let runs = (0..RUNS).map(|_| time(composition, function, calls));
        runs.collect::<Result<Vec<_>>>().map(|times| times.into_iter().min().unwrap_or_default())
    };
    let (many, one) = (fastest(CALLS)?, fastest(1)?);
    Ok(many.saturating_sub(one).as_secs_f64() * 1e6 / f64::from(CALLS - 1))
}

fn time(composition: &[u8], function: &str, calls: u32) -> Result<Duration> {
    let limits = Limits { handles: 1_000_000, ..patient().limits };
    let options = Options { limits, ..patient() };
    let begun = Instant::now();
    let called = call(composition, &FunctionPath::of_component(function), &[Value::U32(calls)], &options)?;
    ensure!(called.results.is_ok(), "{function}: {:?}", called.results);
    Ok(begun.elapsed())
}
