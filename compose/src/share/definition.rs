//! Reading the definitions of an input: its nested components and modules as a tree, each with what it is equal to.
//! Only what matters for sharing is read. Whether the rest is valid is not asked here.

use std::collections::BTreeSet;
use std::ops::Range;

use wasm_encoder::{Component, ComponentSectionId, Encode, Module};
use wasmparser::{
    BinaryReader, ComponentAlias, ComponentAliasSectionReader, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentOuterAliasKind, ComponentTypeRef,
    ComponentTypeSectionReader, CoreTypeSectionReader,
};

use super::equal::{Class, Classes, Part};
use crate::parse::outer::{aliases_of_alias, aliases_of_core_type, aliases_of_type};
use crate::parse::{Fault, MAX_DEPTH};
use crate::request::Strip;
use crate::rope::Rope;
use crate::sections::{Section, id, sections};

/// What is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A core module.
    Module,
    /// A component.
    Component,
}

impl Kind {
    /// The section that holds a definition.
    pub(crate) fn section(self, definition: Rope<'_>) -> Rope<'_> {
        let mut rope = Rope::default();
        let head = rope.append();
        head.push(match self {
            Kind::Module => ComponentSectionId::CoreModule.into(),
            Kind::Component => ComponentSectionId::Component.into(),
        });
        definition.len().encode(head);
        rope.extend(definition);
        rope
    }
}

/// A module or a component where it stands in an input.
#[derive(Debug)]
pub(super) struct Definition {
    pub kind: Kind,
    /// The place of the input that it is in.
    pub input: usize,
    /// Where it stands in the input, without the head of the section that holds it.
    pub range: Range<usize>,
    /// What it is equal to, given an equal component around it.
    pub class: Class,
    /// Whether it means the same everywhere: its aliases point outside at definitions only.
    pub closed: bool,
    /// The definitions outside of it that its aliases stand for.
    pub outside: BTreeSet<Class>,
    /// How many components it has, those that are imported or aliased among them.
    pub components: usize,
    /// What may have to be rewritten, in order.
    pub items: Vec<Item>,
    /// Where the content of its `component-name` section stands; nowhere is at 0.
    pub names: Range<usize>,
}

impl Definition {
    /// Gives each module in it to `found`.
    pub(super) fn modules<'d>(&'d self, found: &mut dyn FnMut(&'d Definition)) {
        if self.kind == Kind::Module {
            found(self);
        }
        for item in &self.items {
            if let Content::Nested(nested, _) = &item.content {
                nested.modules(found);
            }
        }
    }
}

/// A section of a component that may have to be rewritten.
#[derive(Debug)]
pub(super) struct Item {
    /// Where the whole section stands in the input.
    pub range: Range<usize>,
    pub content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A module or component, and its index in the component around it.
    Nested(Definition, u32),
    /// A custom section that is left out if at least that much is.
    Custom(Strip),
    /// A section with aliases of definitions outside.
    Aliases(Vec<Alias>),
}

/// One alias.
#[derive(Debug)]
pub(super) struct Alias {
    /// Where it stands in the input.
    pub range: Range<usize>,
    /// If it stands for a definition further out: how many components further, and which.
    pub outer: Option<(u32, Kind, Class)>,
}

type Result<T> = std::result::Result<T, Fault>;

/// Reads definitions. All inputs are read by one reader, so that definitions of different inputs are compared.
#[derive(Default)]
pub(super) struct Reader<'a> {
    classes: Classes<'a>,
    /// The place of the input that is being read.
    input: usize,
    /// The components that are open, the innermost last.
    scopes: Vec<Scope<'a>>,
}

/// A component that is being read.
#[derive(Default)]
struct Scope<'a> {
    /// The closed definition that each index stands for.
    modules: Vec<Option<Class>>,
    components: Vec<Option<Class>>,
    /// How many components outside of this one something points that is no alias of a definition.
    reach: u32,
    /// Aliases of definitions outside: how many components outside, and which.
    outside: BTreeSet<(u32, Class)>,
    parts: Vec<Part<'a>>,
    items: Vec<Item>,
    names: Range<usize>,
}

