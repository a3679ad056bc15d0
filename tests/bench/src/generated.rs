//! Compositions that are made up to be large, each as its components in an order in which they link: chains, a wide one, a
//! tree, an interface of many functions.

use anyhow::Result;

use crate::{from_wat, from_wit};

/// A component, and the name of its instance.
#[derive(Clone, Debug)]
pub struct Made {
    /// The name.
    pub name: String,
    /// The component.
    pub bytes: Vec<u8>,
}

impl Made {
    fn new(name: &str, bytes: Vec<u8>) -> Made {
        Made { name: name.to_owned(), bytes }
    }
}

/// A chain of middleware of which each link is what a toolchain makes: a module of its own, and wit-component's shims.
pub fn chain(links: usize) -> Result<Vec<Made>> {
    let link = |name: &str, world: &str| -> Result<Made> {
        let text = format!(
            "package demo:chain;
            interface step {{ greet: func(name: string) -> string; }}
            world link {{ {world} }}"
        );
        Ok(Made::new(name, from_wit(&text)?))
    };
    let last = links - 1;
    let middles = (0..last).map(|place| {
        let world = format!("import step; export step; export id-{place}: func();");
        link(&format!("m{place:03}"), &world)
    });
    middles.chain([link("leaf", "export step;")]).collect()
}

/// A chain of which each link defines one module, unlike all others; its head is a command that succeeds.
pub fn counters(links: usize) -> Result<Vec<Made>> {
    let middles = links - 2;
    let chain = (0..middles).map(|by| counter(&format!("m{by:03}"), "count", by as u32, &["count".into()]));
    let head = head((0..middles as u32).sum(), &["count".into()]);
    [head].into_iter().chain(chain).chain([counter("leaf", "count", 0, &[])]).collect()
}

/// Many providers under one consumer, a command that succeeds.
pub fn wide(providers: usize) -> Result<Vec<Made>> {
    let names = (0..providers).map(|place| format!("p{place:03}")).collect::<Vec<_>>();
    let leaves = names.iter().enumerate().map(|(by, name)| counter(name, name, by as u32, &[]));
    [head((0..providers as u32).sum(), &names)].into_iter().chain(leaves).collect()
}

/// Many providers under one consumer, which asks each of them for a string.
pub fn wide_in_memory(providers: usize) -> Result<Vec<Made>> {
    let names = (0..providers).map(|place| format!("p{place:03}")).collect::<Vec<_>>();
    let interface = |name: &String| format!("interface {name} {{ say: func() -> string; }}\n");
    let interfaces = names.iter().map(interface).collect::<String>();
    let of = |name: &str, world: &str| -> Result<Made> {
        let text = format!("package demo:x;\n{interfaces} world of {{ {world} }}");
        Ok(Made::new(name, from_wit(&text)?))
    };
    let imports = names.iter().map(|name| format!("import {name}; ")).collect::<String>();
    let head = of("head", &format!("{imports} export go: func();"));
    let leaves = names.iter().map(|name| of(name, &format!("export {name};")));
    [head].into_iter().chain(leaves).collect()
}

/// A binary tree of as many instances below a command that succeeds. Each but the leaves asks the two below it.
pub fn tree(instances: usize) -> Result<Vec<Made>> {
    let name = |place: usize| format!("n{place:03}");
    let below = |place: usize| [2 * place + 1, 2 * place + 2].into_iter().filter(|below| *below < instances);
    let inner = (0..instances)
        .map(|place| counter(&name(place), &name(place), 1, &below(place).map(name).collect::<Vec<_>>()));
    [head(instances as u32, &[name(0)])].into_iter().chain(inner).collect()
}

/// One interface of many functions, between two components. No name is one of WIT's own, such as `f32`.
pub fn functions(count: usize) -> Result<Vec<Made>> {
    let functions = (0..count).map(|place| format!("call{place}: func(a: string, b: list<u32>) -> u32;\n"));
    let text = format!("package demo:many;\ninterface all {{ {} }}\n", functions.collect::<String>());
    let of = |name: &str, world: &str| -> Result<Made> {
        Ok(Made::new(name, from_wit(&format!("{text} world of {{ {world} }}"))?))
    };
    Ok(vec![of("user", "import all; export go: func();")?, of("provider", "export all;")?])
}

/// A component with an interface whose function adds `by` to what those of `uses` say.
fn counter(name: &str, interface: &str, by: u32, uses: &[String]) -> Result<Made> {
    let counts = uses.len();
    let sum = (0..counts).map(|place| format!("(i32.add (call $c{place})")).collect::<String>();
    let text = format!(
        r#"(component
            {}
            (core module $m
                {}
                (func (export "count") (result i32) {sum} (i32.const {by}) {}))
            (core instance $i (instantiate $m {}))
            (func $count (result u32) (canon lift (core func $i "count")))
            (instance $of (export "count" (func $count)))
            (export "demo:x/{interface}" (instance $of)))"#,
        imports(uses),
        core_imports(counts),
        ")".repeat(counts),
        given(counts),
    );
    Ok(Made::new(name, from_wat(&text)?))
}

/// A command that fails if what those of `uses` say is not `expected` in all.
fn head(expected: u32, uses: &[String]) -> Result<Made> {
    let counts = uses.len();
    let sum = (0..counts).map(|place| format!("(i32.add (call $c{place})")).collect::<String>();
    let text = format!(
        r#"(component
            {}
            (core module $m
                {}
                (func (export "run") (result i32)
                    (if (i32.ne {sum} (i32.const 0) {} (i32.const {expected})) (then unreachable))
                    (i32.const 0)))
            (core instance $i (instantiate $m {}))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $of (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $of)))"#,
        imports(uses),
        core_imports(counts),
        ")".repeat(counts),
        given(counts),
    );
    Ok(Made::new("head", from_wat(&text)?))
}

fn imports(uses: &[String]) -> String {
    let imports = uses.iter().enumerate().map(|(place, name)| {
        format!(
            r#"(import "demo:x/{name}" (instance $x{place} (export "count" (func (result u32)))))
               (core func $c{place} (canon lower (func $x{place} "count")))"#
        )
    });
    imports.collect()
}

fn core_imports(counts: usize) -> String {
    (0..counts)
        .map(|place| format!(r#"(import "" "{place}" (func $c{place} (result i32)))"#))
        .collect::<String>()
}

fn given(counts: usize) -> String {
    if counts == 0 {
        return String::new();
    }
    let exports = (0..counts).map(|place| format!(r#"(export "{place}" (func $c{place}))"#));
    format!(r#"(with "" (instance {}))"#, exports.collect::<String>())
}

#[cfg(test)]
mod tests {
    use wcompose::{Linked, Request};

    use super::*;
    use crate::inputs;

    /// What cannot be made or linked is a table less on the page of figures, which nobody misses.
    #[test]
    fn all_of_them_link() {
        for made in [chain(70), counters(70), wide(70), wide_in_memory(70), tree(70), functions(70)] {
            let made = made.expect("it is made");
            let inputs = inputs(&made).expect("names differ");
            let linked = wcompose::link(&inputs, &Request::default());
            assert!(matches!(linked, Linked::Done { .. }), "{:?}", linked.diagnostics());
        }
    }
}
