//! The world that `--world WIT[#WORLD]` names.

use std::path::Path;

use wcompose_wit::WorldRequest;
use wit_parser::Resolve;

/// The file or folder in `WIT[#WORLD]`.
pub(crate) fn path(text: &str) -> &Path {
    Path::new(split(text).0)
}

/// Reads `WIT[#WORLD]`. An error may take several lines.
pub(crate) fn read(text: &str) -> Result<WorldRequest, String> {
    let (path, name) = split(text);
    let mut resolve = Resolve::default();
    let (package, _) =
        resolve.push_path(path).map_err(|error| format!("cannot read `{path}` as WIT: {error:#}"))?;
    let world = resolve.select_world(&[package], name).map_err(|error| {
        let worlds = resolve.packages[package].worlds.keys().map(String::as_str).collect::<Vec<_>>();
        refused(path, name, &worlds).unwrap_or_else(|| format!("cannot use `{text}` as a world: {error:#}"))
    })?;
    Ok(WorldRequest::new(&resolve, world))
}

/// Why none of `worlds` is meant; `None` if the name is not to blame.
fn refused(path: &str, name: Option<&str>, worlds: &[&str]) -> Option<String> {
    let list = || worlds.iter().map(|world| format!("\n--world {path}#{world}")).collect::<String>();
    match (name, worlds) {
        (_, []) => Some(format!("`{path}` has no world")),
        (None, _) => Some(format!("`{path}` has several worlds: say which{}", list())),
        (Some(name), _) if !worlds.contains(&name) => {
            Some(format!("`{path}` has no world `{name}`{}", list()))
        }
        (Some(_), _) => None,
    }
}

/// Takes `WIT[#WORLD]` apart.
fn split(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once('#') {
        Some((path, name)) => (path, Some(name)),
        None => (text, None),
    }
}
