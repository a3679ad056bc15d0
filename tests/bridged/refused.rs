//! What is refused: links that recolouring would make wait where nothing may, with the diagnostic that they end with, and
//! what an adapter makes of each.

use wcompose::Pattern;
use wcompose_tests::{Guest, from_wit, link, refusal};

use super::adapted::adapters;
use super::consent;

pub(super) const INTRODUCTION: &str = "
## Refused

Links in which something that changes may be reached from where nothing may wait. The reason is that of the diagnostic; `wcompose explain CODE`
says more.

| what | code | reason | with `--bridge adapter` |
| --- | --- | --- | --- |
";

/// A row for each.
pub(super) fn refusals() -> String {
    let text = include_str!("refused.wat");
    let own = ["a constructor", "a destructor", "a start function"].map(|what| {
        let calls = text.replace(&format!(";; {what}\n"), "(call $get)\n");
        assert_ne!(calls, text, "{what}");
        let get = "package demo:case; world leaf { export get: async func(); }";
        let leaf = Guest::component("leaf", from_wit(get).unwrap());
        (what, vec![Guest::text("app", &calls).unwrap(), leaf])
    });
    let host = |what, caller, provider| {
        (what, vec![Guest::text("app", caller).unwrap(), Guest::text("pass", provider).unwrap()])
    };
    let hosts =
        host("an import of the host, in an interface inside another one", INNER_CALLER, INNER_PROVIDER);
    own.into_iter().chain([hosts]).map(|(what, guests)| row(what, &guests)).collect()
}

fn row(what: &str, guests: &[Guest]) -> String {
    let of_host = |request| wcompose::Request { allow_imports: vec![Pattern::new("get")], ..request };
    let refused = refusal(guests, &of_host(consent())).unwrap();
    let adapted = match link(guests, &of_host(adapters())) {
        Ok(_) => "links, eager only".to_owned(),
        Err(_) => format!("`{}`", refusal(guests, &of_host(adapters())).unwrap().code.name),
    };
    format!("| {what} | `{}` | {} | {adapted} |\n", refused.code.name, refused.message)
}

const INNER_CALLER: &str = r#"(component
  (import "outer" (instance $outer (export "inner" (instance (export "get" (func async))))))
  (alias export $outer "inner" (instance $inner))
  (core func $get (canon lower (func $inner "get")))
  (core module $m (import "" "get" (func $get)) (func (export "go") (call $get)))
  (core instance $i (instantiate $m (with "" (instance (export "get" (func $get))))))
  (func $go async (canon lift (core func $i "go")))
  (export "go" (func $go)))"#;

const INNER_PROVIDER: &str = r#"(component
  (import "get" (func $get))
  (instance $inner (export "get" (func $get)))
  (instance $outer (export "inner" (instance $inner)))
  (export "outer" (instance $outer)))"#;
