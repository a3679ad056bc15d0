//! The root component while it is written: its sections in order, and its index spaces.

use std::collections::BTreeMap;

use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentExportKind, ComponentExportSection, ComponentExternName,
    ComponentImportSection, ComponentInstanceSection, ComponentOuterAliasKind, ComponentSection,
    ComponentTypeEncoder, ComponentTypeRef, ComponentTypeSection,
};
use wasmparser::component_types::{ComponentAnyTypeId, ResourceId};
use wcompose_wit::ExternName;

use super::Output;
use crate::component::{Components, ImportId};
use crate::resolve::MergedImport;
use crate::rope::{Place, Rope};
use crate::share::Kind;
use crate::types::{homes, introduced};

/// Where a type of a member of an open import stands: which import of the composition, and its name there. A type of
/// the world has no name of its own.
pub(super) type Home = (usize, Option<String>);

/// The root component so far.
pub(super) struct Root<'c, 'a> {
    pub components: &'c Components<'a>,
    pub imports: &'c [MergedImport],
    rope: Rope<'a>,
    next: Spaces,
    aliases: BTreeMap<(u32, String), u32>,
    import_indices: Vec<(ComponentExportKind, u32)>,
    homes: BTreeMap<ComponentAnyTypeId, Home>,
    resources: BTreeMap<ResourceId, Home>,
    /// The index here of each component that the outermost one has for all.
    shared: BTreeMap<u32, u32>,
}

/// The next free index of each index space.
#[derive(Default)]
struct Spaces {
    types: u32,
    funcs: u32,
    instances: u32,
    components: u32,
    modules: u32,
    values: u32,
}

impl Spaces {
    fn take(&mut self, kind: ComponentExportKind) -> u32 {
        let next = match kind {
            ComponentExportKind::Type => &mut self.types,
            ComponentExportKind::Func => &mut self.funcs,
            ComponentExportKind::Instance => &mut self.instances,
            ComponentExportKind::Component => &mut self.components,
            ComponentExportKind::Module => &mut self.modules,
            ComponentExportKind::Value => &mut self.values,
        };
        *next += 1;
        *next - 1
    }
}

impl<'c, 'a> Root<'c, 'a> {
    pub(super) fn new(components: &'c Components<'a>, imports: &'c [MergedImport]) -> Root<'c, 'a> {
        let members = MergedImport::types(imports, components);
        let mut resources = BTreeMap::new();
        for (index, ty) in members.clone() {
            for (id, mut path) in introduced(components.types(), ty) {
                if let ComponentAnyTypeId::Resource(id) = id {
                    resources.entry(id.resource()).or_insert((index, path.pop()));
                }
            }
        }
        // Imports of one type introduce the same: the first of them is written when the others are.
        let homes = homes(components.types(), members);
        let mut rope = Rope::default();
        rope.append().extend_from_slice(&wasm_encoder::Component::HEADER);
        Root {
            components,
            imports,
            rope,
            next: Spaces::default(),
            aliases: BTreeMap::new(),
            import_indices: Vec::new(),
            homes,
            resources,
            shared: BTreeMap::new(),
        }
    }

    /// Where the type `id` stands among the imports of the composition; `None` if it stands in none.
    pub(super) fn home(&self, id: ComponentAnyTypeId) -> Option<Home> {
        let resource = || match id {
            ComponentAnyTypeId::Resource(id) => self.resources.get(&id.resource()),
            _ => None,
        };
        self.homes.get(&id).or_else(resource).cloned()
    }

    /// The type index of the type at `home`, which must be in an import that is written already.
    pub(super) fn type_at(&mut self, home: &Home) -> u32 {
        let (_, index) = self.import_indices[home.0];
        match &home.1 {
            Some(name) => self.alias(index, name, ComponentExportKind::Type),
            None => index,
        }
    }

    /// Whether the import is written already.
    pub(super) fn is_written(&self, import: usize) -> bool {
        import < self.import_indices.len()
    }

    /// The kind and index of an import that is written already.
    pub(super) fn import_index(&self, import: usize) -> (ComponentExportKind, u32) {
        self.import_indices[import]
    }

    /// The instances that are imported, with the names of the imports.
    pub(super) fn imported_instances(&self) -> impl Iterator<Item = (u32, &str)> {
        let indices = self.import_indices.iter().zip(self.imports);
        indices
            .filter(|((kind, _), _)| *kind == ComponentExportKind::Instance)
            .map(|((_, index), import)| (*index, import.name.as_str()))
    }

