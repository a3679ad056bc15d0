//! Parsed components: the value that every later phase reads. It is made by `parse` and never changes.

use std::collections::BTreeMap;
use std::fmt;

use wasmparser::collections::IndexMap;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentEntityType, ComponentInstanceTypeId, ComponentItem, ComponentTypeId,
    ResourceId,
};
use wasmparser::types::TypesRef;
use wcompose_wit::{ExternName, MatchKey};

use crate::input::{Bytes, InstanceName};
use crate::request::Rename;
use crate::resources::{self, Resource, Resources};
use crate::share::Definitions;
use crate::types::offered_name;

/// One input, which is one instance of the composition. The order is that of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(pub(crate) usize);

/// One import of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImportId {
    /// The instance that imports.
    pub instance: InstanceId,
    pub(crate) index: usize,
}

/// One export of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExportId {
    /// The instance that exports.
    pub instance: InstanceId,
    pub(crate) index: usize,
}

/// The parsed inputs. Their types share one list, so that types of different components compare.
pub struct Components<'a> {
    pub(crate) types: wasmparser::types::Types,
    pub(crate) list: Vec<Component<'a>>,
    pub(crate) host: Host,
    pub(crate) definitions: Definitions,
}

/// What the target runtime provides, in the form of worlds that import it, as far as an input may ask for it. Empty if there is
/// no host.
#[derive(Default)]
pub(crate) struct Host {
    pub imports: Vec<Extern>,
    pub resources: Vec<Resource>,
}

impl Host {
    pub(crate) fn new(types: TypesRef<'_>, worlds: impl Iterator<Item = ComponentTypeId>) -> Host {
        let mut host = Host::default();
        for world in worlds {
            let imports = externs(&types[world].imports);
            let first = host.imports.len();
            host.resources.extend(resources::imported(types, world, &imports).into_iter().map(
                |mut resource| {
                    resource.places.iter_mut().for_each(|(index, _)| *index += first);
                    resource
                },
            ));
            host.imports.extend(imports);
        }
        host
    }

    /// What it provides on the track of `key`.
    pub(crate) fn provides(&self, key: &MatchKey<'_>) -> Option<&Extern> {
        self.imports.iter().find(|import| import.key() == *key)
    }
}

/// One parsed component.
pub struct Component<'a> {
    /// The instance that it is.
    pub id: InstanceId,
    /// The name of that instance.
    pub name: InstanceName,
    /// The file as the user spelled it.
    pub file: String,
    /// The bytes of the file, or what recolouring made of them.
    pub bytes: Bytes<'a>,
    /// The functions that recolouring made `async`.
    pub changes: Vec<Change>,
    pub(crate) imports: Vec<Extern>,
    pub(crate) exports: Vec<Extern>,
    /// The resources that those show.
    pub(crate) resources: Resources,
}

/// A function of an import or export that recolouring made `async`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// On which side of the component.
    pub side: Facing,
    /// The import or export.
    pub item: ExternName,
    /// The way to the function inside it; empty if it is the function itself.
    pub path: Vec<String>,
    /// The name that the export has now, if it is another.
    pub renamed: Option<ExternName>,
}

/// A function of an import, and the one that serves it.
pub(crate) struct Served {
    /// Its name in the import.
    pub needed: String,
    /// Whether the import needs it `async`.
    pub needed_async: bool,
    /// The name of the one that serves it.
    pub offered: String,
    /// Whether that one is `async`.
    pub offered_async: bool,
}

/// Imports or exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facing {
    /// What a component imports.
    Import,
    /// What it exports.
    Export,
}

impl fmt::Display for Change {
    /// `demo:kv/store#get is now async`; an import says that it is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.side == Facing::Import { "import " } else { "" };
        write!(f, "{side}{} is now async", self.function())?;
        self.renamed.as_ref().map_or(Ok(()), |name| write!(f, ", as {name}"))
    }
}

impl Change {
    /// The function: `demo:kv/store#get`.
    pub fn function(&self) -> String {
        self.path.iter().fold(self.item.to_string(), |text, name| format!("{text}#{name}"))
    }
}

