//! A component as its sections, together with the components that are nested in it. It knows where things stand in the
//! binary, and nothing of what they mean.

use wasmparser::{Chunk, Parser, Payload};

use super::Unrecolourable;

/// The place of the component itself among its definitions.
pub(super) const ROOT: usize = 0;

/// One component, the input itself or one that is nested in it.
pub(super) struct Definition<'a> {
    /// The magic number and version.
    pub header: &'a [u8],
    pub sections: Vec<Section<'a>>,
}

/// One section.
pub(super) struct Section<'a> {
    /// All its bytes, its id and size included.
    pub raw: &'a [u8],
    pub content: Content<'a>,
}

impl Section<'_> {
    /// How many items it adds to index spaces.
    pub(super) fn items(&self) -> usize {
        let count = match &self.content {
            Content::Component(_) | Content::Module(_) => 1,
            Content::Payload(payload) => match payload {
                Payload::ComponentTypeSection(section) => section.count(),
                Payload::ComponentImportSection(section) => section.count(),
                Payload::ComponentAliasSection(section) => section.count(),
                Payload::ComponentCanonicalSection(section) => section.count(),
                Payload::ComponentInstanceSection(section) => section.count(),
                Payload::ComponentExportSection(section) => section.count(),
                Payload::InstanceSection(section) => section.count(),
                _ => 0,
            },
        };
        count as usize
    }
}

/// What a section holds.
pub(super) enum Content<'a> {
    /// A nested component, by its place among the definitions.
    Component(usize),
    /// The bytes of a core module.
    Module(&'a [u8]),
    /// Anything else.
    Payload(Payload<'a>),
}

/// Reads the valid component in `bytes`: itself and all nested components, the outer before the inner.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Definition<'_>>, Unrecolourable> {
    let mut definitions = Vec::new();
    read_one(&mut definitions, Parser::new(0), bytes, bytes)?;
    Ok(definitions)
}

/// Reads the component in `own`, which is a part of `all`. Gives its place. How deep components nest is bounded by `parse`.
fn read_one<'a>(
    definitions: &mut Vec<Definition<'a>>,
    mut parser: Parser,
    own: &'a [u8],
    all: &'a [u8],
) -> Result<usize, Unrecolourable> {
    let place = definitions.len();
    definitions.push(Definition { header: &[], sections: Vec::new() });
    let mut at = 0;
    while at < own.len() {
        let start = at;
        let Chunk::Parsed { consumed, payload } = parser.parse(&own[at..], true)? else { break };
        at += consumed;
        let content = match payload {
            Payload::Version { .. } => {
                definitions[place].header = &own[start..at];
                continue;
            }
            Payload::ModuleSection { unchecked_range, .. } => {
                at += unchecked_range.len();
                Content::Module(&all[unchecked_range])
            }
            Payload::ComponentSection { parser, unchecked_range } => {
                at += unchecked_range.len();
                Content::Component(read_one(definitions, parser, &all[unchecked_range], all)?)
            }
            payload => Content::Payload(payload),
        };
        definitions[place].sections.push(Section { raw: &own[start..at], content });
    }
    Ok(place)
}
