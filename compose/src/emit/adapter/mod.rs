//! The component of an adapter: what it imports, exports and defines. Its functions are made in `calls`, its memory in
//! `memory`.
//!
//! It imports what the provider exports, with all types that this names, and exports the same under the same names, so
//! resources stay what they are. What it speaks of and the provider's export does not name, it imports as well.

mod abi;
mod calls;
mod memory;
mod values;

use std::collections::BTreeMap;

use wasm_encoder::{
    Alias, CanonicalOption, ComponentBuilder, ComponentExportKind, ComponentOuterAliasKind,
    ComponentTypeEncoder, ComponentTypeRef, ExportKind, InstanceType, ModuleArg, TypeBounds,
};
use wasmparser::component_types::{
    AliasableResourceId, ComponentAnyTypeId, ComponentEntityType, ComponentFuncTypeId,
    ComponentInstanceTypeId, ResourceId,
};

use super::types::{self, Scope};
use crate::adapt::{Adapter, NotEager, passes};
use crate::component::{Components, ExportId};
use crate::plan::Argument;
use crate::request::Rename;
use crate::types::{needs_name, offered_name, referenced};
use abi::Abi;
use calls::Call;

/// The component of an adapter.
pub(super) struct AdapterComponent {
    pub bytes: Vec<u8>,
    /// Whether it instantiates the module of [`MemoryModule`].
    pub has_memory: bool,
    /// The name of the import that is given what the provider exports.
    pub import: String,
    /// The types that it imports as well: the name of each import, and what is given to it.
    pub types: Vec<(String, ComponentAnyTypeId)>,
}

/// Where the module for the memory of all adapters is, seen from one of them: how many components are around the adapter up
/// to the outermost, and its index there. There is one for all, since a runtime compiles each module that it finds.
#[derive(Clone, Copy)]
pub(super) struct MemoryModule {
    pub outwards: u32,
    pub index: u32,
}

impl MemoryModule {
    /// What it is called where it is defined.
    pub(super) const NAME: &'static str = "memory of adapters";

    pub(super) fn bytes() -> Vec<u8> {
        memory::module().finish()
    }
}

/// The name of the function that it exports where a function itself is connected.
pub(super) const FUNCTION: &str = "function";

/// Makes the component of `adapter`, which stands between the import of `argument` and `provider`.
pub(super) fn component(
    components: &Components<'_>,
    argument: &Argument,
    adapter: &Adapter,
    provider: ExportId,
    memory: MemoryModule,
) -> AdapterComponent {
    let import = argument.import;
    let (needed, offered) = (components.import(import), components.export(provider));
    let builder = ComponentBuilder::default();
    let mut root = Root {
        components,
        builder,
        known: BTreeMap::new(),
        resources: BTreeMap::new(),
        imported: Vec::new(),
    };
    // A label could be the name of another import.
    let name = offered.name.interface().map_or("provider", |_| offered.name.as_str()).to_owned();
    let functions = match (offered.ty, needed.ty) {
        (ComponentEntityType::Instance(offered), ComponentEntityType::Instance(needed)) => {
            root.interface(&name, offered, needed, &argument.renames)
        }
        (ComponentEntityType::Func(ty), _) => {
            let ty_index = types::function(&mut root, ty, components.types()[ty].async_);
            let index = root.builder.import(name.as_str(), ComponentTypeRef::Func(ty_index));
            vec![Function { name: FUNCTION.to_owned(), ty, index }]
        }
        _ => unreachable!("only functions and interfaces are adapted"),
    };
    let words = |function: &str| NotEager {
        importer: components.get(import.instance).name.to_string(),
        provider: components.get(provider.instance).name.to_string(),
        function: match needed.ty {
            ComponentEntityType::Func(_) => needed.name.to_string(),
            _ => format!("{}#{function}", needed.name),
        },
    };
    let (mut passed, mut adapted) = (Vec::new(), Vec::new());
    for function in functions {
        let is_it = |name: &String| *name == function.name;
        match adapter.functions.iter().find(|of| of.name.as_ref().is_none_or(is_it)) {
            None => passed.push(function),
            Some(of) => {
                let trap = words(&function.name);
                let names = (trap.function.clone(), trap);
                adapted.push((Call::new(of.crossing, &components.types()[function.ty], names), function));
            }
        }
    }
    for Function { name, ty, index } in passed {
        root.export(&name, index, ty, components.types()[ty].async_);
    }
    let has_memory = !adapted.is_empty() && root.calls(adapted, memory);
    AdapterComponent { bytes: root.builder.finish(), has_memory, import: name, types: root.imported }
}

