//! The index spaces of a component and of those nested in it: what each index of an instance, module or component means.
//! Nothing is validated and no type is read.

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentName, ComponentOuterAliasKind, ComponentTypeRef, ExternalKind, Instance, Parser, Payload,
};

use crate::parse::Fault;
use crate::scopes;

/// All components of a binary, each with its index spaces. They stand in the order of their ends: each after all whose
/// definitions it can instantiate, the root last.
pub(super) struct Scopes {
    pub(super) components: Vec<Scope>,
    /// Where the core modules stand in the binary, in bytes.
    pub(super) modules: Vec<Range<usize>>,
}

impl Scopes {
    /// The component that an instance of `scope` is made of, if that is a scope that a composition was divided into:
    /// one whose exports have no other names than those.
    pub(super) fn inner(&self, scope: &Scope, place: usize) -> Option<&Scope> {
        let Origin::Component(definition) = scope.instances[place].definition else { return None };
        let exports = &self.components[definition].exports;
        let is_scope = !exports.is_empty() && exports.keys().all(|name| scopes::is_export_name(name));
        is_scope.then_some(&self.components[definition])
    }

    /// The outermost component.
    pub(super) fn root(mut self) -> Scope {
        self.components.pop().unwrap_or_default()
    }
}

/// One component.
#[derive(Default)]
pub(super) struct Scope {
    /// Where it stands in the binary, in bytes.
    pub(super) range: Range<usize>,
    spaces: BTreeMap<&'static str, Vec<Origin>>,
    names: BTreeMap<u32, String>,
    /// The instances of components that it makes.
    pub(super) instances: Vec<Made>,
    /// What it makes instances of core modules from.
    pub(super) core_instances: Vec<Origin>,
    /// What it exports.
    pub(super) exports: BTreeMap<String, Origin>,
    /// The functions that it lowers.
    pub(super) lowered: Vec<Lowered>,
    /// The core instance of the last of them that passes data in memory, if that is one, and how often it was another before.
    turn: (Option<u32>, usize),
}

/// A function that core code calls.
pub(super) struct Lowered {
    pub(super) function: Origin,
    pub(super) is_async: bool,
    pub(super) meeting: Option<Meeting>,
}

/// Where functions meet that pass data in memory. Those of one meeting need the same core instance to be there, no other is
/// asked for between them, and no instance is made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Meeting {
    /// How many functions before were lowered otherwise than the one before them.
    turns: usize,
    /// How many instances and core instances are made before.
    made: (usize, usize),
    /// The index of the core instance that has the memory, and the allocator if there is one.
    memory: u32,
}

/// One instance that a component makes of another.
pub(super) struct Made {
    /// Its index among the instances.
    pub(super) index: u32,
    pub(super) definition: Origin,
    pub(super) arguments: Vec<Argument>,
}

pub(super) struct Argument {
    pub(super) name: String,
    pub(super) kind: ComponentExternalKind,
    pub(super) index: u32,
    pub(super) origin: Origin,
}

/// Where an index of an index space came from.
#[derive(Clone, PartialEq)]
pub(super) enum Origin {
    Import(String),
    /// A place in [`Scope::instances`].
    Instance(usize),
    Export(Rc<Origin>, String),
    /// An instance that is put together: its exports.
    Bag(Rc<BTreeMap<String, Origin>>),
    /// A place in [`Scopes::modules`].
    Module(usize),
    /// A place in [`Scopes::components`].
    Component(usize),
    /// A function that is lifted from core code here.
    Lifted {
        in_memory: bool,
    },
    /// An export of the core instance with this index.
    Core(u32),
    Unknown,
}

impl Origin {
    /// The instance that all of a bag comes from, if it is one: the bag gives other names to what that exports.
    pub(super) fn renames(&self) -> Option<&Origin> {
        let Origin::Bag(exports) = self else { return None };
        let mut sources = exports.values().map(|origin| match origin {
            Origin::Export(of, _) => Some(&**of),
            _ => None,
        });
        let first = sources.next()??;
        sources.all(|source| source == Some(first)).then_some(first)
    }
}