    pub(super) fn import_of(&self, id: ImportId) -> wasmparser::component_types::ComponentEntityType {
        self.components.import(id).ty
    }

    pub(super) fn section(&mut self, section: &impl ComponentSection) {
        section.append_to_component(self.rope.append());
    }

    pub(super) fn define(&mut self, build: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32 {
        let mut section = ComponentTypeSection::new();
        build(section.ty());
        self.section(&section);
        self.next.take(ComponentExportKind::Type)
    }

    /// The index of an export of an instance. The same export is aliased once only.
    pub(super) fn alias(&mut self, instance: u32, name: &str, kind: ComponentExportKind) -> u32 {
        if let Some(index) = self.aliases.get(&(instance, name.to_owned())) {
            return *index;
        }
        let mut section = ComponentAliasSection::new();
        section.alias(Alias::InstanceExport { instance, kind, name });
        self.section(&section);
        let index = self.next.take(kind);
        self.aliases.insert((instance, name.to_owned()), index);
        index
    }

    /// Writes the next import of the composition.
    pub(super) fn import(&mut self, ty: ComponentTypeRef) {
        let import = &self.imports[self.import_indices.len()];
        let name = ComponentExternName {
            implements: import.implements.as_ref().map(|name| name.as_str().into()),
            ..import.name.as_str().into()
        };
        let mut section = ComponentImportSection::new();
        section.import(name, ty);
        self.section(&section);
        let index = self.next.take(ty.kind());
        self.import_indices.push((ty.kind(), index));
    }

    /// The kind, index and name of every import.
    pub(super) fn imported(&self) -> Vec<(String, ComponentExportKind, u32)> {
        let imported = self.imports.iter().zip(&self.import_indices);
        imported.map(|(import, (kind, index))| (import.name.to_string(), *kind, *index)).collect()
    }

    /// Embeds a module or a component.
    pub(super) fn definition(&mut self, kind: Kind, bytes: Rope<'a>) -> u32 {
        self.rope.extend(kind.section(bytes));
        self.next.take(match kind {
            Kind::Module => ComponentExportKind::Module,
            Kind::Component => ComponentExportKind::Component,
        })
    }

    /// Leaves a place for a component that is made later.
    pub(super) fn component_later(&mut self) -> (Place, u32) {
        (self.rope.leave_place(), self.next.take(ComponentExportKind::Component))
    }

    /// The shared component of that index, from `depth` components inside of the outermost one.
    pub(super) fn shared(&mut self, index: u32, depth: u32) -> u32 {
        if depth == 0 {
            return index;
        }
        if let Some(known) = self.shared.get(&index) {
            return *known;
        }
        let mut section = ComponentAliasSection::new();
        section.alias(Alias::Outer { kind: ComponentOuterAliasKind::Component, count: depth, index });
        self.section(&section);
        let alias = self.next.take(ComponentExportKind::Component);
        self.shared.insert(index, alias);
        alias
    }

    pub(super) fn instantiate(
        &mut self,
        component: u32,
        arguments: &[(String, ComponentExportKind, u32)],
    ) -> u32 {
        let mut section = ComponentInstanceSection::new();
        section.instantiate(
            component,
            arguments.iter().map(|(name, kind, index)| (name.as_str(), *kind, *index)),
        );
        self.section(&section);
        self.next.take(ComponentExportKind::Instance)
    }

    /// Makes an instance that exports what there is already.
    pub(super) fn bag(&mut self, exports: &[(&str, ComponentExportKind, u32)]) -> u32 {
        let mut section = ComponentInstanceSection::new();
        section.export_items(exports.iter().map(|(name, kind, index)| (*name, *kind, *index)));
        self.section(&section);
        self.next.take(ComponentExportKind::Instance)
    }

    /// Writes an export, as the type `ty` if there is one. Gives the new index, by which the rest may name a type.
    pub(super) fn export(
        &mut self,
        name: &ExternName,
        implements: Option<&ExternName>,
        (kind, index): (ComponentExportKind, u32),
        ty: Option<ComponentTypeRef>,
    ) -> u32 {
        // An interface name says itself what it is.
        let implements = implements.filter(|_| name.interface().is_none());
        let name = ComponentExternName {
            implements: implements.map(|name| name.as_str().into()),
            ..name.as_str().into()
        };
        let mut section = ComponentExportSection::new();
        section.export(name, kind, index, ty);
        self.section(&section);
        self.next.take(kind)
    }

    pub(super) fn finish(self) -> Output<'a> {
        Output { rope: self.rope, instances: self.next.instances }
    }
}
