//! Emitting: a plan in, the bytes of the composition out. It makes no choices and reports no problems of inputs.

mod adapter;
mod inner;
mod metadata;
mod output;
mod root;
mod types;

pub use output::Output;

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::ComponentExportKind;
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use crate::adapt::Adapter;
use crate::component::Components;
use crate::plan::{Argument, Plan, PlannedExport, Source, Step, StepExport, TypeSource};
use crate::rope::Rope;
use crate::share::{Kind as DefinitionKind, Sharing, StepComponent};
use crate::types::{introduced, referenced};
use inner::Inner;
use metadata::Names;
use root::Root;

/// Emits the composition. What is stored of the inputs is embedded byte for byte.
pub fn emit<'a>(components: &Components<'a>, plan: &Plan, sharing: &Sharing<'a>) -> Output<'a> {
    let inputs = Inputs { components, plan, sharing };
    scope(&inputs, plan.scopes.len() - 1, &plan.exports)
}

/// What all scopes are made from.
struct Inputs<'c, 'a> {
    components: &'c Components<'a>,
    plan: &'c Plan,
    sharing: &'c Sharing<'a>,
}

/// Emits the component of one scope, and in it the scope before. That one is made last, when it is known what it has to
/// export.
fn scope<'a>(inputs: &Inputs<'_, 'a>, scope: usize, exports: &[PlannedExport]) -> Output<'a> {
    let Inputs { components, plan, sharing } = *inputs;
    let outermost = scope + 1 == plan.scopes.len();
    let mut root = Root::new(components, &plan.imports);
    let mut names = Names::default();
    for definition in sharing.definitions.iter().filter(|_| outermost) {
        let index = root.definition(definition.kind, definition.bytes.clone());
        names.shared(definition, index);
    }
    for index in 0..plan.imports.len() {
        types::import(&mut root, index);
    }
    names.imports(&root);
    let steps = plan.scopes[scope].clone();
    let inner = (scope > 0).then(|| Inner::new(&mut root, &mut names));
    let depth = (plan.scopes.len() - 1 - scope) as u32;
    let mut emitter = Emitter {
        components,
        plan,
        root,
        first: steps.start,
        steps: Vec::new(),
        inner,
        names,
        exported: BTreeMap::new(),
        adapters: BTreeMap::new(),
    };
    for (step, stored) in plan.steps.iter().zip(&sharing.components).take(steps.end).skip(steps.start) {
        emitter.step(step, stored, depth);
    }
    for export in exports {
        emitter.export(export, outermost);
    }
    metadata::write(&mut emitter.root, &emitter.names, outermost);
    let mut output = emitter.root.finish();
    if let Some(inner) = emitter.inner {
        let exports = inner.exports(components, plan);
        let made = self::scope(inputs, scope - 1, &exports);
        output.instances = output.instances.max(made.instances);
        output.rope.fill(inner.place, root::section(DefinitionKind::Component, made.rope));
    }
    output
}

struct Emitter<'c, 'a> {
    components: &'c Components<'a>,
    plan: &'c Plan,
    root: Root<'c, 'a>,
    /// The first step of this scope.
    first: usize,
    /// The instance index of each step of this scope so far.
    steps: Vec<u32>,
    /// The scope inside, which has the steps before.
    inner: Option<Inner>,
    names: Names,
    /// The types that the component exports at its root so far.
    exported: BTreeMap<ComponentAnyTypeId, u32>,
    /// The adapters that are defined so far: equal ones are one component.
    adapters: BTreeMap<Vec<u8>, u32>,
}