/// Reads the component in `bytes`.
pub(super) fn read(bytes: &[u8]) -> Result<Scopes, Fault> {
    let mut scopes = Scopes { components: Vec::new(), modules: Vec::new() };
    let mut open = vec![Scope { range: 0..bytes.len(), ..Scope::default() }];
    let mut in_module = false;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { unchecked_range, .. } => {
                in_module = true;
                scope_of(&mut open, 0).push("module", Origin::Module(scopes.modules.len()));
                scopes.modules.push(unchecked_range);
            }
            Payload::End(_) if in_module => in_module = false,
            _ if in_module => {}
            Payload::ComponentSection { unchecked_range, .. } => {
                open.push(Scope { range: unchecked_range, ..Scope::default() });
            }
            Payload::End(_) => {
                let ended = Origin::Component(scopes.components.len());
                scopes.components.extend(open.pop());
                match open.last_mut() {
                    Some(parent) => parent.push("component", ended),
                    None => break,
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self::alias(&mut open, alias?);
                }
            }
            payload => scope_of(&mut open, 0).payload(&payload)?,
        }
    }
    Ok(scopes)
}

/// The component that is `count` out from the innermost open one.
fn scope_of(open: &mut [Scope], count: u32) -> &mut Scope {
    let last = open.len() - 1;
    &mut open[last.saturating_sub(count as usize)]
}

fn alias(open: &mut [Scope], alias: ComponentAlias<'_>) {
    match alias {
        ComponentAlias::InstanceExport { kind, instance_index, name } => {
            let scope = scope_of(open, 0);
            let origin = match scope.origin("instance", instance_index) {
                Origin::Bag(exports) => exports.get(name).cloned().unwrap_or(Origin::Unknown),
                of => Origin::Export(Rc::new(of), name.to_owned()),
            };
            scope.push(space(kind), origin);
        }
        ComponentAlias::Outer { kind, count, index } => {
            let space = match kind {
                ComponentOuterAliasKind::CoreModule => "module",
                ComponentOuterAliasKind::Component => "component",
                ComponentOuterAliasKind::Type => "type",
                ComponentOuterAliasKind::CoreType => return,
            };
            // An import of the outer component is none of this one.
            let origin = match scope_of(open, count).origin(space, index) {
                origin @ (Origin::Module(_) | Origin::Component(_)) => origin,
                _ => Origin::Unknown,
            };
            scope_of(open, 0).push(space, origin);
        }
        ComponentAlias::CoreInstanceExport { kind, instance_index, .. } => {
            let space = match kind {
                ExternalKind::Func | ExternalKind::FuncExact => "core func",
                ExternalKind::Memory => "core memory",
                ExternalKind::Table | ExternalKind::Global | ExternalKind::Tag => return,
            };
            scope_of(open, 0).push(space, Origin::Core(instance_index));
        }
    }
}

impl Scope {
    /// The name of the instance with `index`, from the name section.
    pub(super) fn instance_name(&self, index: u32) -> String {
        self.names.get(&index).cloned().unwrap_or_else(|| format!("instance {index}"))
    }