/// A function that is imported: its name where it is needed, its type there, and its index.
struct Function {
    name: String,
    ty: ComponentFuncTypeId,
    index: u32,
}

/// The component while it is written.
struct Root<'c, 'a> {
    components: &'c Components<'a>,
    builder: ComponentBuilder,
    known: BTreeMap<ComponentAnyTypeId, u32>,
    /// The same resource under whatever name.
    resources: BTreeMap<ResourceId, u32>,
    /// The types that are imported on their own.
    imported: Vec<(String, ComponentAnyTypeId)>,
}

impl Root<'_, '_> {
    fn know(&mut self, id: ComponentAnyTypeId, index: u32) {
        self.known.insert(id, index);
        if let ComponentAnyTypeId::Resource(id) = id {
            self.resources.insert(id.resource(), index);
        }
    }

    fn import_type(&mut self, id: ComponentAnyTypeId, bounds: TypeBounds) -> u32 {
        let name = format!("type-{}", self.imported.len());
        let index = self.builder.import(name.as_str(), ComponentTypeRef::Type(bounds));
        self.imported.push((name, id));
        self.know(id, index);
        index
    }

    /// Imports the interface of the provider as far as the importer needs it, and exports the types in it. Gives its
    /// functions.
    fn interface(
        &mut self,
        name: &str,
        offered: ComponentInstanceTypeId,
        needed: ComponentInstanceTypeId,
        renames: &[Rename],
    ) -> Vec<Function> {
        let components = self.components;
        let needed = components.items(needed);
        let mut body = Interface { root: self, ty: InstanceType::new(), known: BTreeMap::new() };
        let (mut named, mut functions) = (Vec::new(), Vec::new());
        for (name, item) in components.items(offered) {
            match item.ty {
                ComponentEntityType::Type { created, referenced } if passes(item.ty) => {
                    body.export_type(name, created, referenced);
                    named.push((name, created, referenced));
                }
                ComponentEntityType::Func(ty) => {
                    let served = needed.keys().filter(|needed| offered_name(renames, needed) == name);
                    let served = served.cloned().collect::<Vec<_>>();
                    if !served.is_empty() {
                        let index = types::function(&mut body, ty, components.types()[ty].async_);
                        body.ty.export(name, ComponentTypeRef::Func(index));
                        functions.push((name, ty, served));
                    }
                }
                _ => {}
            }
        }
        let ty = body.ty;
        let ty = self.builder.type_instance(None, &ty);
        let instance = self.builder.import(name, ComponentTypeRef::Instance(ty));
        for (name, created, referenced) in named {
            let index = self.builder.alias_export(instance, name, ComponentExportKind::Type);
            let index = self.builder.export(name.as_str(), ComponentExportKind::Type, index, None);
            if !self.known.contains_key(&referenced) {
                self.know(referenced, index);
            }
            self.know(created, index);
        }
        let functions = functions.into_iter().flat_map(|(name, ty, served)| {
            let index = self.builder.alias_export(instance, name, ComponentExportKind::Func);
            served.into_iter().map(move |name| Function { name, ty, index })
        });
        functions.collect()
    }

    /// Exports a function at a type that speaks of exported types.
    fn export(&mut self, name: &str, function: u32, ty: ComponentFuncTypeId, is_async: bool) {
        let ty = types::function(self, ty, is_async);
        self.builder.export(name, ComponentExportKind::Func, function, Some(ComponentTypeRef::Func(ty)));
    }

