//! Emitting: a plan in, the bytes of the composition out. It makes no choices and reports no problems of inputs.

mod adapted;
mod adapter;
mod ascribed;
mod inner;
mod metadata;
mod output;
mod root;
mod types;

pub use output::Output;

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::{ComponentExportKind, ComponentTypeRef};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use crate::component::{Components, ExportId, ImportId};
use crate::plan::{Argument, Plan, PlannedExport, Source, StepExport, TypeSource};
use crate::scopes::Scope;
use crate::share::{Kind as DefinitionKind, Sharing, StepComponent};
use crate::types::{introduced, offered_name, referenced};
use adapter::{AdapterComponent, MemoryModule};
use inner::Inner;
use metadata::Names;
use root::Root;

/// Emits the composition. What is stored of the inputs is embedded byte for byte.
pub fn emit<'a>(components: &Components<'a>, plan: &Plan, sharing: &Sharing<'a>) -> Output<'a> {
    let adapters = adapters(components, plan, sharing);
    let inputs = Inputs { components, plan, sharing, adapters: &adapters };
    scope(&inputs, &plan.scope, 0, &plan.exports)
}

/// The component of each adapter, by the import that it stands before.
type Adapters = BTreeMap<ImportId, AdapterComponent>;

/// They are made first: whether the outermost component has to define their memory is known from all of them.
fn adapters(components: &Components<'_>, plan: &Plan, sharing: &Sharing<'_>) -> Adapters {
    let index = memory_module(sharing);
    let steps = plan.steps.iter().zip(plan.depths());
    let arguments = steps.flat_map(|(step, depth)| step.arguments.iter().map(move |of| (of, depth)));
    let made = arguments.filter_map(|(argument, depth)| match (&argument.adapter, &argument.source) {
        (Some(adapter), Source::Export(provider)) => {
            let memory = MemoryModule { outwards: depth + 1, index };
            let made = adapter::component(components, argument, adapter, provider.export, memory);
            Some((argument.import, made))
        }
        _ => None,
    });
    made.collect()
}

/// The index that the memory of adapters has in the outermost component, if it is there: behind what is shared.
fn memory_module(sharing: &Sharing<'_>) -> u32 {
    let modules = sharing.definitions.iter().filter(|shared| shared.kind == DefinitionKind::Module);
    modules.count() as u32
}

/// What all scopes are made from.
struct Inputs<'c, 'a> {
    components: &'c Components<'a>,
    plan: &'c Plan,
    sharing: &'c Sharing<'a>,
    adapters: &'c Adapters,
}

/// Emits the component of one scope with `depth` others around it, and in it the scopes inside. They are made last, when
/// it is known what they have to export.
fn scope<'a>(inputs: &Inputs<'_, 'a>, scope: &Scope, depth: u32, exports: &[PlannedExport]) -> Output<'a> {
    let Inputs { components, plan, sharing, adapters } = *inputs;
    let outermost = depth == 0;
    let mut root = Root::new(components, &plan.imports);
    let mut names = Names::default();
    for definition in sharing.definitions.iter().filter(|_| outermost) {
        let index = root.definition(definition.kind, definition.bytes.clone());
        names.shared(definition, index);
    }
    if outermost && adapters.values().any(|adapter| adapter.has_memory) {
        let index = root.definition(DefinitionKind::Module, MemoryModule::bytes().into());
        names.module(MemoryModule::NAME, index);
    }
    for index in 0..plan.imports.len() {
        types::import(&mut root, index);
    }
    names.imports(&root);
    let mut emitter = Emitter {
        components,
        plan,
        adapters,
        root,
        inner: Vec::new(),
        made: BTreeMap::new(),
        names,
        exported: BTreeMap::new(),
        interfaces: BTreeMap::new(),
        defined: BTreeMap::new(),
    };
    scope.inner.iter().for_each(|inside| emitter.inside(inside, scope.inner.len()));
    for step in &scope.steps {
        emitter.step(*step, &sharing.components[*step], depth);
    }
    for export in exports {
        emitter.export(export, outermost);
    }
    metadata::write(&mut emitter.root, &emitter.names, outermost);
    let mut output = emitter.root.finish();
    // What is filled moves the places behind it, so the last comes first.
    for (inner, inside) in emitter.inner.iter().zip(&scope.inner).rev() {
        let made = self::scope(inputs, inside, depth + 1, &inner.exports(components, plan));
        output.instances = output.instances.max(made.instances);
        output.rope.fill(inner.place, DefinitionKind::Component.section(made.rope));
    }
    output
}

/// Where the instance of a step is.
#[derive(Clone, Copy)]
enum Made {
    /// In this scope, with this index.
    Here(u32),
    /// In a scope inside, by its place in [`Emitter::inner`], or in one inside of that.
    Inside(usize),
}

