//! The inside of a component: its instances, what connects them, and which imports its code calls how, read from the
//! root of any component.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentName, ComponentTypeRef, Parser, Payload,
};

use crate::parse::Fault;

/// The instances at the root of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Composition {
    /// The instances that are made there, in order.
    pub instances: Vec<CompositionInstance>,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompositionInstance {
    /// Its name in the name section, or `instance N`.
    pub name: String,
    /// What its imports are given.
    pub arguments: Vec<Argument>,
}

/// What one import is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// The name of the import.
    pub import: String,
    /// Where it comes from: the name of an instance and its export, or an import of the component.
    pub from: String,
}

impl Composition {
    /// Reads the root of the component in `bytes`. Nested components are passed over.
    pub fn read(bytes: &[u8]) -> Result<Composition, Fault> {
        Ok(Reader::read(bytes)?.finish())
    }
}

/// The functions that core code at the root of the component calls without `async`, so that each call waits for its
/// result: the name of the import, and of its function if it is an interface. Empty if `bytes` are no component.
pub(crate) fn lowered_without_async(bytes: &[u8]) -> BTreeSet<(String, Option<String>)> {
    let lowered = Reader::read(bytes).map(|reader| reader.lowered).unwrap_or_default();
    let names = lowered.into_iter().filter_map(|origin| match origin {
        Origin::Import(import) => Some((import, None)),
        Origin::Export(of, function) => match *of {
            Origin::Import(import) => Some((import, Some(function))),
            _ => None,
        },
        _ => None,
    });
    names.collect()
}

/// Where an index of an index space came from.
#[derive(Clone)]
enum Origin {
    Import(String),
    Instance(usize),
    Export(Box<Origin>, String),
    Unknown,
}

#[derive(Default)]
struct Reader {
    spaces: BTreeMap<&'static str, Vec<Origin>>,
    instances: Vec<(u32, Vec<(String, Origin)>)>,
    names: BTreeMap<u32, String>,
    /// The functions that are lowered without `async`.
    lowered: Vec<Origin>,
}

impl Reader {
    fn read(bytes: &[u8]) -> Result<Reader, Fault> {
        let mut reader = Reader::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                payload if depth == 0 => reader.payload(&payload)?,
                _ => {}
            }
        }
        Ok(reader)
    }

    fn payload(&mut self, payload: &Payload<'_>) -> Result<(), Fault> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    self.push(ref_space(&import.ty), Origin::Import(import.name.name.to_owned()));
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    match alias? {
                        ComponentAlias::InstanceExport { kind, instance_index, name } => {
                            let of = self.origin("instance", instance_index);
                            self.push(space(kind), Origin::Export(Box::new(of), name.to_owned()));
                        }
                        ComponentAlias::Outer { kind: wasmparser::ComponentOuterAliasKind::Type, .. } => {
                            self.push("type", Origin::Unknown);
                        }
                        _ => {}
                    }
                }
            }
            Payload::ComponentTypeSection(section) => {
                (0..section.count()).for_each(|_| self.push("type", Origin::Unknown));
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    match function? {
                        CanonicalFunction::Lift { .. } => self.push("func", Origin::Unknown),
                        CanonicalFunction::Lower { func_index, options }
                            if !options.contains(&CanonicalOption::Async) =>
                        {
                            let of = self.origin("func", func_index);
                            self.lowered.push(of);
                        }
                        _ => {}
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    let of = self.origin(space(export.kind), export.index);
                    self.push(space(export.kind), of);
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

    fn instance(&mut self, instance: &ComponentInstance<'_>) {
        let index = self.spaces.get("instance").map_or(0, Vec::len) as u32;
        match instance {
            ComponentInstance::Instantiate { args, .. } => {
                let args =
                    args.iter().map(|arg| (arg.name.to_owned(), self.origin(space(arg.kind), arg.index)));
                let args = args.collect();
                self.push("instance", Origin::Instance(self.instances.len()));
                self.instances.push((index, args));
            }
            ComponentInstance::FromExports(_) => self.push("instance", Origin::Unknown),
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

    fn finish(self) -> Composition {
        let instances = self.instances.iter().map(|(index, arguments)| CompositionInstance {
            name: self.instance_name(*index),
            arguments: arguments
                .iter()
                .map(|(import, origin)| Argument { import: import.clone(), from: self.words(origin) })
                .collect(),
        });
        Composition { instances: instances.collect() }
    }

    fn instance_name(&self, index: u32) -> String {
        self.names.get(&index).cloned().unwrap_or_else(|| format!("instance {index}"))
    }

    fn words(&self, origin: &Origin) -> String {
        match origin {
            Origin::Import(name) => format!("import {name}"),
            Origin::Instance(place) => self.instance_name(self.instances[*place].0),
            Origin::Export(of, name) => format!("{}:{name}", self.words(of)),
            Origin::Unknown => "itself".into(),
        }
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
