//! Where the bytes of a component are: by module and nested component, and by what they are for. It reads any component,
//! not only compositions.

use std::ops::AddAssign;

use serde::Serialize;
use wasmparser::{
    BinaryReader, ComponentAlias, ComponentAliasSectionReader, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentInstance, ComponentInstanceSectionReader,
    ComponentOuterAliasKind, ComponentTypeRef, Instance, InstanceSectionReader,
};

use crate::parse::{Fault, FileKind, MAX_DEPTH};
use crate::sections::{HEADER, Section, id, sections};
use crate::share::{Kind, names};

/// Where the bytes of a module or component are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// `module` or `component`.
    pub kind: &'static str,
    /// What a name section calls it.
    pub name: Option<String>,
    /// All of its bytes, nested ones included.
    pub bytes: usize,
    /// Its own bytes, by what they are for.
    pub own: Own,
    /// How many instances are made of it.
    pub instances: usize,
    /// How many aliases elsewhere stand for it: those who share it.
    pub aliases: usize,
    /// The modules and components inside, in their order.
    pub nested: Vec<Size>,
    #[serde(skip)]
    id: usize,
    /// Its index in the component around it.
    #[serde(skip)]
    index: u32,
}

/// Bytes by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Own {
    /// Functions of a module.
    pub code: usize,
    /// What a module puts into its memories.
    pub data: usize,
    /// Custom sections: names, debug information.
    pub custom: usize,
    /// Types, imports, exports, instances, and the like.
    pub other: usize,
}

impl AddAssign for Own {
    fn add_assign(&mut self, more: Own) {
        self.code += more.code;
        self.data += more.data;
        self.custom += more.custom;
        self.other += more.other;
    }
}

impl Size {
    /// Reads the component in `bytes`, as far as its bytes are concerned: it need not be valid.
    pub fn read(bytes: &[u8]) -> Result<Size, Fault> {
        if let Some(kind) = FileKind::of(bytes) {
            return Err(Fault { message: format!("it is {kind}"), offset: 0 });
        }
        let mut walk = Walk::default();
        let mut size = walk.component(bytes)?;
        size.tell(&walk.tallies);
        Ok(size)
    }

    /// The bytes of it and of all that is in it, by what they are for.
    pub fn all(&self) -> Own {
        let mut all = self.own;
        self.nested.iter().for_each(|nested| all += nested.all());
        all
    }

    fn tell(&mut self, tallies: &[Tally]) {
        Tally { instances: self.instances, aliases: self.aliases } = tallies[self.id];
        self.nested.iter_mut().for_each(|nested| nested.tell(tallies));
    }
}

const MODULE: &str = "module";
const COMPONENT: &str = "component";

/// How often a definition is used.
#[derive(Clone, Copy, Default)]
struct Tally {
    instances: usize,
    aliases: usize,
}

#[derive(Default)]
struct Walk {
    tallies: Vec<Tally>,
    /// The components that are open, the innermost last.
    scopes: Vec<Scope>,
}

/// The definition that each index of a component stands for, where it is one.
#[derive(Default)]
struct Scope {
    modules: Vec<Option<usize>>,
    components: Vec<Option<usize>>,
}

impl Walk {
    fn component(&mut self, bytes: &[u8]) -> Result<Size, Fault> {
        if self.scopes.len() > MAX_DEPTH as usize {
            let message = format!("components nest more than {MAX_DEPTH} deep");
            return Err(Fault { message, offset: 0 });
        }
        let mut size = self.size(COMPONENT, bytes);
        self.scopes.push(Scope::default());
        let mut content: &[u8] = &[];
        for section in sections(bytes) {
            let section = section?;
            match section.id {
                id::MODULE => {
                    let mut module = self.module(section.body)?;
                    self.scope().define(ComponentExternalKind::Module, &mut module);
                    size.nested.push(module);
                    size.own.other += section.start() - section.range.start;
                }
                id::COMPONENT => {
                    let mut component = self.component(section.body)?;
                    self.scope().define(ComponentExternalKind::Component, &mut component);
                    size.nested.push(component);
                    size.own.other += section.start() - section.range.start;
                }
                id::CUSTOM => {
                    size.own.custom += section.range.len();
                    if let ("component-name", names) = section.custom()? {
                        content = names;
                    }
                }
                _ => {
                    size.own.other += section.range.len();
                    self.follow(&section)?;
                }
            }
        }
        self.scopes.pop();
        size.name = names::component(content).map(str::to_owned);
        for nested in &mut size.nested {
            let kind = if nested.kind == MODULE { Kind::Module } else { Kind::Component };
            let name = names::around(kind, content, nested.index).map(str::to_owned);
            nested.name = name.or(nested.name.take());
        }
        Ok(size)
    }

