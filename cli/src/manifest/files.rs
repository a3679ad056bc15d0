//! Which files a composition has: patterns are expanded, and each file is looked for. Which of them a
//! watch looks at is here too.

use std::ops::Range;
use std::path::{self, Path, PathBuf};

use super::Manifest;
use super::composition::{Component, Composition, Place, named_after};
use crate::fault::{Fault, fault};
use crate::files::{self, InputFile};
use crate::settings::Settings;
use crate::watch::Watch;

/// What linking the composition goes by, but for what a profile says.
pub(super) fn settings(composition: &Composition, manifest: &Manifest) -> Result<Settings, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut found = Vec::<(Range<usize>, InputFile)>::new();
    for component in &composition.components {
        match inputs(component, composition, manifest) {
            Ok(inputs) => found.extend(inputs),
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(composition.world.iter().chain(&composition.suites).filter_map(missing));
    for (place, (span, input)) in found.iter().enumerate() {
        if let Some((first, _)) = found[..place].iter().find(|(_, first)| first.name == input.name) {
            let message = format!("there are two components `{}`", input.name);
            let line = manifest.file.line(first.start);
            let help = format!("the first stands in line {line}: give one of them another `name`");
            faults.push(fault(span.clone(), message).help(help));
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Settings {
        inputs: found.into_iter().map(|(_, input)| input).collect(),
        suites: composition.suites.iter().map(|suite| suite.path.clone()).collect(),
        ..composition.settings.clone()
    })
}

/// How a pattern matches the path of a file that may not be there: as it is found if it is.
const AS_FILES_ARE_FOUND: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// All that the composition names, whether it is there or not.
pub(super) fn watch(composition: &Composition, folder: &Path) -> Watch {
    let named = composition.world.iter().chain(&composition.suites).map(|place| place.path.clone());
    let mut watch = Watch { paths: named.collect(), patterns: Vec::new() };
    for component in &composition.components {
        match component {
            Component::File { place, .. } => watch.paths.push(place.path.clone()),
            Component::Glob(glob) => watch.patterns.push(pattern(glob.get_ref(), folder)),
        }
    }
    watch
}

/// Whether the file at `output` is a component of the composition, or would be if it were there.
pub(super) fn has(composition: &Composition, output: &Path, folder: &Path) -> bool {
    composition.components.iter().any(|component| is(component, output, folder))
}

/// A fault for each component that the output of the composition is: it could be linked once, and never again.
pub(super) fn made_of_itself(composition: &Composition, folder: &Path) -> impl Iterator<Item = Fault> {
    let own = composition.components.iter().filter(move |one| is(one, composition.output(), folder));
    own.map(|component| {
        let (span, what) = match component {
            Component::File { place, .. } => (place.span.clone(), "this is"),
            Component::Glob(glob) => (glob.span(), "this matches"),
        };
        let message = format!("{what} what composition `{}` is written to", composition.name);
        fault(span, message).help("give it an `output` that is none of its components")
    })
}

fn is(component: &Component, output: &Path, folder: &Path) -> bool {
    match component {
        Component::File { place, .. } => files::same_file(&place.path, output),
        Component::Glob(glob) => {
            let pattern = without_here(Path::new(&pattern(glob.get_ref(), folder)));
            glob::Pattern::new(&pattern.to_string_lossy())
                .is_ok_and(|pattern| pattern.matches_path_with(&without_here(output), AS_FILES_ARE_FOUND))
        }
    }
}

/// The path without the parts of it that lead nowhere: patterns match paths as they are spelled.
fn without_here(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != path::Component::CurDir).collect()
}

fn missing(place: &Place) -> Option<Fault> {
    let absent = files::absent(&place.path)?;
    Some(fault(place.span.clone(), absent.to_string()))
}

/// The fault that a component of `composition` is missing, with what helps if another one of the manifest is that component.
fn absent(fault: Fault, component: &Component, composition: &Composition, manifest: &Manifest) -> Fault {
    let mut others = manifest.compositions.iter().filter(|other| other.name != composition.name);
    match others.find(|other| is(component, other.output(), &manifest.folder)) {
        Some(other) => fault.help(format!("`wcompose link -p {}` writes it", other.name)),
        None => fault,
    }
}

/// The inputs that one of the components of `composition` is, each with where the manifest names it.
fn inputs(
    component: &Component,
    composition: &Composition,
    manifest: &Manifest,
) -> Result<Vec<(Range<usize>, InputFile)>, Fault> {
    match component {
        Component::File { name, place, digest } => match missing(place) {
            Some(fault) => {
                let path = place.path.display().to_string();
                let pattern = path.contains(['*', '?']);
                let fault = if pattern { fault.help("a pattern is `{ glob = \"*.wasm\" }`") } else { fault };
                Err(absent(fault, component, composition, manifest))
            }
            None => {
                let (name, path) = (name.clone(), place.path.clone());
                let input = InputFile { name, path, digest: digest.clone() };
                Ok(vec![(place.span.clone(), input)])
            }
        },
        Component::Glob(glob) => {
            let wrong = |message: String| fault(glob.span(), message);
            let paths = matching(glob.get_ref(), &manifest.folder).map_err(wrong)?;
            if paths.is_empty() {
                let fault = wrong(format!("no file matches `{}`", glob.get_ref()));
                return Err(absent(fault, component, composition, manifest));
            }
            let named = paths.into_iter().map(|path| match named_after(&path) {
                Ok(name) => Ok((glob.span(), InputFile { name, path, digest: None })),
                Err(message) => Err(wrong(message)),
            });
            named.collect()
        }
    }
}

/// The files that match a pattern, by path, as bytes compare.
fn matching(glob: &str, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let found = glob::glob(&pattern(glob, folder)).map_err(|error| format!("this is no pattern: {error}"))?;
    let mut paths = found.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

/// A pattern as it is looked for from here.
fn pattern(glob: &str, folder: &Path) -> String {
    let folder = glob::Pattern::escape(&folder.to_string_lossy());
    Path::new(&folder).join(glob).to_string_lossy().into_owned()
}
