//! What the name sections of inputs call a definition.

use std::ops::Range;

use wasmparser::{
    BinaryReader, ComponentName, ComponentNameSectionReader, Name, NameMap, NameSectionReader, Subsection,
};

use super::definition::{Definition, Kind};
use crate::input::InstanceName;
use crate::sections::{id, sections};

/// Who names a definition.
#[derive(Clone)]
pub(super) enum Called {
    /// It is the component of the step of this instance.
    Step(InstanceName),
    /// The name section that stands here, of the component around it, in which it has this index.
    Inside(Range<usize>, u32),
}

/// The name of a definition in `input`: what the component around it calls it, else what it calls itself. Names are
/// decoration, so a malformed section only means that there are none.
pub(super) fn name(definition: &Definition, called: &Called, input: &[u8]) -> Option<String> {
    let name = match called {
        Called::Step(name) => Some(name.as_str()),
        Called::Inside(names, index) => {
            around(definition.kind, &input[names.clone()], *index).or_else(|| own(definition, input))
        }
    };
    name.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// What the name section in `names` calls the definition of that index.
pub(crate) fn around(kind: Kind, names: &[u8], index: u32) -> Option<&str> {
    named(ComponentNameSectionReader::new(BinaryReader::new(names, 0)), |map| match (map, kind) {
        (ComponentName::CoreModules(map), Kind::Module)
        | (ComponentName::Components(map), Kind::Component) => of_index(map, index),
        _ => None,
    })
}

fn of_index(map: NameMap<'_>, index: u32) -> Option<&str> {
    map.into_iter().flatten().find(|naming| naming.index == index).map(|naming| naming.name)
}

fn own<'a>(definition: &Definition, input: &'a [u8]) -> Option<&'a str> {
    match definition.kind {
        Kind::Module => module(&input[definition.range.clone()]),
        Kind::Component => component(&input[definition.names.clone()]),
    }
}

/// What a component calls itself in its name section.
pub(crate) fn component(names: &[u8]) -> Option<&str> {
    named(ComponentNameSectionReader::new(BinaryReader::new(names, 0)), |name| match name {
        ComponentName::Component { name, .. } => Some(name),
        _ => None,
    })
}

/// What a module calls itself.
pub(crate) fn module(bytes: &[u8]) -> Option<&str> {
    let mut custom = sections(bytes).flatten().filter(|section| section.id == id::CUSTOM);
    let content = custom.find_map(|section| section.custom().ok().filter(|(name, _)| *name == "name"))?.1;
    named(NameSectionReader::new(BinaryReader::new(content, 0)), |name| match name {
        Name::Module { name, .. } => Some(name),
        _ => None,
    })
}

fn named<'a, T: Subsection<'a>>(
    section: wasmparser::Subsections<'a, T>,
    pick: impl Fn(T) -> Option<&'a str>,
) -> Option<&'a str> {
    section.into_iter().flatten().find_map(pick)
}
