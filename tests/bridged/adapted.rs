//! What comes of the pairs of `bridged.rs` with `--bridge adapter`: each is linked and run.

use wcompose::{BridgeRequest, NotEager, Request};
use wcompose_run::Verdict;
use wcompose_tests::{Guest, link};

use super::{CALLERS, Caller, PROVIDERS, cell, in_two, is_here, quick};

pub(super) const INTRODUCTION: &str = "
## Over adapters

The same with `--bridge adapter`, which changes neither side: every caller over the provider in Rust of the other effect, and a command over
JavaScript and Python. What a provider in JavaScript or Python waits for here is its own loop, which has ended when the call returns; so they
return at once, and a caller that cannot wait has its answer.

| pair | with an adapter |
| --- | --- |
";

/// The request for adapters.
pub(super) fn adapters() -> Request {
    Request { bridge: BridgeRequest::Adapter, ..Request::default() }
}

/// Each caller over Rust, and one of each effect over the interpreters: most of the time is for compiling these.
pub(super) fn pairs(kept: &str, python: bool) -> String {
    let of = |caller: &'static Caller| PROVIDERS.iter().map(move |provider| (caller, provider));
    let counts = |(caller, (name, fixture, _)): &(&Caller, &(&str, &str, &str))| {
        let differ = caller.name.ends_with(", async") != name.ends_with(", async");
        differ && (fixture.starts_with("rust-") || caller.name.starts_with("Rust, a command"))
    };
    let pairs = CALLERS.iter().flat_map(of).filter(counts).collect::<Vec<_>>();
    let rows = in_two(pairs.len(), |index| {
        let (caller, provider) = pairs[index];
        let row = format!("{} over {}", caller.name, provider.0);
        let here = is_here(&[caller.fixture, provider.1], python);
        let came = if here { caller.over_an_adapter(*provider) } else { cell(kept, &row, 0) };
        format!("| {row} | {came} |\n")
    });
    rows.concat()
}

impl Caller {
    /// Links it over a provider with an adapter, runs the two, and says what came of it.
    fn over_an_adapter(&self, (_, provider, tag): (&str, &str, &str)) -> String {
        let names = self.heads.iter().chain([&self.fixture, &provider]);
        let guests = names.map(|name| Guest::fixture(name).unwrap()).collect::<Vec<_>>();
        let outcome = wcompose_run::run(&link(&guests, &adapters()).unwrap(), &quick()).unwrap();
        if let Verdict::Exited { status: 0 } = outcome.verdict {
            assert_eq!(String::from_utf8(outcome.stdout).unwrap(), (self.prints)(tag), "{}", self.name);
            return "adapted".into();
        }
        told(&outcome.verdict)
    }
}

/// Why a call over an adapter trapped: it did not return at once, or the callee waited although it is synchronous.
pub(super) fn told(verdict: &Verdict) -> String {
    let Verdict::Trapped { kind, frames, .. } = verdict else { unreachable!("{verdict:?}") };
    let first = frames.iter().find(|frame| !frame.trampoline);
    let words = first.and_then(|frame| NotEager::words(frame.module.as_deref(), frame.function.as_deref()));
    match words {
        Some(words) => format!("traps: {words}"),
        None => {
            assert_eq!(kind, "cannot-block-sync-task", "{verdict:?}");
            "traps: the callee itself waits in a synchronous function".into()
        }
    }
}
