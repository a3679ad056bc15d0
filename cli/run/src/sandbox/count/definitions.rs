//! The component definitions of a binary, reduced to what makes instances: a list of steps for each. Modules, types and
//! functions are passed over. Nothing is validated: what is not well-formed is for the runtime to refuse.

use super::Exceeds;
use wasmparser::{
    BinaryReaderError, Chunk, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, Instance, Parser, Payload,
};

/// What adds an entry to the index space of components or of instances.
pub(super) enum Step<'a> {
    /// A nested definition, by its place in the list of all.
    Define(usize),
    /// An import of this name.
    Import(Sort, &'a str),
    /// An entry of an enclosing definition, `outwards` from here.
    Outer { outwards: u32, index: u32 },
    /// An export of an instance.
    Alias { sort: Sort, instance: u32, name: &'a str },
    /// An entry once more, as it is exported under this name.
    Export { item: Item, name: &'a str },
    /// A new instance.
    Instantiate { component: u32, arguments: Vec<(&'a str, Item)> },
    /// An instance made of what is there.
    Bundle(Vec<(&'a str, Item)>),
    /// So many instances of core modules.
    Core(u64),
}

/// One of the two index spaces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Component,
    Instance,
}

/// An entry of an index space.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) sort: Sort,
    pub(super) index: u32,
}

/// Why a binary could not be read to its end.
pub(super) enum Unread {
    Exceeds(Exceeds),
    Malformed,
}

impl From<BinaryReaderError> for Unread {
    fn from(_: BinaryReaderError) -> Self {
        Self::Malformed
    }
}

/// All definitions of `binary`, the outermost first, nested in each other at most `nesting` deep.
pub(super) fn read(binary: &[u8], nesting: u64) -> Result<Vec<Vec<Step<'_>>>, Unread> {
    let mut definitions = vec![Vec::new()];
    // The definitions that are open, and their parsers.
    let mut open = vec![(0, Parser::new(0))];
    let mut rest = binary;
    while let Some((current, parser)) = open.last_mut() {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
            return Err(Unread::Malformed);
        };
        let current = *current;
        rest = &rest[consumed..];
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                rest = rest.get(unchecked_range.len()..).ok_or(Unread::Malformed)?;
            }
            Payload::ComponentSection { parser, .. } => {
                if open.len() as u64 > nesting {
                    return Err(Unread::Exceeds(Exceeds::Nesting));
                }
                let nested = definitions.len();
                definitions[current].push(Step::Define(nested));
                definitions.push(Vec::new());
                open.push((nested, parser));
            }
            Payload::End(_) => _ = open.pop(),
            payload => steps(payload, &mut definitions[current])?,
        }
    }
    Ok(definitions)
}

fn steps<'a>(payload: Payload<'a>, steps: &mut Vec<Step<'a>>) -> Result<(), Unread> {
    match payload {
        Payload::InstanceSection(section) => {
            let mut count = 0;
            for instance in section {
                count += u64::from(matches!(instance?, Instance::Instantiate { .. }));
            }
            steps.push(Step::Core(count));
        }
        Payload::ComponentImportSection(section) => {
            for import in section {
                let import = import?;
                steps.extend(sort(import.ty.kind()).map(|sort| Step::Import(sort, import.name.name)));
            }
        }
        Payload::ComponentAliasSection(section) => {
            for alias in section {
                steps.extend(aliased(&alias?));
            }
        }
        Payload::ComponentInstanceSection(section) => {
            for instance in section {
                steps.push(match instance? {
                    ComponentInstance::Instantiate { component_index, args } => {
                        let arguments =
                            args.iter().map(|argument| (argument.name, argument.kind, argument.index));
                        Step::Instantiate { component: component_index, arguments: items(arguments) }
                    }
                    ComponentInstance::FromExports(exports) => {
                        let exports =
                            exports.iter().map(|export| (export.name.name, export.kind, export.index));
                        Step::Bundle(items(exports))
                    }
                });
            }
        }
        Payload::ComponentExportSection(section) => {
            for export in section {
                let export = export?;
                let item = sort(export.kind).map(|sort| Item { sort, index: export.index });
                steps.extend(item.map(|item| Step::Export { item, name: export.name.name }));
            }
        }
        _ => {}
    }
    Ok(())
}

fn aliased<'a>(alias: &ComponentAlias<'a>) -> Option<Step<'a>> {
    match *alias {
        ComponentAlias::InstanceExport { kind, instance_index, name } => {
            Some(Step::Alias { sort: sort(kind)?, instance: instance_index, name })
        }
        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
            Some(Step::Outer { outwards: count, index })
        }
        ComponentAlias::Outer { .. } | ComponentAlias::CoreInstanceExport { .. } => None,
    }
}

fn items<'a>(items: impl Iterator<Item = (&'a str, ComponentExternalKind, u32)>) -> Vec<(&'a str, Item)> {
    items.filter_map(|(name, kind, index)| Some((name, Item { sort: sort(kind)?, index }))).collect()
}

fn sort(kind: ComponentExternalKind) -> Option<Sort> {
    match kind {
        ComponentExternalKind::Component => Some(Sort::Component),
        ComponentExternalKind::Instance => Some(Sort::Instance),
        ComponentExternalKind::Module
        | ComponentExternalKind::Func
        | ComponentExternalKind::Value
        | ComponentExternalKind::Type => None,
    }
}
