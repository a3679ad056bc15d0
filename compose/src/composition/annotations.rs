//! What the tools that made a component wrote into it: `producers`, and the sections that WebAssembly tools keep for
//! annotations as OCI has them. They are claims, and read as far as they are well-formed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{BinaryReader, ProducersSectionReader};

use super::scope::{self, Origin};
use crate::parse::Fault;
use crate::sections::{id, sections};

/// The names of sections that hold one text.
const TEXTS: [&str; 7] = ["authors", "description", "homepage", "licenses", "revision", "source", "version"];

/// What stands in a component for it and for each instance inside.
pub struct Annotations {
    /// One of each definition; the root is the last.
    definitions: Vec<Definition>,
}

#[derive(Default)]
struct Definition {
    annotation: Annotation,
    instances: Vec<Instance>,
}

/// An instance that a definition makes of another.
struct Instance {
    name: String,
    /// The place of the other.
    definition: usize,
    /// Whether it only holds instances of a composition that is divided; see `emit::inner`.
    is_scope: bool,
}

/// What is said of one component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotation {
    /// What produced it.
    pub producers: BTreeSet<Producer>,
    /// The text of each section that holds one, by the section's name.
    pub texts: BTreeMap<&'static str, String>,
}

/// A language, a tool or a kit that had a part in making a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub field: String,
    /// Its name.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
}

impl Annotations {
    /// Reads the component in `bytes`.
    pub fn read(bytes: &[u8]) -> Result<Annotations, Fault> {
        let scopes = scope::read(bytes)?;
        let modules = scopes.modules.iter().map(|range| annotations(bytes, range)).collect::<Vec<_>>();
        let definitions = scopes.components.iter().map(|component| {
            let mut annotation = annotations(bytes, &component.range);
            let used = component.core_instances.iter().filter_map(|origin| match origin {
                Origin::Module(module) => Some(*module),
                _ => None,
            });
            // The texts of a module are not the component's.
            for module in used.collect::<BTreeSet<_>>() {
                annotation.producers.extend(modules[module].producers.iter().cloned());
            }
            let instances = component.instances.iter().enumerate().filter_map(|(place, made)| {
                let Origin::Component(definition) = made.definition else { return None };
                let is_scope = scopes.inner(component, place).is_some();
                Some(Instance { name: component.instance_name(made.index), definition, is_scope })
            });
            Definition { annotation, instances: instances.collect() }
        });
        Ok(Annotations { definitions: definitions.collect() })
    }

    /// What is said of the instance at the end of `path`, from the root, without the instances inside it. Nothing if there
    /// is none.
    pub fn own(&self, path: &[&str]) -> Annotation {
        self.find(path).map_or_else(Annotation::default, |place| self.definitions[place].annotation.clone())
    }

    /// The same, with what produced the instances inside it.
    pub fn all(&self, path: &[&str]) -> Annotation {
        let Some(start) = self.find(path) else { return Annotation::default() };
        let mut annotation = self.definitions[start].annotation.clone();
        let (mut seen, mut open) = (BTreeSet::from([start]), vec![start]);
        while let Some(place) = open.pop() {
            let definition = &self.definitions[place];
            annotation.producers.extend(definition.annotation.producers.iter().cloned());
            open.extend(definition.instances.iter().map(|i| i.definition).filter(|d| seen.insert(*d)));
        }
        annotation
    }

    fn find(&self, path: &[&str]) -> Option<usize> {
        let root = self.definitions.len().checked_sub(1)?;
        path.iter().try_fold(root, |place, name| self.inside(place, name))
    }

    fn inside(&self, place: usize, name: &str) -> Option<usize> {
        let (mut seen, mut open) = (BTreeSet::from([place]), vec![place]);
        while let Some(place) = open.pop() {
            let (scopes, instances) =
                self.definitions[place].instances.iter().partition::<Vec<_>, _>(|instance| instance.is_scope);
            if let Some(found) = instances.iter().find(|instance| instance.name == name) {
                return Some(found.definition);
            }
            open.extend(scopes.iter().map(|scope| scope.definition).filter(|d| seen.insert(*d)));
        }
        None
    }
}

/// What the sections say that stand directly in the module or component in `range`.
fn annotations(bytes: &[u8], range: &Range<usize>) -> Annotation {
    let mut annotation = Annotation::default();
    let Some(bytes) = bytes.get(range.clone()) else { return annotation };
    let custom = sections(bytes).map_while(Result::ok).filter(|section| section.id == id::CUSTOM);
    for (name, content) in custom.filter_map(|section| section.custom().ok()) {
        if name == "producers" {
            annotation.producers.extend(producers(content));
        } else if let Some(name) = TEXTS.iter().find(|text| **text == name)
            && let Ok(text) = std::str::from_utf8(content)
        {
            annotation.texts.insert(name, text.to_owned());
        }
    }
    annotation
}

fn producers(content: &[u8]) -> Vec<Producer> {
    let Ok(fields) = ProducersSectionReader::new(BinaryReader::new(content, 0)) else { return Vec::new() };
    let fields = fields.into_iter().map_while(Result::ok).flat_map(|field| {
        let values = field.values.into_iter().map_while(Result::ok);
        values.map(move |value| Producer {
            field: field.name.into(),
            name: value.name.into(),
            version: value.version.into(),
        })
    });
    fields.collect()
}
