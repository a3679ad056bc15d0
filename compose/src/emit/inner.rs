//! A scope inside of another one: its place, its instance, and what the steps outside need of those inside.

use std::collections::BTreeSet;

use wcompose_wit::ExternName;

use super::metadata::Names;
use super::root::Root;
use crate::component::Components;
use crate::plan::{Plan, PlannedExport, Source, StepExport};
use crate::resolve::ResolvedExport;
use crate::rope::Place;
use crate::scopes::export_name;
use crate::types::type_homes;

/// A scope inside.
pub(super) struct Inner {
    /// Where its component will stand.
    pub place: Place,
    pub instance: u32,
    /// What is needed of its steps.
    needed: BTreeSet<StepExport>,
}

impl Inner {
    /// Makes its instance, which is given every import.
    pub(super) fn new(root: &mut Root<'_, '_>, names: &mut Names, name: &str) -> Inner {
        let (place, component) = root.component_later();
        let instance = root.instantiate(component, &root.imported());
        names.component(name, component);
        names.instance(name, instance);
        Inner { place, instance, needed: BTreeSet::new() }
    }

    /// The name under which it exports what a step inside does.
    pub(super) fn name(&mut self, export: &StepExport) -> String {
        self.needed.insert(export.clone());
        export_name(export)
    }

    /// What it has to export: what is needed, each behind the exports whose types it uses.
    pub(super) fn exports(&self, components: &Components<'_>, plan: &Plan) -> Vec<PlannedExport> {
        let mut list = List { components, plan, seen: BTreeSet::new(), order: Vec::new() };
        self.needed.iter().for_each(|export| list.add(export));
        list.order
    }
}

struct List<'c, 'a> {
    components: &'c Components<'a>,
    plan: &'c Plan,
    seen: BTreeSet<StepExport>,
    order: Vec<PlannedExport>,
}

impl List<'_, '_> {
    fn add(&mut self, source: &StepExport) {
        if !self.seen.insert(source.clone()) {
            return;
        }
        let (imports, siblings) = type_homes(self.components, source.export);
        for argument in &self.plan.steps[source.step].arguments {
            if let Source::Export(of) = &argument.source
                && imports.contains(&argument.import)
            {
                self.add(of);
            }
        }
        for export in siblings {
            let name = self.components.export(export).name.to_string();
            self.add(&StepExport { step: source.step, name, export });
        }
        let resolved = ResolvedExport {
            name: ExternName::new(export_name(source)),
            export: source.export,
            for_types: false,
        };
        self.order.push(PlannedExport { resolved, source: source.clone() });
    }
}
