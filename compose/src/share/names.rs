//! What the name sections of inputs call a definition.

use wasmparser::{
    BinaryReader, ComponentName, ComponentNameSectionReader, Name, NameMap, NameSectionReader, Subsection,
};

use super::definition::{Definition, Kind};
use super::sections::{id, sections};

/// Who names a definition.
#[derive(Clone, Copy)]
pub(super) enum Called<'d> {
    /// It is the component of a step of this name.
    Step(&'d str),
    /// The name section of the component around it, in which it has this index.
    Inside(&'d [u8], u32),
}

/// The name of a definition: what the component around it calls it, else what it calls itself. Names are decoration, so
/// a malformed section only means that there are none.
pub(super) fn name(definition: &Definition<'_>, called: Called<'_>) -> Option<String> {
    let name = match called {
        Called::Step(name) => Some(name),
        Called::Inside(names, index) => around(definition.kind, names, index).or_else(|| own(definition)),
    };
    name.filter(|name| !name.is_empty()).map(str::to_owned)
}

fn around(kind: Kind, names: &[u8], index: u32) -> Option<&str> {
    named(ComponentNameSectionReader::new(BinaryReader::new(names, 0)), |map| match (map, kind) {
        (ComponentName::CoreModules(map), Kind::Module)
        | (ComponentName::Components(map), Kind::Component) => of_index(map, index),
        _ => None,
    })
}

fn of_index(map: NameMap<'_>, index: u32) -> Option<&str> {
    map.into_iter().flatten().find(|naming| naming.index == index).map(|naming| naming.name)
}

fn own<'a>(definition: &Definition<'a>) -> Option<&'a str> {
    if definition.kind == Kind::Component {
        return named(ComponentNameSectionReader::new(BinaryReader::new(definition.names, 0)), |name| {
            match name {
                ComponentName::Component { name, .. } => Some(name),
                _ => None,
            }
        });
    }
    let mut custom = sections(definition.bytes).flatten().filter(|section| section.id == id::CUSTOM);
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