    /// Makes the functions that pass calls on, and exports them. Says whether they need memory.
    fn calls(&mut self, calls: Vec<(Call, Function)>, memory: MemoryModule) -> bool {
        let components = self.components;
        let abi = Abi(components.types());
        let (calls, functions): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let memory = calls.iter().any(|call| call.needs_memory(abi)).then(|| self.memory(memory));
        let lowered = calls.iter().zip(&functions).enumerate().map(|(index, (call, function))| {
            let mut options = memory.as_ref().map_or(Vec::new(), Memory::options);
            options.extend(call.crossing.is_eager_only().then_some(CanonicalOption::Async));
            let lowered = self.builder.lower_func(None, function.index, options);
            (calls::call(index), ExportKind::Func, lowered)
        });
        let lowered = lowered.collect::<Vec<_>>();
        let resources = borrowed(components, &calls, &functions);
        let drops = resources.iter().enumerate().map(|(index, id)| {
            let resource = types::resource(self, *id);
            (index.to_string(), ExportKind::Func, self.builder.resource_drop(resource))
        });
        let drops = drops.collect::<Vec<_>>();
        let ids = resources.iter().map(|id| id.resource()).collect::<Vec<_>>();
        let module = calls::module(abi, &calls, &ids, memory.is_some());
        let module = self.builder.core_module(Some(NotEager::MODULE), &module);
        let mut arguments = Vec::new();
        for (name, exports) in [(calls::PROVIDER, lowered), (calls::DROP, drops)] {
            if exports.is_empty() {
                continue;
            }
            let exports = exports.iter().map(|(name, kind, index)| (name.as_str(), *kind, *index));
            let instance = self.builder.core_instantiate_exports(None, exports);
            arguments.push((name, ModuleArg::Instance(instance)));
        }
        arguments.extend(memory.as_ref().map(|memory| (calls::OWN, ModuleArg::Instance(memory.instance))));
        let instance = self.builder.core_instantiate(None, module, arguments);
        for (index, (call, function)) in calls.iter().zip(functions).enumerate() {
            let mut core =
                |name: &str| self.builder.core_alias_export(None, instance, name, ExportKind::Func);
            let mut options = Vec::new();
            let lifted = core(&calls::call(index));
            if let Some(memory) = memory.as_ref().filter(|_| call.needs_memory(abi)) {
                options = memory.options();
                options.push(CanonicalOption::PostReturn(core(&calls::after(index))));
            }
            let ty = types::function(self, function.ty, !components.types()[function.ty].async_);
            let lifted = self.builder.lift_func(None, lifted, ty, options);
            let ty = ComponentTypeRef::Func(ty);
            self.builder.export(function.name.as_str(), ComponentExportKind::Func, lifted, Some(ty));
        }
        memory.is_some()
    }

    fn memory(&mut self, MemoryModule { outwards: count, index }: MemoryModule) -> Memory {
        let kind = ComponentOuterAliasKind::CoreModule;
        let module = self.builder.alias(Some(calls::OWN), Alias::Outer { kind, count, index });
        let instance = self.builder.core_instantiate(None, module, []);
        let mut alias = |name, kind| self.builder.core_alias_export(None, instance, name, kind);
        Memory {
            instance,
            memory: alias(memory::MEMORY, ExportKind::Memory),
            realloc: alias(memory::REALLOC, ExportKind::Func),
        }
    }
}

/// The memory of an adapter: core indices.
struct Memory {
    instance: u32,
    memory: u32,
    realloc: u32,
}

impl Memory {
    fn options(&self) -> Vec<CanonicalOption> {
        vec![
            CanonicalOption::UTF8,
            CanonicalOption::Memory(self.memory),
            CanonicalOption::Realloc(self.realloc),
        ]
    }
}

