//! Runs the long chains: one guest of every language in a row, and the one whose 45 MB the linker has to carry.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

use wcompose_fixtures::Language;
use wcompose_tests::{is_built, link_fixtures, patient, printed};

/// Links `rust-app` and the steps, runs it, and compares. `greeting` is what the steps put around `world`.
fn runs(steps: &[&str], greeting: &str) {
    let fixtures = [&["rust-app"], steps].concat();
    let composition = link_fixtures(&fixtures).unwrap();
    let raised = 100 * (steps.len() - 1);
    let numbers = (0..5).map(|n| n + raised).collect::<Vec<_>>();
    let expected = format!("greet: {greeting}\nnumbers: {numbers:?}\ntotal: 10\n");
    assert_eq!(printed(&composition, &patient()).unwrap(), expected);
}

/// Nine languages; eight where Python is not built.
#[test]
fn every_language_in_a_row() {
    if is_built(Language::Python).unwrap() {
        runs(
            &[
                "c-middle",
                "cpp-middle",
                "zig-middle",
                "go-middle",
                "as-middle",
                "js-middle",
                "py-middle",
                "rust-middle",
                "ts-leaf",
            ],
            "c(cpp(zig(go(as(js(python(rust(ts(world)))))))))",
        );
    } else {
        runs(
            &[
                "c-middle",
                "cpp-middle",
                "zig-middle",
                "go-middle",
                "as-middle",
                "js-middle",
                "rust-middle",
                "ts-leaf",
            ],
            "c(cpp(zig(go(as(js(rust(ts(world))))))))",
        );
    }
}

/// A command in Python before a chain.
#[test]
fn a_head_in_python() {
    if is_built(Language::Python).unwrap() {
        let composition = link_fixtures(&["py-app", "c-middle", "ts-leaf"]).unwrap();
        let expected = "greet: c(ts(world))\nnumbers: [100, 101, 102, 103, 104]\ntotal: 10\n";
        assert_eq!(printed(&composition, &patient()).unwrap(), expected);
    }
}

/// Two interpreters of 20 MB each and one of 1 MB: what is slow or large shows here first.
#[test]
fn forty_five_megabytes() {
    if is_built(Language::Python).unwrap() {
        runs(
            &["c-middle", "rust-middle", "py-middle", "js-middle", "py-leaf"],
            "c(rust(python(js(python(world)))))",
        );
    }
}