impl Scope<'_> {
    fn space(&mut self, kind: Kind) -> &mut Vec<Option<Class>> {
        match kind {
            Kind::Module => &mut self.modules,
            Kind::Component => &mut self.components,
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads the next input.
    pub(super) fn input(&mut self, bytes: &'a [u8]) -> Result<Definition> {
        let definition = self.component(0, bytes);
        self.input += 1;
        definition
    }

    /// Reads a component that stands `at` this offset in the input.
    fn component(&mut self, at: usize, bytes: &'a [u8]) -> Result<Definition> {
        if self.scopes.len() > MAX_DEPTH as usize {
            let message = format!("components nest more than {MAX_DEPTH} deep");
            return Err(Fault { message, offset: 0 });
        }
        begins_with(bytes, &Component::HEADER)?;
        self.scopes.push(Scope::default());
        for section in sections(bytes) {
            self.section(at, bytes, section?)?;
        }
        let scope = self.scopes.pop().unwrap_or_default();
        if let Some(around) = self.scopes.last_mut() {
            around.reach = around.reach.max(scope.reach.saturating_sub(1));
            let further = scope.outside.iter().filter(|(count, _)| *count > 1);
            around.outside.extend(further.map(|(count, class)| (count - 1, *class)));
        }
        let class = self.classes.of(Kind::Component, scope.parts);
        let outside = scope.outside.into_iter().map(|(_, class)| class).collect();
        Ok(Definition {
            kind: Kind::Component,
            input: self.input,
            range: at..at + bytes.len(),
            class,
            closed: scope.reach == 0,
            outside,
            components: scope.components.len(),
            items: scope.items,
            names: scope.names,
        })
    }

    /// Takes the next input for a component of which nothing is known.
    pub(super) fn unread(&mut self, bytes: &'a [u8]) -> Definition {
        let class = self.classes.of(Kind::Component, vec![Part::Bytes(bytes)]);
        let unread = Definition { closed: false, ..self.leaf(Kind::Component, 0, bytes, class) };
        self.input += 1;
        unread
    }

    fn leaf(&self, kind: Kind, at: usize, bytes: &[u8], class: Class) -> Definition {
        let (input, range) = (self.input, at..at + bytes.len());
        let (outside, items) = (BTreeSet::new(), Vec::new());
        Definition { kind, input, range, class, closed: true, outside, components: 0, items, names: 0..0 }
    }

    fn module(&mut self, at: usize, bytes: &'a [u8]) -> Result<Definition> {
        // What is told apart by sections alone could be anything else.
        begins_with(bytes, &Module::HEADER)?;
        let (mut parts, mut items) = (Vec::new(), Vec::new());
        for section in sections(bytes) {
            let section = section?;
            let custom = if section.id == id::CUSTOM { Some(section.custom()?.0) } else { None };
            items.extend(custom.and_then(|name| self::custom(name, within(at, section.range.clone()))));
            let counts = custom.is_none_or(|name| name == "dylink.0");
            parts.extend(counts.then(|| Part::Bytes(&bytes[section.range])));
        }
        let class = self.classes.of(Kind::Module, parts);
        Ok(Definition { items, ..self.leaf(Kind::Module, at, bytes, class) })
    }

    fn section(&mut self, at: usize, bytes: &'a [u8], section: Section<'a>) -> Result<()> {
        let reader = BinaryReader::new(section.body, 0);
        match section.id {
            id::CUSTOM => {
                let (name, content) = section.custom()?;
                let range = within(at, section.range);
                if name == "component-name" {
                    self.scope().names = range.end - content.len()..range.end;
                }
                self.scope().items.extend(custom(name, range));
                return Ok(());
            }
            id::MODULE => {
                let module = self.module(at + section.start(), section.body)?;
                self.nested(within(at, section.range), module);
                return Ok(());
            }
            id::COMPONENT => {
                let component = self.component(at + section.start(), section.body)?;
                self.nested(within(at, section.range), component);
                return Ok(());
            }
            id::ALIAS => return self.aliases(at, bytes, section),
            id::CORE_TYPE => {
                for ty in CoreTypeSectionReader::new(reader)? {
                    let ty = ty?;
                    self.reaches(|found| aliases_of_core_type(&ty, 0, found));
                }
            }
            id::TYPE => {
                for ty in ComponentTypeSectionReader::new(reader)? {
                    let ty = ty?;
                    self.reaches(|found| aliases_of_type(&ty, 0, found));
                }
            }
            id::IMPORT => {
                for import in ComponentImportSectionReader::new(reader)? {
                    match import?.ty {
                        ComponentTypeRef::Module(_) => self.scope().modules.push(None),
                        ComponentTypeRef::Component(_) => self.scope().components.push(None),
                        _ => {}
                    }
                }
            }
            id::EXPORT => {
                for export in ComponentExportSectionReader::new(reader)? {
                    let export = export?;
                    if let Some(kind) = kind(export.kind) {
                        let space = self.scope().space(kind);
                        space.push(space.get(export.index as usize).copied().flatten());
                    }
                }
            }
            _ => {}
        }
        self.scope().parts.push(Part::Bytes(&bytes[section.range]));
        Ok(())
    }

    fn nested(&mut self, range: Range<usize>, definition: Definition) {
        let scope = self.scope();
        let (kind, class) = (definition.kind, definition.class);
        scope.parts.push(Part::Definition(class));
        let index = scope.space(kind).len() as u32;
        scope.space(kind).push(definition.closed.then_some(class));
        scope.items.push(Item { range, content: Content::Nested(definition, index) });
    }

    fn aliases(&mut self, at: usize, bytes: &'a [u8], section: Section<'a>) -> Result<()> {
        let mut list = Vec::new();
        let reader = ComponentAliasSectionReader::new(BinaryReader::new(section.body, 0))?;
        let aliases = reader.into_iter_with_offsets().collect::<std::result::Result<Vec<_>, _>>()?;
        for (place, (start, alias)) in aliases.iter().enumerate() {
            let end = aliases.get(place + 1).map_or(section.body.len(), |(start, _)| *start);
            let outer = self.alias(alias);
            list.push(Alias { range: within(section.start(), *start..end), outer });
        }
        let scope = self.scope();
        if list.iter().all(|alias| alias.outer.is_none()) {
            scope.parts.push(Part::Bytes(&bytes[section.range]));
            return Ok(());
        }
        scope.parts.extend(list.iter().map(|alias| match alias.outer {
            Some((_, _, class)) => Part::Definition(class),
            None => Part::Bytes(&bytes[alias.range.clone()]),
        }));
        list.iter_mut().for_each(|alias| alias.range = within(at, alias.range.clone()));
        scope.items.push(Item { range: within(at, section.range), content: Content::Aliases(list) });
        Ok(())
    }

    /// Follows one alias; gives the definition further out that it stands for.
    fn alias(&mut self, alias: &ComponentAlias<'_>) -> Option<(u32, Kind, Class)> {
        let (kind, count, index) = match alias {
            ComponentAlias::InstanceExport { kind: of, .. } => {
                if let Some(kind) = kind(*of) {
                    self.scope().space(kind).push(None);
                }
                return None;
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
                (Kind::Module, *count, *index)
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                (Kind::Component, *count, *index)
            }
            _ => {
                self.reaches(|found| aliases_of_alias(alias, 0, found));
                return None;
            }
        };
        let of = self.scopes.len().checked_sub(1 + count as usize);
        let of = of.and_then(|scope| self.scopes[scope].space(kind).get(index as usize).copied().flatten());
        let scope = self.scope();
        scope.space(kind).push(of);
        match of {
            Some(class) if count > 0 => {
                scope.outside.insert((count, class));
                Some((count, kind, class))
            }
            // Also what it stands for can be an alias, from still further out.
            _ => {
                scope.reach = scope.reach.max(count);
                None
            }
        }
    }

    /// Notes how far outside the aliases that `walk` finds point.
    fn reaches(&mut self, walk: impl FnOnce(&mut dyn FnMut(u32, u32))) {
        let scope = self.scope();
        walk(&mut |count, types| scope.reach = scope.reach.max(count.saturating_sub(types)));
    }

    fn scope(&mut self) -> &mut Scope<'a> {
        self.scopes.last_mut().expect("sections are read only while a component is open")
    }
}

fn begins_with(bytes: &[u8], header: &[u8]) -> Result<()> {
    let fault = || Fault { message: "a definition without the header of its kind".into(), offset: 0 };
    bytes.starts_with(header).then_some(()).ok_or_else(fault)
}

fn kind(kind: ComponentExternalKind) -> Option<Kind> {
    match kind {
        ComponentExternalKind::Module => Some(Kind::Module),
        ComponentExternalKind::Component => Some(Kind::Component),
        _ => None,
    }
}

/// A custom section, if there is a reason for which it is left out. Those that change how code is linked or compiled stay.
fn custom(name: &str, range: Range<usize>) -> Option<Item> {
    let debug = name.starts_with(".debug_") || ["sourceMappingURL", "external_debug_info"].contains(&name);
    let stays = name == "dylink.0" || name.starts_with("metadata.code.");
    let strip = if debug { Strip::Debug } else { Strip::All };
    (!stays).then_some(Item { range, content: Content::Custom(strip) })
}

/// A range that was counted from `at`.
fn within(at: usize, range: Range<usize>) -> Range<usize> {
    at + range.start..at + range.end
}
