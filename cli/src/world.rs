//! The world that `WIT[#WORLD]|NAME` names, for `--world` and `targets`.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use wcompose::WorldType;
use wcompose_wit::InterfaceName;
use wit_parser::{ParseError, Resolve, ResolveError, Span, WorldId};

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
        // The name of a track will do for a version: `wasi:cli/command@0.2`.
        match InterfaceName::parse(text).or_else(|| InterfaceName::parse(&format!("{text}.0"))) {
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
        let mut resolve = Resolve::default();
        let read = resolve.push_path(&self.path);
        let (_, sources) =
            read.map_err(|error| self.unreadable(&resolve, &format!("{error:#}"), error.as_ref()))?;
        Ok(sources.paths().map(PathBuf::from).collect())
    }

    /// The same as it is found from `folder`.
    fn within(self, folder: &Path) -> WorldFile {
        WorldFile { path: folder.join(self.path), name: self.name }
    }

    fn read(&self, option: &str) -> Result<WorldType, String> {
        let (resolve, world) = self.resolve(option)?;
        let world = &resolve.worlds[world];
        // It may stand in another package than the file or folder does.
        let package = world.package.expect("a world that was read from WIT stands in a package");
        let bytes = wcompose_wit::encode_package(&resolve, package)
            .map_err(|error| format!("cannot use `{self}` as a world: {error}"))?;
        Ok(WorldType { name: self.to_string(), world: world.name.clone(), package: bytes.into() })
    }

    fn resolve(&self, option: &str) -> Result<(Resolve, WorldId), String> {
        let mut resolve = Resolve::default();
        let read = resolve.push_path(&self.path);
        let (package, _) =
            read.map_err(|error| self.unreadable(&resolve, &format!("{error:#}"), error.as_ref()))?;
        let world = resolve.select_world(&[package], self.name.as_deref()).map_err(|error| {
            let worlds = resolve.packages[package].worlds.keys().map(String::as_str).collect::<Vec<_>>();
            let refused = self.refused(option, &worlds);
            refused.unwrap_or_else(|| format!("cannot use `{self}` as a world: {error:#}"))
        })?;
        Ok((resolve, world))
    }

    /// What is wrong with the WIT, and where, if that is known.
    fn unreadable(&self, resolve: &Resolve, message: &str, error: &(dyn Error + 'static)) -> String {
        let mut causes =
            std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source());
        let span = causes.find_map(|error| {
            let parse = error.downcast_ref::<ParseError>().map(|error| error.kind().span());
            parse.or_else(|| error.downcast_ref::<ResolveError>().map(|error| error.kind().span()))
        });
        let place = span.filter(Span::is_known).map(|span| format!("\nat {}", resolve.render_location(span)));
        format!("cannot read `{}` as WIT: {message}{}", self.path.display(), place.unwrap_or_default())
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