struct Emitter<'c, 'a> {
    components: &'c Components<'a>,
    plan: &'c Plan,
    adapters: &'c Adapters,
    root: Root<'c, 'a>,
    /// The scopes inside.
    inner: Vec<Inner>,
    /// The steps so far.
    made: BTreeMap<usize, Made>,
    names: Names,
    /// The types that the component exports at its root so far.
    exported: BTreeMap<ComponentAnyTypeId, u32>,
    /// The interfaces that it exports so far.
    interfaces: BTreeMap<ExportId, u32>,
    /// The adapters that are defined so far, by their bytes: equal ones are one component.
    defined: BTreeMap<&'c [u8], u32>,
}

impl<'c, 'a> Emitter<'c, 'a> {
    /// Makes the instance of a scope inside, one of `all`.
    fn inside(&mut self, scope: &Scope, all: usize) {
        let place = self.inner.len();
        let name = if all == 1 { "inner".to_owned() } else { format!("inner-{}", place + 1) };
        self.inner.push(Inner::new(&mut self.root, &mut self.names, &name));
        let steps = scope.all().into_iter().flat_map(|(_, scope)| &scope.steps);
        self.made.extend(steps.map(|step| (*step, Made::Inside(place))));
    }

    fn step(&mut self, place: usize, stored: &StepComponent<'a>, depth: u32) {
        let step = &self.plan.steps[place];
        let given = |argument: &Argument| match self.adapters.get(&argument.import) {
            None => self.argument(argument),
            Some(adapter) => self.adapted(step, argument, adapter),
        };
        let arguments = step.arguments.iter().map(given).collect::<Vec<_>>();
        let component = match stored {
            StepComponent::Shared(index) => self.root.shared(*index, depth),
            StepComponent::Own(bytes) => {
                let component = self.root.definition(DefinitionKind::Component, bytes.clone());
                self.names.component(step.name.as_str(), component);
                component
            }
        };
        let instance = self.root.instantiate(component, &arguments);
        self.names.instance(step.name.as_str(), instance);
        self.made.insert(place, Made::Here(instance));
    }

    fn export(&mut self, export: &PlannedExport, outermost: bool) {
        let components = self.components;
        let item = components.export(export.resolved.export);
        let source = self.step_export(&export.source);
        let ty = self.exported_type(&export.source, item.ty);
        // A scope inside has names of its own for its exports.
        let implements = item.implements.as_ref().filter(|_| outermost);
        let index = self.root.export(&export.resolved.name, implements, source, ty);
        if let ComponentEntityType::Instance(_) = item.ty {
            self.interfaces.insert(export.resolved.export, index);
        }
        match item.ty {
            ComponentEntityType::Type { created, .. } => drop(self.exported.insert(created, index)),
            ComponentEntityType::Instance(id) if ty.is_some() => {
                for (name, item) in components.items(id) {
                    if let ComponentEntityType::Type { created, .. } = item.ty {
                        let index = self.root.alias(index, name, ComponentExportKind::Type);
                        self.exported.insert(created, index);
                    }
                }
            }
            _ => {}
        }
    }

    /// The type that an export is given: none of its own, unless it speaks of exported types. It must do so by their exported
    /// names.
    fn exported_type(&mut self, source: &StepExport, ty: ComponentEntityType) -> Option<ComponentTypeRef> {
        let components = self.components;
        let mut known = self.exported_types(source);
        let mut used = referenced(components.types(), ty);
        if !used.iter().any(|ty| known.contains_key(ty)) {
            return None;
        }
        used.retain(|ty| !known.contains_key(ty) && self.root.home(*ty).is_none());
        match ty {
            ComponentEntityType::Func(_)
            | ComponentEntityType::Type { referenced: ComponentAnyTypeId::Defined(_), .. } => {
                known.extend(self.places(source, &used));
                Some(types::retype(&mut self.root, known, ty))
            }
            ComponentEntityType::Instance(id) if ascribed::can_be_ascribed(components, id) => {
                // Its own types may have parts that are exported: they are told anew. A resource is itself.
                let own = introduced(components.types(), ty).into_iter().map(|(id, _)| id);
                for id in own.filter(|id| matches!(id, ComponentAnyTypeId::Defined(_))) {
                    used.remove(&id);
                }
                known.extend(self.places(source, &used));
                Some(ascribed::ascribe(&mut self.root, known, id))
            }
            _ => None,
        }
    }

    /// The exported types, under the ids that the instance of `source` knows them by.
    fn exported_types(&mut self, source: &StepExport) -> BTreeMap<ComponentAnyTypeId, u32> {
        let mut known = self.exported.clone();
        let plan = self.plan;
        for argument in &plan.steps[source.step].arguments {
            // Behind an adapter, a resource of an interface goes by another id than the interface exports it by.
            if let Source::Export(of) = &argument.source
                && self.adapters.contains_key(&argument.import)
                && let Some(interface) = self.interfaces.get(&of.export).copied()
            {
                let types = introduced(self.components.types(), self.components.import(argument.import).ty);
                let named = types.into_iter().filter(|(_, path)| !path.is_empty());
                for (id, path) in named {
                    let index = self.type_at(interface, &path);
                    known.insert(id, index);
                }
            }
            if let Source::Export(of) = &argument.source
                && let ComponentEntityType::Type { created: offered, .. } =
                    self.components.export(of.export).ty
                && let ComponentEntityType::Type { created, .. } = self.components.import(argument.import).ty
                && let Some(index) = self.exported.get(&offered)
            {
                known.insert(created, *index);
            }
        }
        known
    }

