//! Runs every way to call a function against every way to implement it, with components written by hand: toolchains
//! use some of them only. What is run, each pair through a link:
//!
//! | caller's ABI | callee's ABI | functions of async type | of synchronous type |
//! | --- | --- | --- | --- |
//! | sync, async | sync | strings behind a timer; a stream and a future | strings, called over the sync ABI only |
//! | sync, async | async with callback | the same | do not exist |
//! | sync, async | async without ("stackful") | the same, with wasmtime's flag | do not exist |
//!
//! And strings in each of the three encodings of the caller to each of the callee's.

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use wcompose::{Request, Target};
use wcompose_run::{Features, FunctionPath, Options, Value, Verdict, call};
use wcompose_tests::{Guest, link, patient};

const CALLERS: [(&str, &str); 2] =
    [("sync", include_str!("abi/lower-sync.wat")), ("async", include_str!("abi/lower-async.wat"))];

const CALLEES: [(&str, &str, Features); 3] = [
    ("sync", include_str!("abi/lift-sync.wat"), Features::Default),
    ("callback", include_str!("abi/lift-callback.wat"), Features::Default),
    ("stackful", include_str!("abi/lift-stackful.wat"), Features::Extended),
];

const PLAIN_CALLER: &str = include_str!("abi/plain-lower.wat");
const PLAIN_CALLEE: &str = include_str!("abi/plain-lift.wat");

const ENCODINGS: [&str; 3] = ["utf8", "utf16", "latin1+utf16"];

/// Nothing, ASCII, Latin-1, the rest of the basic plane, what UTF-16 needs two units for; the last changes its encoding
/// on the way, after a long run of Latin-1.
const TEXTS: [&str; 6] = ["", "world", "Größe ÿ", "Ωμέγα 東京", "🦀 e\u{301}", "ÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ🦀"];

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (lower, caller) in CALLERS {
        for (lift, callee, features) in CALLEES {
            let name = format!("lower-{lower}-lift-{lift}");
            trials.push(trial(name, move || blocking(caller, lift, callee, features)));
        }
    }
    for lower in ENCODINGS {
        for lift in ENCODINGS {
            trials.push(trial(format!("{lower}-to-{lift}"), move || encoded(lower, lift)));
        }
    }
    trials.push(trial("stackful-needs-its-flag".into(), stackful_needs_its_flag));
    libtest_mimic::run(&arguments, trials).exit()
}

fn trial(name: String, run: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(|error| Failed::from(format!("{error:#}"))))
}

/// Functions of async type. The components themselves trap where something that has to block does not.
fn blocking(caller: &str, lift: &str, callee: &str, features: Features) -> Result<()> {
    let composition = link(&[Guest::text("caller", caller)?, Guest::text("callee", callee)?], &stackful()?)?;
    let options = Options { features, ..patient() };
    for text in TEXTS {
        let found = one(&composition, "echo", Value::String(text.into()), &options)?;
        let expected = Value::String(format!("{text}, lifted {lift}"));
        ensure!(found == expected, "expected {expected:?}, found {found:?}");
    }
    for n in [1u32, 10, 16] {
        let found = one(&composition, "sum", Value::U32(n), &options)?;
        let expected = Value::U64((0..u64::from(n)).sum());
        ensure!(found == expected, "expected {expected:?}, found {found:?}");
    }
    Ok(())
}

/// Functions that do not block, one of synchronous type and one of async type.
fn encoded(lower: &str, lift: &str) -> Result<()> {
    let guest = |name, text: &str, encoding| Guest::text(name, &text.replace("ENCODING", encoding));
    let guests = [guest("caller", PLAIN_CALLER, lower)?, guest("callee", PLAIN_CALLEE, lift)?];
    let composition = link(&guests, &Request::default())?;
    for function in ["echo-sync", "echo-async"] {
        for text in TEXTS {
            let expected = Value::String(text.into());
            let found = one(&composition, function, expected.clone(), &patient())?;
            ensure!(found == expected, "{function}: expected {expected:?}, found {found:?}");
        }
    }
    Ok(())
}

/// A request for a wasmtime that lifts without a callback.
fn stackful() -> Result<Request> {
    let target = Target::default().with_feature("component-model-async-stackful")?;
    Ok(Request { target, ..Request::default() })
}

/// What the table says about wasmtime: without the flag such a composition does not link,
/// and no code of it runs.
fn stackful_needs_its_flag() -> Result<()> {
    let [(_, caller), _] = CALLERS;
    let [.., (_, callee, _)] = CALLEES;
    let guests = [Guest::text("caller", caller)?, Guest::text("callee", callee)?];
    ensure!(link(&guests, &Request::default()).is_err(), "linked for a wasmtime without the flag");
    let composition = link(&guests, &stackful()?)?;
    let called = call(&composition, &path("sum"), &[Value::U32(1)], &patient())?;
    ensure!(matches!(called.results, Err(Verdict::Refused { .. })), "found {:?}", called.results);
    Ok(())
}

/// The one result of a call that must return.
fn one(composition: &[u8], function: &str, argument: Value, options: &Options) -> Result<Value> {
    let called = call(composition, &path(function), std::slice::from_ref(&argument), options)?;
    let results = called
        .results
        .map_err(|verdict| anyhow::anyhow!("{function}({argument:?}) ended with {verdict:?}"))?;
    results.into_iter().next().context("no result")
}

fn path(function: &str) -> FunctionPath {
    FunctionPath::of_component(function)
}
