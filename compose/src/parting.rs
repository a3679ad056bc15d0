//! Where two binaries part first, in words: in which nested component or module, and in which section of it.

use crate::sections::{Section, id, sections};
use crate::share::{Kind, names};

/// Where two components part first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parting {
    /// Where that is in the first of them, in bytes from its start.
    pub offset: usize,
    /// What stands there in the first of them, from the outside to the inside: `component "leaf"`, `custom section
    /// "producers"`. Empty if it ends there.
    pub place: Vec<String>,
}

impl Parting {
    /// Where two components part first; `None` if they are equal.
    pub fn of(one: &[u8], other: &[u8]) -> Option<Parting> {
        if one == other {
            return None;
        }
        let (mut one, mut other) = (one, other);
        let mut parting = Parting { offset: 0, place: Vec::new() };
        loop {
            let (ours, theirs) = (read(one), read(other));
            let pairs = ours.iter().zip(&theirs);
            let same = pairs.take_while(|(a, b)| one[a.range.clone()] == other[b.range.clone()]).count();
            let Some(section) = ours.get(same) else { break };
            let kind = nested(one, section);
            match kind {
                Some(kind) => parting.place.push(definition(kind, &ours, same)),
                None => parting.place.push(section_name(section, is_component(one))),
            }
            // Where the lengths differ, the heads do: what is inside says more.
            match theirs.get(same).filter(|their| kind.is_some() && their.id == section.id) {
                Some(their) if section.body != their.body => {
                    parting.offset += section.start();
                    (one, other) = (section.body, their.body);
                }
                _ => break,
            }
        }
        parting.offset += one.iter().zip(other).take_while(|(a, b)| a == b).count();
        Some(parting)
    }
}

/// The sections of a component or module, as far as they can be read.
fn read(bytes: &[u8]) -> Vec<Section<'_>> {
    sections(bytes).map_while(Result::ok).collect()
}

/// What of the component or module in `bytes` is defined in its section, if that is a component or module.
fn nested(bytes: &[u8], section: &Section<'_>) -> Option<Kind> {
    match section.id {
        id::MODULE if is_component(bytes) => Some(Kind::Module),
        id::COMPONENT if is_component(bytes) => Some(Kind::Component),
        _ => None,
    }
}

/// Byte 6 of a header is 1 in a component and 0 in a module.
fn is_component(bytes: &[u8]) -> bool {
    bytes.get(6) == Some(&1)
}

/// The nested definition in a section by the name that the component around it gives it, or else by its number.
fn definition(kind: Kind, sections: &[Section<'_>], place: usize) -> String {
    let number = sections[..place].iter().filter(|other| other.id == sections[place].id).count();
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    let custom = sections.iter().filter(|section| section.id == id::CUSTOM);
    let mut names = custom.filter_map(|section| section.custom().ok());
    let names = names.find(|(name, _)| *name == "component-name").map_or(&[][..], |(_, names)| names);
    let what = match kind {
        Kind::Module => "module",
        Kind::Component => "component",
    };
    match names::around(kind, names, number) {
        Some(name) => format!("{what} `{name}`"),
        None => format!("{what} {number}"),
    }
}

/// What the sections of a component are called, by their id.
const OF_COMPONENTS: [&str; 13] = [
    "custom section",
    "modules",
    "core instances",
    "core types",
    "components",
    "instances",
    "aliases",
    "types",
    "canonical functions",
    "start",
    "imports",
    "exports",
    "values",
];

/// What the sections of a module are called, by their id.
const OF_MODULES: [&str; 14] = [
    "custom section",
    "types",
    "imports",
    "functions",
    "tables",
    "memories",
    "globals",
    "exports",
    "start",
    "elements",
    "code",
    "data",
    "data count",
    "tags",
];

fn section_name(section: &Section<'_>, in_component: bool) -> String {
    let names = if in_component { &OF_COMPONENTS[..] } else { &OF_MODULES };
    match (names.get(usize::from(section.id)), section.id) {
        (Some(custom), id::CUSTOM) => {
            let name = section.custom().map(|(name, _)| format!(" `{name}`")).unwrap_or_default();
            format!("{custom}{name}")
        }
        (Some(name), _) => (*name).to_owned(),
        (None, other) => format!("section {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever is told that a composition is another one wants to know where to look.
    #[test]
    fn the_place_is_named_from_the_outside_in() {
        let text = |code: &str, export: &str| {
            wat::parse_str(format!(
                "(component (component $leaf (core module $m (func {code}))) (component $empty) (import \"{export}\" (func)))"
            ))
            .unwrap()
        };
        let first = text("nop", "a");
        assert_eq!(Parting::of(&first, &first), None);
        let place = |other: &[u8]| Parting::of(&first, other).unwrap().place;
        assert_eq!(place(&text("unreachable", "a")), ["component `leaf`", "module `m`", "code"]);
        assert_eq!(place(&text("nop nop", "a")), ["component `leaf`", "module `m`", "code"]);
        assert_eq!(place(&text("nop", "b")), ["imports"]);
        assert_eq!(place(&[&first[..], &[0]].concat()), Vec::<String>::new());
        assert_eq!(place(b""), ["component `leaf`"]);
    }
}
