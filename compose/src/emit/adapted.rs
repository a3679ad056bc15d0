//! Where an adapter stands in the composition: before an argument of a step. What it is made of is said in `adapter`.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::ComponentExportKind;
use wasmparser::component_types::ComponentAnyTypeId;

use super::adapter::{self, AdapterComponent};
use super::{Emitter, types};
use crate::plan::{Argument, Source, Step, StepExport};
use crate::share::Kind as DefinitionKind;
use crate::types::{introduced, referenced};

impl<'c> Emitter<'c, '_> {
    /// Instantiates the adapter before an argument, and gives what it exports.
    pub(super) fn adapted(
        &mut self,
        step: &Step,
        argument: &Argument,
        made: &'c AdapterComponent,
    ) -> (String, ComponentExportKind, u32) {
        let Source::Export(source) = &argument.source else {
            unreachable!("only what an instance exports is adapted")
        };
        let (kind, index) = self.step_export(source);
        let mut arguments = vec![(made.import.clone(), kind, index)];
        if !made.types.is_empty() {
            let known = self.resources(source);
            let types = types::at_root(&mut self.root, known, made.types.iter().map(|(_, id)| *id));
            let types = made.types.iter().zip(types);
            arguments
                .extend(types.map(|((name, _), index)| (name.clone(), ComponentExportKind::Type, index)));
        }
        let component = match self.defined.get(made.bytes.as_slice()) {
            Some(component) => *component,
            None => {
                let component = self.root.definition(DefinitionKind::Component, made.bytes.clone().into());
                self.names.component(&format!("adapter of {}", argument.name), component);
                self.defined.insert(&made.bytes, component);
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
}
