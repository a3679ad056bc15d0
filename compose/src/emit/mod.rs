//! Emitting: a plan in, the bytes of the composition out. It makes no choices and reports no problems of inputs.

mod metadata;
mod output;
mod root;
mod types;

pub use output::Output;

use wasm_encoder::ComponentExportKind;
use wasmparser::component_types::ComponentEntityType;

use crate::component::Components;
use crate::plan::{Argument, Plan, Source, StepExport, TypeSource};
use metadata::Names;
use root::Root;

/// Emits the composition. Inputs are embedded byte for byte.
pub fn emit<'a>(components: &Components<'a>, plan: &Plan) -> Output<'a> {
    let mut root = Root::new(components, &plan.imports);
    for index in 0..plan.imports.len() {
        types::import(&mut root, index);
    }
    let mut emitter = Emitter { components, root, steps: Vec::new(), names: Names::default() };
    emitter.names.imports(&emitter.root);
    for step in &plan.steps {
        let arguments = step.arguments.iter().map(|argument| emitter.argument(argument)).collect::<Vec<_>>();
        let component = emitter.root.component(components.get(step.instance).bytes);
        let instance = emitter.root.instantiate(component, &arguments);
        emitter.names.step(&step.name, component, instance);
        emitter.steps.push(instance);
    }
    for export in &plan.exports {
        let (kind, index) = emitter.step_export(&export.source);
        emitter.root.export(&export.resolved.name, kind, index);
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
}

impl<'a> Emitter<'_, 'a> {
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
        let (mut instance, path) = match source {
            TypeSource::Import(index, path) => (self.root.import_index(*index).1, path),
            TypeSource::Export(export, path) => (self.step_export(export).1, path),
            TypeSource::Defined => return types::define(&mut self.root, argument.import),
        };
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
