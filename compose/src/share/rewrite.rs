//! Rewriting: what is stripped is left out, and where a shared definition stood, an outer alias of it takes its place. An alias adds one index to the same
//! index space that the definition did, so all that speaks of indices stays true, name sections included.

use std::collections::BTreeMap;

use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentOuterAliasKind, ComponentSection, ComponentSectionId, Encode,
};

use super::census::Counted;
use super::definition::{self, Content, Definition, Item, Kind};
use super::equal::Class;
use super::names;
use crate::input::Bytes;
use crate::request::Strip;
use crate::rope::Rope;

/// Knows where the shared definitions are.
pub(super) struct Rewriter<'s, 'a> {
    /// The inputs.
    inputs: &'s [Bytes<'a>],
    /// The index of each among the modules, or the components, of the outermost component.
    index: BTreeMap<Class, u32>,
    /// Which custom sections are left out.
    strip: Strip,
}

impl<'s, 'a> Rewriter<'s, 'a> {
    /// The definitions of `chosen` get the first indices of the outermost component, in their order.
    pub(super) fn new(inputs: &'s [Bytes<'a>], chosen: &[Counted<'_>], strip: Strip) -> Rewriter<'s, 'a> {
        let (mut modules, mut components) = (0_u32.., 0_u32..);
        let index = chosen.iter().map(|counted| {
            let next = match counted.definition.kind {
                Kind::Module => modules.next(),
                Kind::Component => components.next(),
            };
            (counted.definition.class, next.unwrap_or_default())
        });
        Rewriter { inputs, index: index.collect(), strip }
    }

    /// The index of a definition, if it is shared.
    pub(super) fn index(&self, definition: &Definition) -> Option<u32> {
        self.index.get(&definition.class).copied().filter(|_| definition.closed)
    }

    /// What name sections call a definition.
    pub(super) fn name(&self, counted: &Counted<'_>) -> Option<String> {
        names::name(counted.definition, &counted.called, &self.inputs[counted.definition.input])
    }

    /// The bytes of a definition that is to stand in the outermost component, or `depth` components inside of it.
    pub(super) fn definition(&self, definition: &Definition, depth: u32) -> Rope<'a> {
        let level = Level { inside: 0, depth };
        self.rewritten(definition, level).unwrap_or_else(|| {
            let mut rope = Rope::default();
            rope.embed(&self.inputs[definition.input], definition.range.clone());
            rope
        })
    }

    /// The bytes of a definition; `None` if they stay.
    fn rewritten(&self, definition: &Definition, level: Level) -> Option<Rope<'a>> {
        let input = &self.inputs[definition.input];
        let mut rope = Rope::default();
        let mut kept = definition.range.start;
        for item in &definition.items {
            if let Some(new) = self.item(input, item, level) {
                rope.embed(input, kept..item.range.start);
                rope.extend(new);
                kept = item.range.end;
            }
        }
        (kept > definition.range.start).then(|| {
            rope.embed(input, kept..definition.range.end);
            rope
        })
    }

    fn item(&self, input: &Bytes<'a>, item: &Item, level: Level) -> Option<Rope<'a>> {
        let mut rope = Rope::default();
        match &item.content {
            Content::Custom(least) if self.strip >= *least => {}
            Content::Custom(_) => return None,
            Content::Aliases(aliases) => {
                let new = self.aliases(input, aliases, level)?;
                let head = rope.append();
                head.push(ComponentSectionId::Alias.into());
                new.encode(head);
            }
            Content::Nested(nested, _) => match self.index(nested) {
                Some(index) => {
                    let mut section = ComponentAliasSection::new();
                    section.alias(outer(nested.kind, level, index));
                    section.append_to_component(rope.append());
                }
                None => {
                    let inner = self.rewritten(nested, Level { inside: level.inside + 1, ..level })?;
                    rope.extend(nested.kind.section(inner));
                }
            },
        }
        Some(rope)
    }

    /// The body of a section of aliases, if one of them has to point at the outermost component from now on: what it
    /// pointed at does not move along.
    fn aliases(&self, input: &[u8], aliases: &[definition::Alias], level: Level) -> Option<Vec<u8>> {
        let leaves = |alias: &definition::Alias| alias.outer.filter(|(count, _, _)| *count > level.inside);
        aliases.iter().find_map(leaves)?;
        let mut body = Vec::new();
        aliases.len().encode(&mut body);
        for alias in aliases {
            match leaves(alias) {
                Some((_, kind, class)) => outer(kind, level, self.index[&class]).encode(&mut body),
                None => body.extend_from_slice(&input[alias.range.clone()]),
            }
        }
        Some(body)
    }
}

/// Where a component stands.
#[derive(Clone, Copy)]
struct Level {
    /// How many components are between it and what moves.
    inside: u32,
    /// How many components are between what moves and the outermost one.
    depth: u32,
}

/// An alias of a definition in the outermost component.
fn outer(kind: Kind, level: Level, index: u32) -> Alias<'static> {
    let kind = match kind {
        Kind::Module => ComponentOuterAliasKind::CoreModule,
        Kind::Component => ComponentOuterAliasKind::Component,
    };
    Alias::Outer { kind, count: level.inside + level.depth + 1, index }
}