/// The resources of which calls are given borrowed handles, each once.
fn borrowed(components: &Components<'_>, calls: &[Call], functions: &[Function]) -> Vec<AliasableResourceId> {
    let types = components.types();
    let dropping = calls.iter().zip(functions).filter(|(call, _)| call.drops(Abi(types)));
    let used = dropping.flat_map(|(_, function)| referenced(types, ComponentEntityType::Func(function.ty)));
    let resources = used.filter_map(|id| match id {
        ComponentAnyTypeId::Resource(id) => Some((id.resource(), id)),
        _ => None,
    });
    resources.collect::<BTreeMap<_, _>>().into_values().collect()
}

impl Scope for Root<'_, '_> {
    fn components(&self) -> &Components<'_> {
        self.components
    }

    fn find(&mut self, id: ComponentAnyTypeId) -> Option<u32> {
        match (self.known.get(&id), id) {
            (Some(index), _) => Some(*index),
            (None, ComponentAnyTypeId::Resource(resource)) => {
                let index = self.resources.get(&resource.resource()).copied();
                Some(index.unwrap_or_else(|| self.import_type(id, TypeBounds::SubResource)))
            }
            _ => None,
        }
    }

    fn define(&mut self, id: ComponentAnyTypeId, build: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32 {
        let (index, encoder) = self.builder.ty(None);
        build(encoder);
        if needs_name(self.components.types(), id) {
            return self.import_type(id, TypeBounds::Eq(index));
        }
        self.known.insert(id, index);
        index
    }
}

/// The type of the interface that is imported, while it is written.
struct Interface<'r, 'c, 'a> {
    root: &'r mut Root<'c, 'a>,
    ty: InstanceType,
    known: BTreeMap<ComponentAnyTypeId, u32>,
}

impl Interface<'_, '_, '_> {
    fn export_type(&mut self, name: &str, created: ComponentAnyTypeId, referenced: ComponentAnyTypeId) {
        let bounds = match referenced {
            ComponentAnyTypeId::Defined(id) => {
                let known = self.known.get(&referenced).copied();
                TypeBounds::Eq(known.unwrap_or_else(|| types::structure(self, id)))
            }
            _ => self.named(referenced).map_or(TypeBounds::SubResource, TypeBounds::Eq),
        };
        let index = self.ty.type_count();
        self.ty.export(name, ComponentTypeRef::Type(bounds));
        self.known.insert(referenced, index);
        self.known.insert(created, index);
    }

    /// The type under a name that it has here already.
    fn named(&self, id: ComponentAnyTypeId) -> Option<u32> {
        let same = |other: &ComponentAnyTypeId| match (id, other) {
            (ComponentAnyTypeId::Resource(a), ComponentAnyTypeId::Resource(b)) => {
                a.resource() == b.resource()
            }
            _ => false,
        };
        let known = self.known.get(&id).copied();
        known.or_else(|| self.known.iter().find(|(other, _)| same(other)).map(|(_, index)| *index))
    }
}

impl Scope for Interface<'_, '_, '_> {
    fn components(&self) -> &Components<'_> {
        self.root.components
    }

    fn find(&mut self, id: ComponentAnyTypeId) -> Option<u32> {
        if let Some(index) = self.named(id) {
            return Some(index);
        }
        // A type that the interface does not name has its name outside.
        let outer = match id {
            ComponentAnyTypeId::Resource(_) => self.root.find(id)?,
            ComponentAnyTypeId::Defined(defined) if needs_name(self.root.components.types(), id) => {
                types::defined(self.root, defined)
            }
            _ => return None,
        };
        self.ty.alias(Alias::Outer { kind: ComponentOuterAliasKind::Type, count: 1, index: outer });
        let index = self.ty.type_count() - 1;
        self.known.insert(id, index);
        Some(index)
    }

    fn define(&mut self, id: ComponentAnyTypeId, build: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32 {
        build(self.ty.ty());
        let index = self.ty.type_count() - 1;
        self.known.insert(id, index);
        index
    }
}
