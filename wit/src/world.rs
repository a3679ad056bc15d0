//! The world of a component: its imports and exports as WIT text and as plain data, and what a WIT world asks for.
//!
//! Reading bytes and printing WIT are wit-parser's and wit-component's; this file only gives them one shape.

use std::fmt;

use serde::Serialize;
use wit_component::{DecodedWasm, OutputToString, WitPrinter};
use wit_parser::{Function, PackageId, Resolve, WorldId, WorldItem as Item, WorldKey};

use crate::{ExternName, spelling};

/// The world of one component.
pub struct World {
    resolve: Resolve,
    world: WorldId,
}

/// Why a world could not be shown. The message comes from the WIT decoder and reads after "cannot show the world: ".
#[derive(Debug)]
pub struct WorldError(String);

impl fmt::Display for WorldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WorldError {}

/// One import or export of a world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WorldItem {
    /// An interface and its functions, in the order of their declaration.
    Interface {
        /// The extern name.
        name: String,
        /// The functions, methods included.
        functions: Vec<FunctionItem>,
        /// The names of its types, resources included.
        types: Vec<String>,
    },
    /// A function of the world itself.
    Function(FunctionItem),
    /// A type of the world itself.
    Type {
        /// The name of the type.
        name: String,
    },
}

/// A function as WIT shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FunctionItem {
    /// The name, `[method]counter.bump` for methods.
    pub name: String,
    /// Whether the function's type is `async`.
    #[serde(rename = "async")]
    pub is_async: bool,
    /// The signature in WIT: `async func(name: string) -> string`.
    pub signature: String,
}

/// A package of WIT in its binary form: each of its worlds is a type there, under its name.
pub fn encode_package(resolve: &Resolve, package: PackageId) -> Result<Vec<u8>, WorldError> {
    wit_component::encode(resolve, package).map_err(|error| WorldError(format!("{error:#}")))
}

impl World {
    /// Reads the world of the component in `bytes`.
    ///
    /// Fails if `bytes` is not a component, or has imports or exports that WIT cannot express.
    pub fn decode(bytes: &[u8]) -> Result<World, WorldError> {
        if let Some(name) = spelling::unspeakable(bytes) {
            return Err(WorldError(format!("WIT cannot spell the name `{name}`")));
        }
        match wit_component::decode(bytes) {
            Ok(DecodedWasm::Component(resolve, world)) => Ok(World { resolve, world }),
            Ok(DecodedWasm::WitPackage(..)) => {
                Err(WorldError("this is a WIT package, not a component".into()))
            }
            Err(error) => Err(WorldError(format!("{error:#}"))),
        }
    }

    /// The world as WIT text, with the packages that it refers to.
    pub fn to_wit(&self) -> Result<String, WorldError> {
        let failed = |error| WorldError(format!("{error:#}"));
        let Some(package) = self.resolve.worlds[self.world].package else {
            return Err(WorldError("the world belongs to no package".into()));
        };
        let nested =
            self.resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect::<Vec<_>>();
        let mut printer = WitPrinter::new(OutputToString::default());
        printer.print(&self.resolve, package, &nested).map_err(failed)?;
        Ok(printer.output.to_string())
    }

    /// The imports, in the order of the binary.
    pub fn imports(&self) -> Vec<WorldItem> {
        self.resolve.worlds[self.world].imports.iter().map(|(key, item)| self.item(key, item)).collect()
    }

    /// The exports, in the order of the binary.
    pub fn exports(&self) -> Vec<WorldItem> {
        self.resolve.worlds[self.world].exports.iter().map(|(key, item)| self.item(key, item)).collect()
    }

    fn item(&self, key: &WorldKey, item: &Item) -> WorldItem {
        let name = self.resolve.name_world_key(key);
        match item {
            Item::Interface { id, .. } => {
                let interface = &self.resolve.interfaces[*id];
                WorldItem::Interface {
                    name,
                    functions: interface.functions.values().map(|f| self.function(f)).collect(),
                    types: interface.types.keys().cloned().collect(),
                }
            }
            Item::Function(function) => WorldItem::Function(self.function(function)),
            Item::Type { .. } => WorldItem::Type { name },
        }
    }

    fn function(&self, function: &Function) -> FunctionItem {
        let is_async = function.kind.is_async();
        let params = function
            .params
            .iter()
            .map(|p| format!("{}: {}", p.name, self.type_name(&p.ty)))
            .collect::<Vec<_>>();
        let effect = if is_async { "async " } else { "" };
        let result = function.result.map_or(String::new(), |ty| format!(" -> {}", self.type_name(&ty)));
        FunctionItem {
            name: function.name.clone(),
            is_async,
            signature: format!("{effect}func({}){result}", params.join(", ")),
        }
    }

    fn type_name(&self, ty: &wit_parser::Type) -> String {
        let mut printer = WitPrinter::new(OutputToString::default());
        match printer.print_type_name(&self.resolve, ty) {
            Ok(()) => printer.output.to_string(),
            Err(_) => "?".into(),
        }
    }
}

/// The names of what the world called `world` exports, in a package in its binary form.
///
/// Fails if that is no such package, or has no such world.
pub fn exports_of(package: &[u8], world: &str) -> Result<Vec<ExternName>, WorldError> {
    let decoded = wit_component::decode(package).map_err(|error| WorldError(format!("{error:#}")))?;
    let DecodedWasm::WitPackage(resolve, id) = decoded else {
        return Err(WorldError("a component is no package".into()));
    };
    let found = resolve.packages[id].worlds.get(world);
    let found = found.ok_or_else(|| WorldError(format!("there is no world `{world}`")))?;
    let exports = resolve.worlds[*found].exports.keys();
    Ok(exports.map(|key| ExternName::new(resolve.name_world_key(key))).collect())
}
