//! The world that `WIT[#WORLD]|NAME` names, for `--world` and `targets`.

use std::fmt;
use std::path::{Path, PathBuf};

use wcompose::WorldType;
use wcompose_wit::InterfaceName;
use wit_parser::{PackageId, Resolve, WorldId};

/// A world of the user, or one of WASI by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WorldName {
    File(WorldFile),
    Wasi(InterfaceName),
}

/// A world in a file or folder of WIT, by its name where there are several: `WIT[#WORLD]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorldFile {
    path: PathBuf,
    name: Option<String>,
}

impl WorldName {
    /// The world that `text` means, found from `folder`: what is a file is one.
    pub(crate) fn within(folder: &Path, text: &str) -> WorldName {
        match InterfaceName::parse(text) {
            Some(name) if !folder.join(text).exists() => WorldName::Wasi(name),
            _ => WorldName::File(WorldFile::from(text).within(folder)),
        }
    }

    /// The file or folder that it is in.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            WorldName::File(file) => Some(&file.path),
            WorldName::Wasi(_) => None,
        }
    }

    /// The files that are read for it.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>, String> {
        match self {
            WorldName::File(file) => file.files(),
            WorldName::Wasi(_) => Ok(Vec::new()),
        }
    }

    /// Reads all of the world. `option`: what stands before a world where it is given. An error may take several lines.
    pub(crate) fn read(&self, option: &str) -> Result<WorldType, String> {
        match self {
            WorldName::File(file) => file.read(option),
            WorldName::Wasi(name) => WorldType::wasi(name).map_err(|error| error.to_string()),
        }
    }
}

impl From<&str> for WorldName {
    fn from(text: &str) -> WorldName {
        WorldName::within(Path::new(""), text)
    }
}

impl From<&str> for WorldFile {
    fn from(text: &str) -> WorldFile {
        match text.rsplit_once('#') {
            Some((path, name)) => WorldFile { path: path.into(), name: Some(name.into()) },
            None => WorldFile { path: text.into(), name: None },
        }
    }
}

impl fmt::Display for WorldFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, "#{name}"))
    }
}

impl WorldFile {
    fn files(&self) -> Result<Vec<PathBuf>, String> {
        let read = Resolve::default().push_path(&self.path);
        let (_, sources) =
            read.map_err(|error| format!("cannot read `{}` as WIT: {error:#}", self.path.display()))?;
        Ok(sources.paths().map(PathBuf::from).collect())
    }

    /// The same as it is found from `folder`.
    fn within(self, folder: &Path) -> WorldFile {
        WorldFile { path: folder.join(self.path), name: self.name }
    }

    fn read(&self, option: &str) -> Result<WorldType, String> {
        let (resolve, package, world) = self.resolve(option)?;
        let bytes = wcompose_wit::encode_package(&resolve, package)
            .map_err(|error| format!("cannot use `{self}` as a world: {error}"))?;
        let world = resolve.worlds[world].name.clone();
        Ok(WorldType { name: self.to_string(), world, package: bytes.into() })
    }

    fn resolve(&self, option: &str) -> Result<(Resolve, PackageId, WorldId), String> {
        let path = self.path.display();
        let mut resolve = Resolve::default();
        let (package, _) = resolve
            .push_path(&self.path)
            .map_err(|error| format!("cannot read `{path}` as WIT: {error:#}"))?;
        let world = resolve.select_world(&[package], self.name.as_deref()).map_err(|error| {
            let worlds = resolve.packages[package].worlds.keys().map(String::as_str).collect::<Vec<_>>();
            let refused = self.refused(option, &worlds);
            refused.unwrap_or_else(|| format!("cannot use `{self}` as a world: {error:#}"))
        })?;
        Ok((resolve, package, world))
    }

    /// Why none of `worlds` is meant; `None` if the name is not to blame.
    fn refused(&self, option: &str, worlds: &[&str]) -> Option<String> {
        let path = self.path.display();
        let list = || worlds.iter().map(|world| format!("\n{option}{path}#{world}")).collect::<String>();
        match (self.name.as_deref(), worlds) {
            (_, []) => Some(format!("`{path}` has no world")),
            (None, _) => Some(format!("`{path}` has several worlds: say which{}", list())),
            (Some(name), _) if !worlds.contains(&name) => {
                Some(format!("`{path}` has no world `{name}`{}", list()))
            }
            (Some(_), _) => None,
        }
    }
}
