//! Which instances of a composition run a piece of core code, found by where it stands in the binary. Where a definition
//! or a module serves several instances, all of them; where the binary leaves open which one is instantiated, all that
//! may be it. Never a guess.

use std::fmt;
use std::ops::Range;

use wasmparser::{Parser, Payload, TypeRef};

use super::scope::{self, Origin, Scopes};
use crate::parse::Fault;

/// The core code of a component.
pub struct CoreCode<'a> {
    bytes: &'a [u8],
    scopes: Scopes,
}

/// How deep instances are followed into each other, and how many are listed.
const DEEPEST: usize = 100;
const MOST: usize = 1000;

/// The way to an instance: the name of an instance at the root, then of the one inside it, and so on. Empty for the
/// component itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstancePath(pub Vec<String>);

impl fmt::Display for InstancePath {
    /// `outer/inner`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

impl<'a> CoreCode<'a> {
    /// Finds the core code of the component in `bytes`.
    pub fn read(bytes: &'a [u8]) -> Result<CoreCode<'a>, Fault> {
        Ok(CoreCode { bytes, scopes: scope::read(bytes)? })
    }

    /// The instances that run the instruction at `offset`, in bytes from the start of the binary, in the function with
    /// `index` in its module; in the order in which they are made. Empty if no such function stands there.
    pub fn instances_at(&self, offset: usize, index: u32) -> Vec<InstancePath> {
        let modules = &self.scopes.modules;
        let Some(module) = modules.iter().position(|range| range.contains(&offset)) else {
            return Vec::new();
        };
        match function(self.bytes, &modules[module], index) {
            Some(body) if body.contains(&offset) => self.instances_of(module),
            _ => Vec::new(),
        }
    }

    fn instances_of(&self, module: usize) -> Vec<InstancePath> {
        let components = &self.scopes.components;
        // A component can instantiate only those before it.
        let mut runs = Vec::<bool>::with_capacity(components.len());
        for component in components {
            let inside = component.instances.iter().any(|made| match made.definition {
                Origin::Component(definition) => runs.get(definition).copied().unwrap_or(true),
                _ => true,
            });
            runs.push(inside || component.core_instances.iter().any(|origin| may_be(origin, module)));
        }
        let mut search = Search { scopes: &self.scopes, module, runs, found: Vec::new() };
        if let Some(root) = components.len().checked_sub(1) {
            search.component(root, &mut Vec::new());
        }
        search.found
    }
}

/// Whether what is instantiated may be `module`. One that is imported or exported may be any.
fn may_be(origin: &Origin, module: usize) -> bool {
    match origin {
        Origin::Module(known) => *known == module,
        _ => true,
    }
}

struct Search<'s> {
    scopes: &'s Scopes,
    module: usize,
    /// For each component: whether it or an instance inside it may run the module.
    runs: Vec<bool>,
    found: Vec<InstancePath>,
}

impl Search<'_> {
    fn component(&mut self, definition: usize, path: &mut Vec<String>) {
        if path.len() > DEEPEST || self.found.len() >= MOST || !self.runs[definition] {
            return;
        }
        let component = &self.scopes.components[definition];
        if component.core_instances.iter().any(|origin| may_be(origin, self.module)) {
            self.found.push(InstancePath(path.clone()));
        }
        for made in &component.instances {
            path.push(component.instance_name(made.index));
            match made.definition {
                Origin::Component(definition) => self.component(definition, path),
                _ => self.found.push(InstancePath(path.clone())),
            }
            path.pop();
        }
    }
}

/// Where the body of the function with `index` stands, in bytes from the start of the binary, if the module in `range`
/// defines it.
fn function(bytes: &[u8], range: &Range<usize>, index: u32) -> Option<Range<usize>> {
    let mut defined = index;
    for payload in Parser::new(range.start as u64).parse_all(bytes.get(range.clone())?) {
        match payload.ok()? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Func(_) | TypeRef::FuncExact(_) = import.ok()?.ty {
                        defined = defined.checked_sub(1)?;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => match defined.checked_sub(1) {
                Some(less) => defined = less,
                None => return Some(body.range()),
            },
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The instances that run the body of the function with `index` in the module with number `module`.
    fn at(text: &str, module: usize, index: u32) -> Vec<String> {
        let bytes = wat::parse_str(text).unwrap();
        let code = CoreCode::read(&bytes).unwrap();
        let body = function(&bytes, &code.scopes.modules[module], index).unwrap();
        assert!(code.instances_at(body.start, index + 1).is_empty(), "the function is another");
        let paths = code.instances_at(body.end - 1, index);
        paths.iter().map(ToString::to_string).collect()
    }

    const MODULE: &str = "(core module $m (import \"\" \"f\" (func)) (func))";

    #[test]
    fn a_module_serves_those_that_instantiate_it() {
        let component = |module: &str| {
            format!(
                "(component $c {module}
                    (core module $n (func (export \"f\")))
                    (core instance $n (instantiate $n))
                    (core instance (instantiate $m (with \"\" (instance $n)))))"
            )
        };
        let twice = format!(
            "(component {} (instance $left (instantiate $c)) (instance $right (instantiate $c)))",
            component(MODULE)
        );
        assert_eq!(at(&twice, 0, 1), ["left", "right"]);
        // A definition that two components share is one module.
        let shared = format!(
            "(component {MODULE} {} {} (instance $left (instantiate $c)) (instance $right (instantiate $d)))",
            component("(alias outer 1 $m (core module $m))"),
            component("(alias outer 1 $m (core module $m))").replace("component $c", "component $d"),
        );
        assert_eq!(at(&shared, 0, 1), ["left", "right"]);
        // What stands in a binary twice is two modules.
        let copies = format!(
            "(component {} {} (instance $left (instantiate $c)) (instance $right (instantiate $d)))",
            component(MODULE),
            component(MODULE).replace("component $c", "component $d"),
        );
        assert_eq!(at(&copies, 0, 1), ["left"]);
        assert_eq!(at(&copies, 2, 1), ["right"]);
        let nested = format!(
            "(component (component $outer {} (instance $inner (instantiate $c))) (instance $a (instantiate $outer)))",
            component(MODULE)
        );
        assert_eq!(at(&nested, 0, 1), ["a/inner"]);
        assert_eq!(at(&component(MODULE), 0, 1), [""]);
    }

    /// Which module an import brings is not written in the component: every importer may run any.
    #[test]
    fn an_imported_module_may_be_any() {
        let text = "(component
            (core module $m (func))
            (component $c (import \"m\" (core module $m)) (core instance (instantiate $m)))
            (instance $given (instantiate $c (with \"m\" (core module $m))))
            (component $other (core module $m (func)) (core instance (instantiate $m)))
            (instance $own (instantiate $other)))";
        assert_eq!(at(text, 0, 0), ["given"]);
        assert_eq!(at(text, 1, 0), ["given", "own"]);
    }
}