    fn module(&mut self, bytes: &[u8]) -> Result<Size, Fault> {
        let mut size = self.size(MODULE, bytes);
        for section in sections(bytes) {
            let section = section?;
            let part = match section.id {
                id::CUSTOM => &mut size.own.custom,
                id::CODE => &mut size.own.code,
                id::DATA => &mut size.own.data,
                _ => &mut size.own.other,
            };
            *part += section.range.len();
        }
        size.name = names::module(bytes).map(str::to_owned);
        Ok(size)
    }

    fn size(&mut self, kind: &'static str, bytes: &[u8]) -> Size {
        self.tallies.push(Tally::default());
        Size {
            kind,
            name: None,
            bytes: bytes.len(),
            own: Own { other: HEADER, ..Own::default() },
            instances: 0,
            aliases: 0,
            nested: Vec::new(),
            id: self.tallies.len() - 1,
            index: 0,
        }
    }

    /// Follows what a section adds to the index spaces, and counts what it uses.
    fn follow(&mut self, section: &Section<'_>) -> Result<(), Fault> {
        let reader = BinaryReader::new(section.body, 0);
        match section.id {
            id::ALIAS => {
                for alias in ComponentAliasSectionReader::new(reader)? {
                    self.alias(&alias?);
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
                    if let Some(space) = self.scope().space(export.kind) {
                        space.push(space.get(export.index as usize).copied().flatten());
                    }
                }
            }
            id::CORE_INSTANCE => {
                for instance in InstanceSectionReader::new(reader)? {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        let module = self.scope().modules.get(module_index as usize).copied();
                        self.count(module, |tally| tally.instances += 1);
                    }
                }
            }
            id::INSTANCE => {
                for instance in ComponentInstanceSectionReader::new(reader)? {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        let component = self.scope().components.get(component_index as usize).copied();
                        self.count(component, |tally| tally.instances += 1);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>) {
        let (kind, count, index) = match alias {
            ComponentAlias::InstanceExport { kind, .. } => {
                if let Some(space) = self.scope().space(*kind) {
                    space.push(None);
                }
                return;
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
                (ComponentExternalKind::Module, *count, *index)
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                (ComponentExternalKind::Component, *count, *index)
            }
            _ => return,
        };
        let around = self.scopes.len().checked_sub(1 + count as usize);
        let space = around.and_then(|around| self.scopes[around].space(kind));
        let of = space.and_then(|space| space.get(index as usize).copied());
        self.count(of, |tally| tally.aliases += 1);
        if let Some(space) = self.scope().space(kind) {
            space.push(of.flatten());
        }
    }

    fn count(&mut self, of: Option<Option<usize>>, count: impl FnOnce(&mut Tally)) {
        if let Some(id) = of.flatten() {
            count(&mut self.tallies[id]);
        }
    }

    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("sections are followed only while a component is open")
    }
}

impl Scope {
    fn space(&mut self, kind: ComponentExternalKind) -> Option<&mut Vec<Option<usize>>> {
        match kind {
            ComponentExternalKind::Module => Some(&mut self.modules),
            ComponentExternalKind::Component => Some(&mut self.components),
            _ => None,
        }
    }

    fn define(&mut self, kind: ComponentExternalKind, size: &mut Size) {
        if let Some(space) = self.space(kind) {
            size.index = space.len() as u32;
            space.push(Some(size.id));
        }
    }
}
