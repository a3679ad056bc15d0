//! The plan: the ordered steps that make the composition. It is made from a resolution without errors, can be printed
//! and compared, and says all that emitting needs beside the bytes and types of the inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use crate::adapt::{AdaptedFunction, Adapter, differing, needs_component};
use crate::component::{Change, Components, ExportId, ImportId, InstanceId};
use crate::input::InstanceName;
use crate::request::Rename;
use crate::resolve::{Bridge, Connection, ImportState, MergedImport, Resolution, ResolvedExport};
use crate::scopes::{self, Scope};
use crate::types::introduced;

/// The ordered steps that make a composition: import, instantiate, export.
#[derive(Debug)]
pub struct Plan {
    /// What recolouring changed in each instance, in the order of the steps.
    pub changes: Vec<(InstanceName, Change)>,
    /// What the composition imports, in order.
    pub imports: Vec<MergedImport>,
    /// The instances, providers before their importers; otherwise by name.
    pub steps: Vec<Step>,
    /// What the composition exports, in order.
    pub exports: Vec<PlannedExport>,
    /// The outermost scope. It has all steps, unless those are more than the target loads in one component.
    pub scope: Box<Scope>,
}

impl Plan {
    /// The same plan in scopes of at most `most` instances each, if that can be done.
    pub(crate) fn divided(self, components: &Components<'_>, most: u32) -> Plan {
        match scopes::divide(components, &self, most) {
            Some(scope) => Plan { scope: Box::new(scope), ..self },
            None => self,
        }
    }

    /// How many adapters there are.
    pub(crate) fn adapters(&self) -> usize {
        let arguments = self.steps.iter().flat_map(|step| &step.arguments);
        arguments.filter(|argument| argument.adapter.is_some()).count()
    }

    /// For each step: how many scopes there are around its own.
    pub(crate) fn depths(&self) -> Vec<u32> {
        let mut depths = vec![0; self.steps.len()];
        for (around, scope) in self.scope.all() {
            scope.steps.iter().for_each(|step| depths[*step] = around);
        }
        depths
    }
}

/// One instantiation.
#[derive(Debug)]
pub struct Step {
    /// The input to instantiate.
    pub instance: InstanceId,
    /// The name of the instance.
    pub name: InstanceName,
    /// The file of the component, as the user spelled it.
    pub file: String,
    /// What each import is given, in the order of the imports.
    pub arguments: Vec<Argument>,
}

impl Step {
    /// How many instances it takes to make it: its own, and one for each argument that has an adapter or whose functions get
    /// other names.
    pub(crate) fn instances(&self) -> usize {
        let own = |argument: &&Argument| argument.adapter.is_some() || !argument.renames.is_empty();
        1 + self.arguments.iter().filter(own).count()
    }
}

/// What one import of a step is given.
#[derive(Debug)]
pub struct Argument {
    /// The name of the import.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// What stands between, if the two sides differ in effect, or if functions get other names and a component has to give
    /// them.
    pub adapter: Option<Adapter>,
    /// The functions that are there under other names: the step is given an instance that has them under its own,
    /// the adapter's if there is one.
    pub renames: Vec<Rename>,
    pub(crate) import: ImportId,
}

/// Where an argument comes from.
#[derive(Debug)]
pub enum Source {
    /// An import of the composition, by its place in [`Plan::imports`].
    Import(usize),
    /// An export of an earlier step.
    Export(StepExport),
    /// A type of the world, which is given as an equal type.
    Type(TypeSource),
}

/// An export of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepExport {
    /// The place in [`Plan::steps`].
    pub step: usize,
    /// The name of the export.
    pub name: String,
    pub(crate) export: ExportId,
}

/// Where a type that is given as an argument stands.
#[derive(Debug)]
pub enum TypeSource {
    /// At a path inside an import of the composition.
    Import(usize, Vec<String>),
    /// At a path inside an export of an earlier step.
    Export(StepExport, Vec<String>),
    /// Nowhere yet: it is defined by its structure.
    Defined,
}

/// One export of the composition.
#[derive(Debug)]
pub struct PlannedExport {
    /// What is exported.
    pub resolved: ResolvedExport,
    /// The step and the name of its export.
    pub source: StepExport,
}