    /// Where the types of `used` stand that the instance of `source` has from another one or shows in an interface.
    fn places(
        &mut self,
        source: &StepExport,
        used: &BTreeSet<ComponentAnyTypeId>,
    ) -> Vec<(ComponentAnyTypeId, u32)> {
        let components = self.components;
        let types = components.types();
        let mut found = Vec::new();
        for argument in &self.plan.steps[source.step].arguments {
            let named = introduced(types, components.import(argument.import).ty).into_iter();
            for (ty, path) in named.filter(|(ty, _)| used.contains(ty)) {
                let index = match &argument.source {
                    Source::Import(_) => continue,
                    Source::Type(of) => self.type_argument(argument, of),
                    Source::Export(export) => {
                        self.type_argument(argument, &TypeSource::Export(export.clone(), path))
                    }
                };
                found.push((ty, index));
            }
        }
        for export in components.get(source.export.instance).export_ids() {
            let item = components.export(export);
            let own = StepExport { step: source.step, name: item.name.to_string(), export };
            let named = introduced(types, item.ty).into_iter();
            for (ty, path) in named.filter(|(ty, path)| !path.is_empty() && used.contains(ty)) {
                let (_, instance) = self.step_export(&own);
                found.push((ty, self.type_at(instance, &path)));
            }
        }
        found
    }

    fn argument(&mut self, argument: &Argument) -> (String, ComponentExportKind, u32) {
        let (kind, index) = match &argument.source {
            Source::Import(index) => self.root.import_index(*index),
            Source::Export(export) if argument.renames.is_empty() => self.step_export(export),
            Source::Export(export) => {
                let (_, instance) = self.step_export(export);
                (ComponentExportKind::Instance, self.renamed(argument, instance))
            }
            Source::Type(source) => (ComponentExportKind::Type, self.type_argument(argument, source)),
        };
        (argument.name.clone(), kind, index)
    }

    /// An instance of what the import needs of `instance`, functions under the names that the import has for them.
    fn renamed(&mut self, argument: &Argument, instance: u32) -> u32 {
        let ComponentEntityType::Instance(id) = self.components.import(argument.import).ty else {
            unreachable!("only interfaces have functions of other names");
        };
        let items = self.components.items(id).iter().map(|(name, item)| {
            let kind = kind(item.ty);
            (name.as_str(), kind, self.root.alias(instance, offered_name(&argument.renames, name), kind))
        });
        let items = items.collect::<Vec<_>>();
        self.root.bag(&items)
    }

    fn step_export(&mut self, export: &StepExport) -> (ComponentExportKind, u32) {
        let kind = kind(self.components.export(export.export).ty);
        let index = match self.made.get(&export.step) {
            Some(Made::Here(instance)) => self.root.alias(*instance, &export.name, kind),
            Some(Made::Inside(place)) => {
                let inner = &mut self.inner[*place];
                self.root.alias(inner.instance, &inner.name(export), kind)
            }
            None => unreachable!("a step comes after those that it needs, in its scope or inside of it"),
        };
        (kind, index)
    }

    fn type_argument(&mut self, argument: &Argument, source: &TypeSource) -> u32 {
        match source {
            TypeSource::Import(index, path) => self.type_at(self.root.import_index(*index).1, path),
            TypeSource::Export(export, path) => {
                let (_, instance) = self.step_export(export);
                self.type_at(instance, path)
            }
            TypeSource::Defined => types::define(&mut self.root, argument.import),
        }
    }

    /// The type at `path` inside an instance; `instance` itself is the type if there is no path.
    fn type_at(&mut self, mut instance: u32, path: &[String]) -> u32 {
        let Some((name, through)) = path.split_last() else {
            return instance;
        };
        for name in through {
            instance = self.root.alias(instance, name, ComponentExportKind::Instance);
        }
        self.root.alias(instance, name, ComponentExportKind::Type)
    }
}

fn kind(ty: ComponentEntityType) -> ComponentExportKind {
    match ty {
        ComponentEntityType::Instance(_) => ComponentExportKind::Instance,
        ComponentEntityType::Func(_) => ComponentExportKind::Func,
        ComponentEntityType::Type { .. } => ComponentExportKind::Type,
        ComponentEntityType::Module(_) => ComponentExportKind::Module,
        ComponentEntityType::Component(_) => ComponentExportKind::Component,
        ComponentEntityType::Value(_) => ComponentExportKind::Value,
    }
}
