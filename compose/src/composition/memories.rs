//! Which functions pass data in memory, on the side that calls and on the side that is called.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::imported;
use super::scope::{self, Made, Meeting, Origin, Scope, Scopes};
use crate::parse::Fault;

/// A function of an import: the name of the import, and the function's own if that is an interface.
type Imported = (String, Option<String>);

/// The functions of imports that core code at the root of the component calls with data in memory: those together that the
/// runtime puts into one module, if they are served by other components. None that it does not put there; fewer where it
/// cannot be known from the binary.
pub(crate) fn meetings(bytes: &[u8]) -> Result<Vec<Vec<Imported>>, Fault> {
    let mut meetings = BTreeMap::<Meeting, Vec<Imported>>::new();
    for lowered in scope::read(bytes)?.root().lowered {
        if let (Some(meeting), Some(function)) = (lowered.meeting, imported(&lowered.function)) {
            meetings.entry(meeting).or_default().push(function);
        }
    }
    Ok(meetings.into_values().collect())
}

/// How many steps a function is followed: what toolchains and links make takes a few for each component around it.
const FURTHEST: u32 = 1_000;

/// The functions that a component exports.
pub(crate) struct Lifts(Scopes);

impl Lifts {
    /// Reads the component in `bytes`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Lifts, Fault> {
        Ok(Lifts(scope::read(bytes)?))
    }

    /// Whether calls of an export, of a function in it if it is an interface, pass data in a memory of the component's own. They
    /// do not if it passes on what it imports.
    pub(crate) fn in_memory(&self, export: &str, function: Option<&str>) -> bool {
        let Some(scope) = self.0.components.last() else { return false };
        let Some(of) = scope.exports.get(export) else { return false };
        let origin = match function {
            Some(name) => &Origin::Export(Rc::new(of.clone()), name.to_owned()),
            None => of,
        };
        let root = Rc::new(Frame { scope, around: None });
        matches!(self.followed(&root, origin, FURTHEST), Some((_, Origin::Lifted { in_memory: true })))
    }

    /// What `origin` means in `frame`, followed to where it is made, at most so many steps `far`. `None` if that is outside,
    /// further, or unknown.
    fn followed<'s>(
        &'s self,
        frame: &Rc<Frame<'s>>,
        origin: &Origin,
        far: u32,
    ) -> Option<(Rc<Frame<'s>>, Origin)> {
        let far = far.checked_sub(1)?;
        match origin {
            Origin::Import(name) => {
                let (around, made) = frame.around.as_ref()?;
                let argument = made.arguments.iter().find(|argument| argument.name == *name)?;
                self.followed(around, &argument.origin, far)
            }
            Origin::Export(of, name) => match self.followed(frame, of, far)? {
                (at, Origin::Bag(exports)) => self.followed(&at, exports.get(name)?, far),
                (at, Origin::Instance(place)) => {
                    let made = &at.scope.instances[place];
                    let Origin::Component(definition) = made.definition else { return None };
                    let scope = &self.0.components[definition];
                    let inside = Rc::new(Frame { scope, around: Some((at.clone(), made)) });
                    self.followed(&inside, scope.exports.get(name)?, far)
                }
                _ => None,
            },
            made => Some((frame.clone(), made.clone())),
        }
    }
}

