//! Calls each function of the chain in every language, as a user of `wcompose invoke` does: streams and futures cross
//! between a guest and the caller in both directions. `--nocapture` shows the table.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::io::Write;

use wcompose_fixtures::{Fixture, Role};
use wcompose_run::CallExpression;
use wcompose_tests::{link_fixtures, patient};

const CALLS: [&str; 3] = [r#"greet("world")"#, "numbers(3)", "total([1, 2, 39])"];

/// What the three calls give, in their order. They are made at the same time, on one instance.
fn results(component: &[u8]) -> Vec<String> {
    let calls: Vec<CallExpression> = CALLS.iter().map(|call| call.parse().unwrap()).collect();
    let results = wcompose_run::invoke(component, &calls, &patient()).unwrap().results;
    let results = results.unwrap_or_else(|verdict| panic!("{verdict:?}"));
    results.unwrap_or_else(|problems| panic!("{problems:?}")).into_iter().filter_map(|r| r.wave).collect()
}

#[test]
fn each_function_of_the_chain_in_every_language() {
    let steps = wcompose_fixtures::all().filter(|fixture| matches!(fixture.role, Role::Leaf | Role::Middle));
    let mut out = std::io::stdout();
    writeln!(out, "{:12} {:24} {:16} total", "", "greet", "numbers").unwrap();
    for Fixture { name, role, .. } in steps {
        if wcompose_fixtures::fixture(name).is_err() {
            writeln!(out, "{name:12} not built").unwrap();
            continue;
        }
        let tag = match name.split('-').next().unwrap() {
            "py" => "python",
            tag => tag,
        };
        let (component, greeting, numbers) = match role {
            Role::Middle => {
                (link_fixtures(&[name, "c-leaf"]), format!("\"{tag}(c(world))\""), "[100, 101, 102]")
            }
            _ => (link_fixtures(&[name]), format!("\"{tag}(world)\""), "[0, 1, 2]"),
        };
        let found = results(&component.unwrap());
        writeln!(out, "{name:12} {:24} {:16} {}", found[0], found[1], found[2]).unwrap();
        assert_eq!(found, [greeting.as_str(), numbers, "42"], "{name}");
    }
}