/// Orders the steps of `resolution`, which must have no unsatisfied imports.
pub fn plan(components: &Components<'_>, resolution: &Resolution) -> Plan {
    let order = order(components, resolution);
    let place = order.iter().enumerate().map(|(step, id)| (*id, step)).collect::<BTreeMap<_, _>>();
    let step_export = |export: ExportId| StepExport {
        step: place[&export.instance],
        name: components.export(export).name.to_string(),
        export,
    };
    let merged = resolution.merged.iter().enumerate();
    let merged = merged.flat_map(|(index, import)| import.members.iter().map(move |id| (*id, index)));
    let sources = Sources { components, resolution, merged: merged.collect(), step_export: &step_export };
    let steps = order.iter().map(|id| {
        let component = components.get(*id);
        let arguments = component.import_ids().map(|import| Argument {
            name: components.import(import).name.to_string(),
            source: sources.of(import),
            adapter: sources.adapter(import),
            renames: sources.connection(import).map_or(Vec::new(), |connection| connection.renames.clone()),
            import,
        });
        Step {
            instance: *id,
            name: component.name.clone(),
            file: component.file.clone(),
            arguments: arguments.collect(),
        }
    });
    let exports = resolution.exports.iter();
    let exports = exports
        .map(|resolved| PlannedExport { resolved: resolved.clone(), source: step_export(resolved.export) });
    let changes = order.iter().map(|id| components.get(*id)).flat_map(|component| {
        component.changes.iter().map(|change| (component.name.clone(), change.clone()))
    });
    let scope = Scope { inner: Vec::new(), steps: (0..order.len()).collect() };
    Plan {
        changes: changes.collect(),
        steps: steps.collect(),
        exports: exports.collect(),
        imports: resolution.merged.clone(),
        scope: Box::new(scope),
    }
}

/// The used instances, providers first; where that leaves a choice, by name.
fn order(components: &Components<'_>, resolution: &Resolution) -> Vec<InstanceId> {
    let unused = resolution.unused.iter().collect::<BTreeSet<_>>();
    let mut waits_for = BTreeMap::<InstanceId, BTreeSet<InstanceId>>::new();
    let mut serves = BTreeMap::<InstanceId, BTreeSet<InstanceId>>::new();
    for component in components.iter().filter(|component| !unused.contains(&component.id)) {
        waits_for.insert(component.id, BTreeSet::new());
    }
    for resolved in &resolution.imports {
        let ImportState::Connected(Connection { provider, .. }) = resolved.state else {
            continue;
        };
        if let Some(providers) = waits_for.get_mut(&resolved.import.instance) {
            providers.insert(provider.instance);
            serves.entry(provider.instance).or_default().insert(resolved.import.instance);
        }
    }
    let by_name = |id: InstanceId| (components.get(id).name.clone(), id);
    let mut ready =
        waits_for.iter().filter(|(_, p)| p.is_empty()).map(|(id, _)| by_name(*id)).collect::<BTreeSet<_>>();
    let mut order = Vec::new();
    while let Some((_, id)) = ready.pop_first() {
        order.push(id);
        for importer in serves.get(&id).into_iter().flatten() {
            let Some(providers) = waits_for.get_mut(importer) else {
                continue;
            };
            if providers.remove(&id) && providers.is_empty() {
                ready.insert(by_name(*importer));
            }
        }
    }
    order
}

struct Sources<'c, 'a> {
    components: &'c Components<'a>,
    resolution: &'c Resolution,
    merged: BTreeMap<ImportId, usize>,
    step_export: &'c dyn Fn(ExportId) -> StepExport,
}

impl Sources<'_, '_> {
    fn of(&self, import: ImportId) -> Source {
        match self.merged.get(&import) {
            Some(index) => Source::Import(*index),
            None => match self.connection(import) {
                Some(connection) => Source::Export((self.step_export)(connection.provider)),
                None => Source::Type(self.type_source(import)),
            },
        }
    }

    fn adapter(&self, import: ImportId) -> Option<Adapter> {
        let connection = self.connection(import)?;
        if connection.bridge == Some(Bridge::Adapter) {
            return Some(Adapter { functions: differing(self.components, import, connection) });
        }
        let names = !connection.renames.is_empty() && needs_component(self.components, import);
        names.then_some(Adapter { functions: Vec::new() })
    }

    fn connection(&self, import: ImportId) -> Option<&Connection> {
        match &self.resolution.import(import)?.state {
            ImportState::Connected(connection) => Some(connection),
            _ => None,
        }
    }