impl<'a> Emitter<'_, 'a> {
    fn step(&mut self, step: &Step, stored: &StepComponent<'a>, depth: u32) {
        let given = |argument: &Argument| match &argument.adapter {
            None => self.argument(argument),
            Some(adapter) => self.adapted(step, argument, adapter),
        };
        let arguments = step.arguments.iter().map(given).collect::<Vec<_>>();
        let component = match stored {
            StepComponent::Shared(index) => self.root.shared(*index, depth),
            StepComponent::Own(bytes) => {
                let component = self.root.definition(DefinitionKind::Component, bytes.clone());
                self.names.component(&step.name, component);
                component
            }
        };
        let instance = self.root.instantiate(component, &arguments);
        self.names.instance(step.name.as_str(), instance);
        self.steps.push(instance);
    }

    fn export(&mut self, export: &PlannedExport, outermost: bool) {
        let components = self.components;
        let item = components.export(export.resolved.export);
        let source = self.step_export(&export.source);
        let mut used = referenced(components.types(), item.ty);
        let mut known = self.exported_types(&export.source);
        // A function must speak of exported types by their exported names.
        let renamed =
            matches!(item.ty, ComponentEntityType::Func(_)) && used.iter().any(|ty| known.contains_key(ty));
        let ty = renamed.then(|| {
            used.retain(|ty| !known.contains_key(ty) && self.root.home(*ty).is_none());
            known.extend(self.places(&export.source, &used));
            types::retype(&mut self.root, known, item.ty)
        });
        // A scope inside has names of its own for its exports.
        let implements = item.implements.as_ref().filter(|_| outermost);
        let index = self.root.export(&export.resolved.name, implements, source, ty);
        if let ComponentEntityType::Type { created, .. } = item.ty {
            self.exported.insert(created, index);
        }
    }

    /// The exported types, under the ids that the instance of `source` knows them by.
    fn exported_types(&self, source: &StepExport) -> BTreeMap<ComponentAnyTypeId, u32> {
        let mut known = self.exported.clone();
        for argument in &self.plan.steps[source.step].arguments {
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
            Source::Export(export) => self.step_export(export),
            Source::Type(source) => (ComponentExportKind::Type, self.type_argument(argument, source)),
        };
        (argument.name.clone(), kind, index)
    }

    /// Makes the adapter before an argument, and gives what it exports.
    fn adapted(
        &mut self,
        step: &Step,
        argument: &Argument,
        adapter: &Adapter,
    ) -> (String, ComponentExportKind, u32) {
        let Source::Export(source) = &argument.source else {
            unreachable!("only what an instance exports is adapted")
        };
        let made = adapter::component(self.components, adapter, argument.import, source.export);
        let (kind, index) = self.step_export(source);
        let mut arguments = vec![(made.import, kind, index)];
        if !made.types.is_empty() {
            let known = self.resources(source);
            let types = types::at_root(&mut self.root, known, made.types.iter().map(|(_, id)| *id));
            let types = made.types.into_iter().zip(types);
            arguments.extend(types.map(|((name, _), index)| (name, ComponentExportKind::Type, index)));
        }
        let component = match self.adapters.get(&made.bytes) {
            Some(component) => *component,
            None => {
                let mut rope = Rope::default();
                rope.append().extend_from_slice(&made.bytes);
                let component = self.root.definition(DefinitionKind::Component, rope);
                self.adapters.insert(made.bytes, component);
                component
            }
        };
        let instance = self.root.instantiate(component, &arguments);
        self.names.instance(&format!("adapter of {} for {}", argument.name, step.name), instance);
        let index = match kind {
            ComponentExportKind::Func => self.root.alias(instance, adapter::FUNCTION, kind),
            _ => instance,
        };
        (argument.name.clone(), kind, index)
    }

    /// The resources that the exports of a step may speak of: its own, and those that it was given.
    fn resources(&mut self, source: &StepExport) -> BTreeMap<ComponentAnyTypeId, u32> {
        let components = self.components;
        let types = components.types();
        let used = referenced(types, components.export(source.export).ty);
        let resource = |id: &ComponentAnyTypeId| match id {
            ComponentAnyTypeId::Resource(id) => Some(id.resource()),
            _ => None,
        };
        let wanted = used.iter().filter_map(resource).collect::<BTreeSet<_>>();
        let mut indices = BTreeMap::new();
        for export in components.get(source.export.instance).export_ids() {
            let item = components.export(export);
            let own = StepExport { step: source.step, name: item.name.to_string(), export };
            for (ty, path) in introduced(types, item.ty) {
                if let Some(id) = resource(&ty).filter(|id| wanted.contains(id) && !indices.contains_key(id))
                {
                    let index = self.step_export(&own).1;
                    indices.insert(id, self.type_at(index, &path));
                }
            }
        }
        for argument in &self.plan.steps[source.step].arguments {
            for (ty, path) in introduced(types, components.import(argument.import).ty) {
                if let Some(id) = resource(&ty).filter(|id| wanted.contains(id) && !indices.contains_key(id))
                {
                    let index = match &argument.source {
                        Source::Import(import) => self.root.import_index(*import).1,
                        Source::Export(export) => self.step_export(export).1,
                        Source::Type(of) => self.type_argument(argument, of),
                    };
                    indices.insert(id, self.type_at(index, &path));
                }
            }
        }
        let known = used.into_iter().filter_map(|id| Some((id, *indices.get(&resource(&id)?)?)));
        known.collect()
    }

    fn step_export(&mut self, export: &StepExport) -> (ComponentExportKind, u32) {
        let kind = kind(self.components.export(export.export).ty);
        let index = match (export.step.checked_sub(self.first), &mut self.inner) {
            (Some(place), _) => self.root.alias(self.steps[place], &export.name, kind),
            (None, Some(inner)) => self.root.alias(inner.instance, &inner.name(export), kind),
            (None, None) => unreachable!("the innermost scope begins with the first step"),
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