    fn payload(&mut self, payload: &Payload<'_>) -> Result<(), Fault> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    self.push(ref_space(&import.ty), Origin::Import(import.name.name.to_owned()));
                }
            }
            Payload::ComponentTypeSection(section) => {
                (0..section.count()).for_each(|_| self.push("type", Origin::Unknown));
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    self.canonical(&function?);
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    let of = self.origin(space(export.kind), export.index);
                    self.exports.insert(export.name.name.to_owned(), of.clone());
                    self.push(space(export.kind), of);
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        self.core_instances.push(self.origin("module", module_index));
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section.clone() {
                    self.instance(&instance?);
                }
            }
            Payload::CustomSection(section) => {
                if let wasmparser::KnownCustom::ComponentName(names) = section.as_known() {
                    // Names are decoration: a malformed section only means that there are none.
                    names.flatten().for_each(|name| self.name(name));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn canonical(&mut self, function: &CanonicalFunction) {
        if let CanonicalFunction::Lift { options, .. } = function {
            let in_memory = options.iter().any(|option| matches!(option, CanonicalOption::Memory(_)));
            self.push("func", Origin::Lifted { in_memory });
            return;
        }
        if let CanonicalFunction::Lower { func_index, options } = function {
            let function = self.origin("func", *func_index);
            let is_async = options.contains(&CanonicalOption::Async);
            let meeting = self.meeting(options);
            self.lowered.push(Lowered { function, is_async, meeting });
        }
        // All others make a core function.
        self.push("core func", Origin::Unknown);
    }

    fn meeting(&mut self, options: &[CanonicalOption]) -> Option<Meeting> {
        let all = options.iter().filter_map(|option| match option {
            CanonicalOption::Memory(index) => Some(self.origin("core memory", *index)),
            CanonicalOption::Realloc(index) => Some(self.origin("core func", *index)),
            _ => None,
        });
        let all = all.collect::<Vec<_>>();
        let first = all.first()?;
        let memory = match first {
            Origin::Core(memory) if all.iter().all(|origin| origin == first) => Some(*memory),
            _ => None,
        };
        if self.turn.0 != memory {
            self.turn = (memory, self.turn.1 + 1);
        }
        let made = (self.instances.len(), self.core_instances.len());
        memory.map(|memory| Meeting { made, memory, turns: self.turn.1 })
    }

    fn instance(&mut self, instance: &ComponentInstance<'_>) {
        let index = self.spaces.get("instance").map_or(0, Vec::len) as u32;
        match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                let arguments = args.iter().map(|arg| Argument {
                    name: arg.name.to_owned(),
                    kind: arg.kind,
                    index: arg.index,
                    origin: self.origin(space(arg.kind), arg.index),
                });
                let arguments = arguments.collect();
                let definition = self.origin("component", *component_index);
                self.push("instance", Origin::Instance(self.instances.len()));
                self.instances.push(Made { index, definition, arguments });
            }
            ComponentInstance::FromExports(exports) => {
                let exports = exports.iter().map(|export| {
                    (export.name.name.to_owned(), self.origin(space(export.kind), export.index))
                });
                let bag = Origin::Bag(Rc::new(exports.collect()));
                self.push("instance", bag);
            }
        }
    }

    fn name(&mut self, name: ComponentName<'_>) {
        if let ComponentName::Instances(names) = name {
            self.names
                .extend(names.into_iter().flatten().map(|naming| (naming.index, naming.name.to_owned())));
        }
    }

    fn push(&mut self, space: &'static str, origin: Origin) {
        self.spaces.entry(space).or_default().push(origin);
    }

    fn origin(&self, space: &str, index: u32) -> Origin {
        self.spaces
            .get(space)
            .and_then(|origins| origins.get(index as usize))
            .cloned()
            .unwrap_or(Origin::Unknown)
    }
}

fn space(kind: ComponentExternalKind) -> &'static str {
    match kind {
        ComponentExternalKind::Module => "module",
        ComponentExternalKind::Func => "func",
        ComponentExternalKind::Value => "value",
        ComponentExternalKind::Type => "type",
        ComponentExternalKind::Instance => "instance",
        ComponentExternalKind::Component => "component",
    }
}

fn ref_space(ty: &ComponentTypeRef) -> &'static str {
    match ty {
        ComponentTypeRef::Module(_) => "module",
        ComponentTypeRef::Func(_) => "func",
        ComponentTypeRef::Value(_) => "value",
        ComponentTypeRef::Type(_) => "type",
        ComponentTypeRef::Instance(_) => "instance",
        ComponentTypeRef::Component(_) => "component",
    }
}