    fn type_source(&self, import: ImportId) -> TypeSource {
        let ComponentEntityType::Type { referenced, .. } = self.components.import(import).ty else {
            return TypeSource::Defined;
        };
        let types = self.components.types();
        // A resource is the same under each of its aliases, also those that the component makes itself.
        let same = |a, b| match (a, b) {
            (ComponentAnyTypeId::Resource(a), ComponentAnyTypeId::Resource(b)) => {
                a.resource() == b.resource()
            }
            (a, b) => a == b,
        };
        for other in self.components.get(import.instance).import_ids().filter(|other| *other != import) {
            let names = introduced(types, self.components.import(other).ty);
            let Some((_, path)) = names.into_iter().find(|(id, _)| same(*id, referenced)) else {
                continue;
            };
            return match (self.merged.get(&other), self.connection(other)) {
                (Some(index), _) => TypeSource::Import(*index, path),
                (None, Some(to)) => TypeSource::Export((self.step_export)(to.provider), path),
                (None, None) => self.type_source(other),
            };
        }
        TypeSource::Defined
    }
}

impl fmt::Display for Plan {
    /// One line a step, in order.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl Plan {
    /// What is printed. The names in it are those of the inputs, whatever characters they have.
    pub fn lines(&self) -> Vec<String> {
        let changes = self.changes.iter().map(|(name, change)| format!("recolour {name}: {change}"));
        let imports = self.imports.iter().map(|import| format!("import {}", import.name));
        let mut lines = changes.chain(self.adapted()).chain(imports).collect::<Vec<_>>();
        for (_, scope) in self.scope.all() {
            if !self.scope.inner.is_empty() {
                lines.push(format!("component of {} instances", scope.steps.len()));
            }
            for step in scope.steps.iter().map(|step| &self.steps[*step]) {
                lines.push(format!("instantiate {} ({})", step.name, step.file));
                let given = |argument: &Argument| {
                    let renames =
                        argument.renames.iter().map(Rename::to_string).collect::<Vec<_>>().join(", ");
                    let renames = if renames.is_empty() { renames } else { format!(" ({renames})") };
                    format!("  {} <- {}{renames}", argument.name, self.source(argument))
                };
                lines.extend(step.arguments.iter().map(given));
            }
        }
        for PlannedExport { resolved, source } in &self.exports {
            let of = &self.steps[source.step].name;
            let name = if source.name == resolved.name.as_str() {
                String::new()
            } else {
                format!(":{}", source.name)
            };
            let why = if resolved.for_types { " (for its types)" } else { "" };
            lines.push(format!("export {} of {of}{name}{why}", resolved.name));
        }
        lines
    }

    /// Each function that an adapter passes on: `adapt app -> store: demo:kv/store#get`.
    fn adapted(&self) -> impl Iterator<Item = String> {
        let arguments = self.steps.iter().flat_map(|step| step.arguments.iter().map(move |of| (step, of)));
        arguments.flat_map(move |(step, argument)| {
            let functions = argument.adapter.iter().flat_map(|adapter| &adapter.functions);
            functions.map(move |AdaptedFunction { name, crossing }| {
                let provider = match &argument.source {
                    Source::Export(of) => self.steps[of.step].name.as_str(),
                    _ => "host",
                };
                let function = name.as_ref().map_or(String::new(), |name| format!("#{name}"));
                let eager = if crossing.is_eager_only() { " (eager only)" } else { "" };
                format!("adapt {} -> {provider}: {}{function}{eager}", step.name, argument.name)
            })
        })
    }

    fn source(&self, argument: &Argument) -> String {
        match &argument.source {
            Source::Import(index) => {
                let name = self.imports[*index].name.as_str();
                if name == argument.name { "host".into() } else { format!("host:{name}") }
            }
            Source::Export(StepExport { step, name, .. }) => {
                let provider = &self.steps[*step].name;
                if *name == argument.name { provider.to_string() } else { format!("{provider}:{name}") }
            }
            Source::Type(TypeSource::Import(index, path)) => {
                format!("type {} of host:{}", path.join("."), self.imports[*index].name)
            }
            Source::Type(TypeSource::Export(StepExport { step, name, .. }, path)) => {
                format!("type {} of {}:{name}", path.join("."), self.steps[*step].name)
            }
            Source::Type(TypeSource::Defined) => "an equal type".into(),
        }
    }
}