/// A component as it is instantiated.
struct Frame<'s> {
    scope: &'s Scope,
    /// Where it is instantiated, and with what. The root is not.
    around: Option<(Rc<Frame<'s>>, &'s Made)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: &str = r#"(core module $M (memory (export "m") 1)
        (func (export "r") (param i32 i32 i32 i32) (result i32) unreachable) (func (export "f") (param i32 i32)))
        (core instance $m (instantiate $M))
        (alias core export $m "m" (core memory $m)) (alias core export $m "r" (core func $r))"#;

    const LIFT: &str = r#"(canon lift (core func $m "f") (memory $m) (realloc (core func $r))) "#;

    fn bytes(text: &str) -> Vec<u8> {
        wat::parse_str(format!("(component {text})")).unwrap()
    }

    fn in_memory(text: &str, export: &str, function: Option<&str>) -> bool {
        Lifts::read(&bytes(text)).unwrap().in_memory(export, function)
    }

    #[test]
    fn a_memory_is_of_the_component_that_lifts() {
        let lifted = format!(r#"{MEMORY} (func $f (param "s" string) {LIFT})"#);
        assert!(in_memory(&format!(r#"{lifted} (export "f" (func $f))"#), "f", None));
        // As wit-component makes an interface.
        let nested = r#"(component $c (import "f" (func $f (param "s" string))) (export "g" (func $f)))
            (instance $i (instantiate $c (with "f" (func $f)))) (export "demo:x/i" (instance $i))"#;
        assert!(in_memory(&format!("{lifted} {nested}"), "demo:x/i", Some("g")));
        let bag = r#"(instance $i (export "g" (func $f))) (export "demo:x/i" (instance $i))"#;
        assert!(in_memory(&format!("{lifted} {bag}"), "demo:x/i", Some("g")));
        assert!(!in_memory(&format!("{lifted} {bag}"), "demo:x/i", Some("h")), "there is none");
        // Passed on: the memory is another's.
        let passed = r#"(import "f" (func $f (param "s" string)))"#;
        assert!(!in_memory(&format!(r#"{passed} (export "g" (func $f))"#), "g", None));
        assert!(!in_memory(&format!("{passed} {nested}"), "demo:x/i", Some("g")));
        // Numbers need none.
        let plain = r#"(core module $M (func (export "f"))) (core instance $m (instantiate $M))
            (func $f (canon lift (core func $m "f"))) (export "f" (func $f))"#;
        assert!(!in_memory(plain, "f", None));
    }

    /// A file that nests what it passes on without end must not end the program.
    #[test]
    fn a_function_is_not_followed_without_end() {
        let chain = |links: usize| {
            let pass = r#"(component $p (import "f" (func $f (param "s" string))) (export "f" (func $f)))"#;
            let link = |place: usize| {
                format!(
                    r#"(instance $i{place} (instantiate $p (with "f" (func $f{place}))))
                    (alias export $i{place} "f" (func $f{}))"#,
                    place + 1
                )
            };
            let links = (0..links).map(link).collect::<String>();
            let last = format!(r#"(export "f" (func $f{}))"#, links.matches("instantiate").count());
            format!(r#"{MEMORY} (func $f0 (param "s" string) {LIFT}) {pass} {links} {last}"#)
        };
        assert!(in_memory(&chain(50), "f", None));
        assert!(!in_memory(&chain(900), "f", None), "too far to say");
    }

    /// What may need another module of the runtime is not counted with the rest.
    #[test]
    fn functions_meet_if_nothing_is_made_between_them() {
        let imports = |names: &[&str]| {
            names
                .iter()
                .map(|name| format!("(import \"{name}\" (func ${name} (param \"s\" string)))"))
                .collect::<String>()
        };
        let lower = |name: &str, options: &str| {
            format!("(core func $l{name} (canon lower (func ${name}) (memory $m) {options}))")
        };
        let meetings = |text: &str| {
            let met = meetings(&bytes(text)).unwrap();
            met.into_iter()
                .map(|met| met.into_iter().map(|(name, _)| name).collect::<String>())
                .collect::<Vec<_>>()
        };
        let own = "(realloc (core func $r))";
        let all = format!("{} {MEMORY} {} {}", imports(&["a", "b", "c"]), lower("a", ""), lower("b", own));
        assert_eq!(meetings(&format!("{all} {}", lower("c", ""))), ["abc"]);
        let between = "(core module $N) (core instance (instantiate $N))";
        assert_eq!(meetings(&format!("{all} {between} {}", lower("c", ""))), ["ab", "c"]);
        // The runtime turns to another module for what needs another core instance, and does not come back.
        let second = r#"(core instance $o (instantiate $M)) (alias core export $o "m" (core memory $o))"#;
        let turned = format!(
            "{} {MEMORY} {second} {} {} {}",
            imports(&["a", "b", "c"]),
            lower("a", ""),
            "(core func $lb (canon lower (func $b) (memory $o)))",
            lower("c", "")
        );
        assert_eq!(meetings(&turned), ["a", "b", "c"]);
        let inside = "(component $n) (instance (instantiate $n))";
        assert_eq!(meetings(&format!("{all} {inside} {}", lower("c", ""))), ["ab", "c"]);
        let other = r#"(core instance $o (instantiate $M)) (alias core export $o "r" (core func $o))"#;
        let other = all.replace("(core func $la", &format!("{other} (core func $la"));
        assert_eq!(meetings(&format!("{other} {}", lower("c", "(realloc (core func $o))"))), ["ab"]);
        let plain = r#"(import "a" (func $a)) (core func (canon lower (func $a)))"#;
        assert_eq!(meetings(plain), Vec::<String>::new());
    }
}
