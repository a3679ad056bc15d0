//! The inside of a component: every instance that instantiating it would make, and which function each of them lifts,
//! lowers, takes and exports. Instantiation is only followed here, not run; nothing is decided.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentType, ComponentTypeRef, Payload,
};

use super::Unrecolourable;
use super::core::{Core, CoreFunction};
use super::definition::{Content, Definition, ROOT, Section, read};
use super::value::{Closure, Function, Instance, Kind, Value};

/// How many instances one component may make inside. What is made to have more is not recoloured.
const MAX_INSTANCES: usize = 10_000;

/// How many items all of them may hold together: what is given to an instance counts as its own.
const MAX_ITEMS: usize = 2_000_000;

/// How deep instantiations may nest.
const MAX_DEPTH: usize = 200;

/// A component, and all instances inside it; the first is its own.
pub(super) struct Inside<'a> {
    pub definitions: Vec<Definition<'a>>,
    pub instances: Vec<Inner<'a>>,
}

/// One instance inside a component. The lists follow the index spaces of its definition.
#[derive(Default)]
pub(super) struct Inner<'a> {
    pub definition: usize,
    /// The instance inside which its definition stands; none for the component's own.
    pub parent: Option<usize>,
    pub imports: BTreeMap<String, Value>,
    pub exports: Rc<BTreeMap<String, Value>>,
    pub functions: Vec<Function>,
    pub instances: Vec<Instance>,
    pub components: Vec<Closure>,
    /// Of each type: whether it is `async`, if it is the type of a function.
    effects: Vec<Option<bool>>,
    pub lifts: Vec<Lift>,
    /// What each instantiation makes, in order; none if nothing is known of the component.
    pub made: Vec<Option<usize>>,
    pub core: Core<'a>,
}

/// A `canon lift`.
pub(super) struct Lift {
    /// Whether its type is `async`.
    pub is_async: bool,
    /// The core function.
    pub core: u32,
    /// The name that forbids an `async` type, if it is exported under one.
    pub fixed: Option<String>,
}

impl<'a> Inside<'a> {
    /// Follows the instantiation of the valid component in `bytes`.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Inside<'a>, Unrecolourable> {
        let definitions = read(bytes)?;
        let mut making = Making { definitions: &definitions, instances: Vec::new(), items: 0 };
        making.instantiate(ROOT, None, None, 0)?;
        let instances = making.instances;
        Ok(Inside { definitions, instances })
    }

    /// The component's own instance.
    pub(super) fn own(&self) -> &Inner<'a> {
        &self.instances[ROOT]
    }

    /// The function at a path of an export.
    pub(super) fn exported(&self, name: &str, path: &[String]) -> Function {
        match self.own().exports.get(name).map(|value| value.at(path, Kind::Function)) {
            Some(Value::Function(function)) => function,
            _ => Function::Opaque,
        }
    }

    /// Whether the function must stay synchronous.
    pub(super) fn is_fixed(&self, function: &Function) -> bool {
        match function {
            Function::Import(path) => path.last().is_some_and(|name| forbids_async(name)),
            Function::Lift { inner, index } => self.instances[*inner].lifts[*index].fixed.is_some(),
            Function::Opaque => true,
        }
    }
}

/// The instances that are made so far.
struct Making<'d, 'a> {
    definitions: &'d [Definition<'a>],
    instances: Vec<Inner<'a>>,
    /// How many items they hold so far.
    items: usize,
}

