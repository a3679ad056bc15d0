//! Emitting: a plan in, the bytes of the composition out. It makes no choices and reports no problems of inputs.

mod metadata;
mod output;
mod root;
mod types;

pub use output::Output;

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::ComponentExportKind;
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use crate::component::Components;
use crate::plan::{Argument, Plan, PlannedExport, Source, StepExport, TypeSource};
use crate::types::{introduced, referenced};
use metadata::Names;
use root::Root;

/// Emits the composition. Inputs are embedded byte for byte.
pub fn emit<'a>(components: &Components<'a>, plan: &Plan) -> Output<'a> {
    let mut root = Root::new(components, &plan.imports);
    for index in 0..plan.imports.len() {
        types::import(&mut root, index);
    }
    let (steps, names, exported) = (Vec::new(), Names::default(), BTreeMap::new());
    let mut emitter = Emitter { components, root, steps, names, exported };
    emitter.names.imports(&emitter.root);
    for step in &plan.steps {
        let arguments = step.arguments.iter().map(|argument| emitter.argument(argument)).collect::<Vec<_>>();
        let component = emitter.root.component(components.get(step.instance).bytes.clone());
        let instance = emitter.root.instantiate(component, &arguments);
        emitter.names.step(&step.name, component, instance);
        emitter.steps.push(instance);
    }
    for export in &plan.exports {
        emitter.export(plan, export);
    }
    metadata::write(&mut emitter.root, &emitter.names);
    emitter.root.finish()
}

struct Emitter<'c, 'a> {
    components: &'c Components<'a>,
    root: Root<'c, 'a>,
    /// The instance index of each step so far.
    steps: Vec<u32>,
    names: Names,
    /// The types that the composition exports at its root so far.
    exported: BTreeMap<ComponentAnyTypeId, u32>,
}

impl<'a> Emitter<'_, 'a> {
    fn export(&mut self, plan: &Plan, export: &PlannedExport) {
        let components = self.components;
        let item = components.export(export.resolved.export);
        let source = self.step_export(&export.source);
        let mut used = referenced(components.types(), item.ty);
        let mut known = self.exported_types(plan, &export.source);
        // A function must speak of exported types by their exported names.
        let renamed =
            matches!(item.ty, ComponentEntityType::Func(_)) && used.iter().any(|ty| known.contains_key(ty));
        let ty = renamed.then(|| {
            used.retain(|ty| !known.contains_key(ty) && self.root.home(*ty).is_none());
            known.extend(self.places(plan, &export.source, &used));
            types::retype(&mut self.root, known, item.ty)
        });
        let index = self.root.export(&export.resolved.name, item.implements.as_ref(), source, ty);
        if let ComponentEntityType::Type { created, .. } = item.ty {
            self.exported.insert(created, index);
        }
    }

    /// The exported types, under the ids that the instance of `source` knows them by.
    fn exported_types(&self, plan: &Plan, source: &StepExport) -> BTreeMap<ComponentAnyTypeId, u32> {
        let mut known = self.exported.clone();
        for argument in &plan.steps[source.step].arguments {
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
        plan: &Plan,
        source: &StepExport,
        used: &BTreeSet<ComponentAnyTypeId>,
    ) -> Vec<(ComponentAnyTypeId, u32)> {
        let components = self.components;
        let types = components.types();
        let mut found = Vec::new();
        for argument in &plan.steps[source.step].arguments {
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

    fn step_export(&mut self, export: &StepExport) -> (ComponentExportKind, u32) {
        let kind = kind(self.components.export(export.export).ty);
        (kind, self.root.alias(self.steps[export.step], &export.name, kind))
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
