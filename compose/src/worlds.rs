//! Worlds by name: those of WASI that a runtime may implement, as data, and how a world of the user is given.

use std::borrow::Cow;
use std::fmt;

use wcompose_wit::{ExternName, InterfaceName, WorldError, exports_of};

use crate::diagnostics::suggestion;

/// A world: a WIT package in its binary form, and which of its worlds is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorldType {
    /// What the user calls it, for messages.
    pub name: String,
    /// Its name in the package.
    pub world: String,
    /// The package.
    pub package: Cow<'static, [u8]>,
}

/// A world that says what a composition exports.
#[derive(Clone, Debug)]
pub struct WorldRequest {
    world: WorldType,
    exports: Vec<ExternName>,
}

impl WorldRequest {
    /// Fails if the package of `world` cannot be read, or does not have it.
    pub fn new(world: WorldType) -> Result<WorldRequest, WorldError> {
        let exports = exports_of(&world.package, &world.world)?;
        Ok(WorldRequest { world, exports })
    }

    /// The world itself.
    pub fn world(&self) -> &WorldType {
        &self.world
    }

    /// The names of what it exports.
    pub fn exports(&self) -> &[ExternName] {
        &self.exports
    }

    /// The same world, as one that asks for these names.
    pub(crate) fn asking_for(&self, exports: Vec<ExternName>) -> WorldRequest {
        WorldRequest { world: self.world.clone(), exports }
    }

    /// Whether it exports something of this name.
    pub(crate) fn asks_for(&self, name: &ExternName) -> bool {
        self.exports.iter().any(|asked| asked.key() == name.key())
    }
}

/// The worlds of WASI: their names, and those that they have in the table.
const WASI: [(&str, &str); 5] = [
    ("wasi:cli/command@0.2.12", "cli-command-p2"),
    ("wasi:cli/command@0.3.0", "cli-command-p3"),
    ("wasi:http/proxy@0.2.12", "http-proxy-p2"),
    ("wasi:http/service@0.3.0", "http-service-p3"),
    ("wasi:http/middleware@0.3.0", "http-middleware-p3"),
];

/// How the table is made is said in `compose/targets/README.md`.
const TABLE: &[u8] = include_bytes!("../targets/wasi-worlds.wasm");

impl WorldType {
    /// The names of the worlds of WASI that [`WorldType::wasi`] knows.
    pub fn wasi_names() -> impl Iterator<Item = &'static str> {
        WASI.iter().map(|(name, _)| *name)
    }

    /// The world of WASI of that name. A version on the same track means the same world: `wasi:http/service@0.3.2`.
    pub fn wasi(name: &InterfaceName) -> Result<WorldType, UnknownWorld> {
        let meant = |known: &str| InterfaceName::parse(known).is_some_and(|known| known.key() == name.key());
        let known = WASI.iter().find(|(known, _)| meant(known));
        match known {
            Some((name, world)) => {
                Ok(WorldType { name: (*name).into(), world: (*world).into(), package: Cow::Borrowed(TABLE) })
            }
            None => {
                let version = name.version.as_ref().map_or_else(String::new, |version| format!("@{version}"));
                Err(UnknownWorld(format!("{}{version}", name.path)))
            }
        }
    }
}

/// No world of WASI that is known has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWorld(String);

impl fmt::Display for UnknownWorld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no world `{}` is known", self.0)?;
        match suggestion(&self.0, WorldType::wasi_names()) {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => {
                let names = WorldType::wasi_names().collect::<Vec<_>>();
                write!(f, "; known by name are {}", names.join(", "))
            }
        }
    }
}

impl std::error::Error for UnknownWorld {}