impl<'a> Making<'_, 'a> {
    /// The instance that surrounds the definition of `inner` at `count` steps.
    fn around(&self, inner: usize, count: u32) -> Option<usize> {
        (0..count).try_fold(inner, |at, _| self.instances[at].parent)
    }

    /// Makes an instance. Without `arguments` the imports are those of the component itself.
    fn instantiate(
        &mut self,
        definition: usize,
        parent: Option<usize>,
        arguments: Option<BTreeMap<String, Value>>,
        depth: usize,
    ) -> Result<usize, Unrecolourable> {
        let given = arguments.iter().flat_map(BTreeMap::values).map(|value| match value {
            Value::Instance(Instance::Made(exports)) => 1 + exports.len(),
            _ => 1,
        });
        let sections = self.definitions[definition].sections.iter();
        self.items += given.chain(sections.map(Section::items)).sum::<usize>();
        if self.instances.len() >= MAX_INSTANCES || self.items > MAX_ITEMS || depth >= MAX_DEPTH {
            return Err(Unrecolourable("it makes too many instances inside".into()));
        }
        let id = self.instances.len();
        self.instances.push(Inner { definition, parent, ..Inner::default() });
        let definitions = self.definitions;
        for section in &definitions[definition].sections {
            match &section.content {
                Content::Component(nested) => {
                    let closure = Closure::Known { definition: *nested, parent: id };
                    self.instances[id].components.push(closure);
                }
                Content::Module(bytes) => self.instances[id].core.modules.push(Some(*bytes)),
                Content::Payload(payload) => self.payload(id, payload, arguments.as_ref(), depth)?,
            }
        }
        Ok(id)
    }

    fn payload(
        &mut self,
        id: usize,
        payload: &Payload<'a>,
        arguments: Option<&BTreeMap<String, Value>>,
        depth: usize,
    ) -> Result<(), Unrecolourable> {
        match payload {
            Payload::ComponentTypeSection(section) => {
                for ty in section.clone() {
                    let ty = ty?;
                    if let ComponentType::Resource { dtor: Some(dtor), .. } = ty {
                        self.instances[id].core.destructors.push(dtor);
                    }
                    let effect = match ty {
                        ComponentType::Func(ty) => Some(ty.async_),
                        _ => None,
                    };
                    self.instances[id].effects.push(effect);
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    self.import(id, import.name.name, import.ty, arguments);
                }
            }
            Payload::ComponentAliasSection(section) => {
                section.clone().into_iter().try_for_each(|alias| self.alias(id, alias?))?;
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    self.instances[id].canonical(id, function?);
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    let instance = self.instance(id, instance?, depth)?;
                    self.instances[id].instances.push(instance);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    let value = self.instances[id].value(export.kind, export.index);
                    self.name(export.name.name, &value);
                    let inner = &mut self.instances[id];
                    let effect = (export.kind == ComponentExternalKind::Type)
                        .then(|| inner.effects.get(export.index as usize).copied().flatten());
                    inner.push(export.kind, value.clone(), effect.flatten());
                    Rc::make_mut(&mut inner.exports).insert(export.name.name.to_owned(), value);
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    self.instances[id].core.instance(instance?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn import(
        &mut self,
        id: usize,
        name: &str,
        ty: ComponentTypeRef,
        arguments: Option<&BTreeMap<String, Value>>,
    ) {
        let kind = ty.kind();
        let value = match arguments {
            None => Value::import(kind.into(), vec![name.to_owned()]),
            Some(arguments) => arguments.get(name).cloned().unwrap_or_else(|| Value::opaque(kind.into())),
        };
        // What is instantiated through an import would need the type of that import rewritten.
        let value = if let Value::Component(_) = value { Value::Component(Closure::Opaque) } else { value };
        let inner = &mut self.instances[id];
        inner.push(kind, value.clone(), None);
        inner.imports.insert(name.to_owned(), value);
    }

    fn alias(&mut self, id: usize, alias: ComponentAlias<'a>) -> Result<(), Unrecolourable> {
        match alias {
            ComponentAlias::InstanceExport { kind, instance_index, name } => {
                let inner = &mut self.instances[id];
                let of = inner.instances.get(instance_index as usize).cloned().unwrap_or(Instance::Opaque);
                let value = match of.get(name, kind.into()) {
                    Value::Component(_) => Value::Component(Closure::Opaque),
                    value => value,
                };
                inner.push(kind, value, None);
            }
            ComponentAlias::CoreInstanceExport { kind, instance_index, name } => {
                self.instances[id].core.alias(kind, instance_index, name);
            }
            ComponentAlias::Outer { kind, count, index } => {
                let around = self.around(id, count).map(|around| &self.instances[around]);
                let at = index as usize;
                match kind {
                    ComponentOuterAliasKind::Type => {
                        let effect = around.and_then(|around| around.effects.get(at).copied().flatten());
                        self.instances[id].effects.push(effect);
                    }
                    ComponentOuterAliasKind::Component => {
                        let closure = around.and_then(|around| around.components.get(at).copied());
                        self.instances[id].components.push(closure.unwrap_or(Closure::Opaque));
                    }
                    ComponentOuterAliasKind::CoreModule => {
                        let module = around.and_then(|around| around.core.modules.get(at).copied().flatten());
                        self.instances[id].core.modules.push(module);
                    }
                    ComponentOuterAliasKind::CoreType => {}
                }
            }
        }
        Ok(())
    }

    fn instance(
        &mut self,
        id: usize,
        instance: ComponentInstance<'a>,
        depth: usize,
    ) -> Result<Instance, Unrecolourable> {
        let inner = &self.instances[id];
        match instance {
            ComponentInstance::FromExports(exports) => {
                let exports = exports
                    .iter()
                    .map(|e| (e.name.name.to_owned(), inner.value(e.kind, e.index)))
                    .collect::<BTreeMap<_, _>>();
                exports.iter().for_each(|(name, value)| self.name(name, value));
                Ok(Instance::Made(Rc::new(exports)))
            }
            ComponentInstance::Instantiate { component_index, args } => {
                let arguments =
                    args.iter().map(|arg| (arg.name.to_owned(), inner.value(arg.kind, arg.index))).collect();
                match inner.components.get(component_index as usize).copied() {
                    Some(Closure::Known { definition, parent }) => {
                        let made = self.instantiate(definition, Some(parent), Some(arguments), depth + 1)?;
                        self.instances[id].made.push(Some(made));
                        Ok(Instance::Made(self.instances[made].exports.clone()))
                    }
                    _ => {
                        self.instances[id].made.push(None);
                        Ok(Instance::Opaque)
                    }
                }
            }
        }
    }

    /// Remembers under which name a lifted function is exported, if that name forbids an `async` type.
    fn name(&mut self, name: &str, value: &Value) {
        if let Value::Function(Function::Lift { inner, index }) = value
            && forbids_async(name)
        {
            self.instances[*inner].lifts[*index].fixed = Some(name.to_owned());
        }
    }
}

/// Whether a function of that name must be synchronous: constructors, getters, setters, and whatever else has a mark of
/// its own one day. The getter of a resource has two marks: `[method][get]`.
pub(super) fn forbids_async(name: &str) -> bool {
    let unmarked =
        ["[method]", "[static]"].into_iter().find_map(|mark| name.strip_prefix(mark)).unwrap_or(name);
    unmarked.starts_with('[')
}

impl<'a> Inner<'a> {
    /// What an index of its index spaces stands for.
    pub(super) fn value(&self, kind: ComponentExternalKind, index: u32) -> Value {
        let index = index as usize;
        match kind {
            ComponentExternalKind::Func => {
                Value::Function(self.functions.get(index).cloned().unwrap_or(Function::Opaque))
            }
            ComponentExternalKind::Instance => {
                Value::Instance(self.instances.get(index).cloned().unwrap_or(Instance::Opaque))
            }
            ComponentExternalKind::Component => {
                Value::Component(self.components.get(index).copied().unwrap_or(Closure::Opaque))
            }
            _ => Value::Other,
        }
    }

    fn push(&mut self, kind: ComponentExternalKind, value: Value, effect: Option<bool>) {
        match (kind, value) {
            (ComponentExternalKind::Func, Value::Function(function)) => self.functions.push(function),
            (ComponentExternalKind::Func, _) => self.functions.push(Function::Opaque),
            (ComponentExternalKind::Instance, Value::Instance(instance)) => self.instances.push(instance),
            (ComponentExternalKind::Instance, _) => self.instances.push(Instance::Opaque),
            (ComponentExternalKind::Component, Value::Component(closure)) => self.components.push(closure),
            (ComponentExternalKind::Component, _) => self.components.push(Closure::Opaque),
            (ComponentExternalKind::Type, _) => self.effects.push(effect),
            (ComponentExternalKind::Module, _) => self.core.modules.push(None),
            (ComponentExternalKind::Value, _) => {}
        }
    }

    fn canonical(&mut self, id: usize, function: CanonicalFunction) {
        match function {
            CanonicalFunction::Lift { core_func_index, type_index, .. } => {
                let is_async = self.effects.get(type_index as usize).copied().flatten().unwrap_or(false);
                self.functions.push(Function::Lift { inner: id, index: self.lifts.len() });
                self.lifts.push(Lift { is_async, core: core_func_index, fixed: None });
            }
            CanonicalFunction::Lower { func_index, options } => {
                let function = self.functions.get(func_index as usize).cloned().unwrap_or(Function::Opaque);
                let waits = !options.contains(&CanonicalOption::Async);
                self.core.functions.push(CoreFunction::Lowered { function, waits });
            }
            _ => self.core.functions.push(CoreFunction::Builtin),
        }
    }

    /// The functions that it lowers.
    pub(super) fn lowered(&self) -> impl Iterator<Item = &Function> {
        self.core.functions.iter().filter_map(|function| match function {
            CoreFunction::Lowered { function, .. } => Some(function),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::forbids_async;

    /// No target has getters yet, so no case can show them.
    #[test]
    fn accessors_and_constructors_stay_synchronous() {
        for name in ["[constructor]r", "[get]a", "[set]a", "[method][get]r.a", "[static][set]r.a"] {
            assert!(forbids_async(name), "{name}");
        }
        for name in ["a", "[method]r.a", "[static]r.a"] {
            assert!(!forbids_async(name), "{name}");
        }
    }
}