/// An import or an export.
#[derive(Clone, Debug)]
pub struct Extern {
    /// Its name.
    pub name: ExternName,
    /// The interface that it says it implements, if its name is a label that does.
    pub implements: Option<ExternName>,
    pub(crate) ty: ComponentEntityType,
}

impl Extern {
    /// What decides which exports are candidates for it: the interface that it implements, or its name.
    pub fn key(&self) -> MatchKey<'_> {
        self.implements.as_ref().unwrap_or(&self.name).key()
    }

    /// What it is, in one word: `interface`, `function`, `type`, `module`, `component` or `value`.
    pub fn kind(&self) -> &'static str {
        match self.ty {
            ComponentEntityType::Instance(_) => "interface",
            ComponentEntityType::Func(_) => "function",
            ComponentEntityType::Type { .. } => "type",
            ComponentEntityType::Module(_) => "module",
            ComponentEntityType::Component(_) => "component",
            ComponentEntityType::Value(_) => "value",
        }
    }
}

impl<'a> Components<'a> {
    /// The components in the order of the command line.
    pub fn iter(&self) -> std::slice::Iter<'_, Component<'a>> {
        self.list.iter()
    }

    /// The component that `id` stands for.
    pub fn get(&self, id: InstanceId) -> &Component<'a> {
        &self.list[id.0]
    }

    /// The component whose instance has that name.
    pub fn by_name(&self, name: &str) -> Option<&Component<'a>> {
        self.list.iter().find(|component| component.name.as_str() == name)
    }

    /// The import that `id` stands for.
    pub fn import(&self, id: ImportId) -> &Extern {
        &self.get(id.instance).imports[id.index]
    }

    /// The export that `id` stands for.
    pub fn export(&self, id: ExportId) -> &Extern {
        &self.get(id.instance).exports[id.index]
    }

    /// All imports, by instance and then in the order of the binary.
    pub fn imports(&self) -> impl Iterator<Item = ImportId> + '_ {
        self.list.iter().flat_map(|component| component.import_ids())
    }

    /// Whether recolouring changed a function of the import, in the importer or in the provider, which has it under
    /// another name if `renames` say so.
    pub(crate) fn recoloured(&self, import: ImportId, provider: ExportId, renames: &[Rename]) -> bool {
        let (needed, offered) = (self.import(import), self.export(provider));
        let own = |change: &Change| change.side == Facing::Import && change.item == needed.name;
        let renamed = |path: &[String]| renames.iter().any(|rename| [&rename.offered].into_iter().eq(path));
        let used = |change: &Change| {
            let item = change.side == Facing::Export && change.item == offered.name;
            item && (self.follow(needed.ty, &change.path).is_some() || renamed(&change.path))
        };
        self.get(import.instance).changes.iter().any(own)
            || self.get(provider.instance).changes.iter().any(used)
    }

    /// The same components, with the bytes and changes that `of` gives for each.
    pub(crate) fn over<'b>(self, of: impl Fn(InstanceId) -> (Bytes<'b>, Vec<Change>)) -> Components<'b> {
        let list = self.list.into_iter().map(|component| {
            let (bytes, changes) = of(component.id);
            Component {
                id: component.id,
                name: component.name,
                file: component.file,
                bytes,
                changes,
                imports: component.imports,
                exports: component.exports,
                resources: component.resources,
            }
        });
        let list = list.collect();
        let Components { types, host, definitions, .. } = self;
        Components { list, types, host, definitions }
    }

    pub(crate) fn types(&self) -> TypesRef<'_> {
        self.types.as_ref()
    }

    /// The items of an instance type, by name.
    pub(crate) fn items(&self, id: ComponentInstanceTypeId) -> &IndexMap<String, ComponentItem> {
        &self.types[id].exports
    }

    /// The functions of an import or export, and whether their type is `async`.
    pub(crate) fn functions(&self, item: &Extern) -> Vec<(String, bool)> {
        let of = |name: &str, ty| match ty {
            ComponentEntityType::Func(id) => Some((name.to_owned(), self.types[id].async_)),
            _ => None,
        };
        match item.ty {
            ComponentEntityType::Instance(id) => {
                self.items(id).iter().filter_map(|(name, item)| of(name, item.ty)).collect()
            }
            ty => of(item.name.as_str(), ty).into_iter().collect(),
        }
    }

    /// The functions of an import, each with the one of `provider` that serves it, under another name if `renames` say so.
    pub(crate) fn served(&self, import: ImportId, provider: ExportId, renames: &[Rename]) -> Vec<Served> {
        let (needed, offered) = (self.import(import), self.export(provider));
        let offers = self.functions(offered).into_iter().collect::<BTreeMap<_, _>>();
        let alone = matches!(needed.ty, ComponentEntityType::Func(_));
        let served = self.functions(needed).into_iter().filter_map(|(needed, needed_async)| {
            let name = offered_name(renames, &needed);
            let offer = if alone { offers.first_key_value() } else { offers.get_key_value(name) };
            let (offered, offered_async) = offer.map(|(name, is_async)| (name.clone(), *is_async))?;
            Some(Served { needed, needed_async, offered, offered_async })
        });
        served.collect()
    }

    /// The functions of an interface, by name; none if it is no interface.
    pub(crate) fn functions_inside(&self, item: &Extern) -> Vec<(&String, ComponentEntityType)> {
        let ComponentEntityType::Instance(id) = item.ty else { return Vec::new() };
        let items = self.items(id).iter();
        let functions = items.filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)));
        functions.map(|(name, item)| (name, item.ty)).collect()
    }

    /// Walks from `ty` along the names in `path` through nested instances.
    pub(crate) fn follow(&self, ty: ComponentEntityType, path: &[String]) -> Option<ComponentEntityType> {
        path.iter().try_fold(ty, |ty, name| match ty {
            ComponentEntityType::Instance(id) => self.types[id].exports.get(name).map(|item| item.ty),
            _ => None,
        })
    }

    /// The resource that the type export at `path` inside `ty` stands for.
    pub(crate) fn resource_at(&self, ty: ComponentEntityType, path: &[String]) -> Option<ResourceId> {
        match self.follow(ty, path)? {
            ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. } => {
                Some(id.resource())
            }
            _ => None,
        }
    }
}

impl Component<'_> {
    /// Its imports, in the order of the binary.
    pub fn import_ids(&self) -> impl Iterator<Item = ImportId> + use<> {
        let instance = self.id;
        (0..self.imports.len()).map(move |index| ImportId { instance, index })
    }

    /// Its exports, in the order of the binary.
    pub fn export_ids(&self) -> impl Iterator<Item = ExportId> + use<> {
        let instance = self.id;
        (0..self.exports.len()).map(move |index| ExportId { instance, index })
    }

    /// Whether it is a WIT package in its binary form: it imports nothing and exports types of components and instances.
    pub(crate) fn is_wit_package(&self) -> bool {
        let describes = |export: &Extern| {
            let ComponentEntityType::Type { created, .. } = export.ty else { return false };
            matches!(created, ComponentAnyTypeId::Component(_) | ComponentAnyTypeId::Instance(_))
        };
        self.imports.is_empty() && !self.exports.is_empty() && self.exports.iter().all(describes)
    }

    pub(crate) fn new<'a>(
        id: InstanceId,
        input: &crate::input::Input<'a>,
        types: TypesRef<'_>,
        ty: ComponentTypeId,
    ) -> Component<'a> {
        let (imports, exports) = (externs(&types[ty].imports), externs(&types[ty].exports));
        Component {
            id,
            name: input.name.clone(),
            file: input.file.clone(),
            bytes: Bytes::Input(input.bytes),
            changes: Vec::new(),
            resources: Resources::of(types, ty, &imports, &exports),
            imports,
            exports,
        }
    }
}

fn externs(items: &IndexMap<String, ComponentItem>) -> Vec<Extern> {
    items
        .iter()
        .map(|(name, item)| Extern {
            name: ExternName::new(name.as_str()),
            implements: item.implements.as_deref().map(ExternName::new),
            ty: item.ty,
        })
        .collect()
}
