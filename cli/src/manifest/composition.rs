//! From the keys of a composition to the composition: each value is of its form, and no two stand against each other.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use wcompose::{
    BridgeRequest, Consent, Digest, InstanceName, Pattern, Policy, PolicyRule, Request, SyntaxError, Target,
};

use super::raw::{RawBridge, RawComponent, RawComponentTable, RawComposition, RawRecolour};
use crate::commands::units;
use crate::fault::{Fault, fault};
use crate::settings::Settings;
use crate::world::WorldName;

/// A composition, as far as it can be known without its files.
pub(crate) struct Composition {
    pub name: String,
    pub(super) components: Vec<Component>,
    /// The file or folder that its world is in.
    pub(super) world: Option<Place>,
    pub(super) suites: Vec<Place>,
    /// What it says beside its components.
    pub(super) settings: Settings,
    /// Where the manifest says where it is written: in its `output`, or else by its name.
    pub(super) output_at: Range<usize>,
}

impl Composition {
    /// Where it is written.
    pub(crate) fn output(&self) -> &Path {
        &self.settings.output
    }
}

/// A file, and where the manifest names it.
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) span: Range<usize>,
}

/// What stands in the list of components.
pub(super) enum Component {
    /// One file.
    File { name: InstanceName, place: Place, digest: Option<Spanned<Digest>> },
    /// The files that match a pattern, which begins in the folder of the manifest.
    Glob(Spanned<String>),
}

/// The composition `name`, with its paths found from `folder`, or all that is wrong with it.
pub(super) fn composition(
    name: &Spanned<String>,
    raw: RawComposition,
    folder: &Path,
) -> Result<Composition, Vec<Fault>> {
    let mut faults = Vec::new();
    if !is_name(name.get_ref()) {
        let help = "it begins with a letter or a digit, and has only those, `-`, `_` and `.`";
        faults.push(fault(name.span(), format!("`{}` cannot name a composition", name.get_ref())).help(help));
    }
    let components = components(raw.components, folder, &mut faults);
    let world = raw.world.map(|world| (world.span(), WorldName::within(folder, world.get_ref())));
    let world_file = world
        .as_ref()
        .and_then(|(span, world)| Some(Place { path: world.path()?.to_owned(), span: span.clone() }));
    let request = Request {
        default_wires: parsed(raw.wires, &mut faults, |text| text.parse()),
        roots: raw.roots,
        exports: parsed(raw.exports, &mut faults, |text| text.parse()),
        allow_imports: raw.allow_imports.into_iter().map(Pattern::new).collect(),
        policies: policies(
            parsed(raw.deny, &mut faults, Policy::deny),
            parsed(raw.only, &mut faults, Policy::only),
        ),
        bridge: raw.bridge.map_or_else(BridgeRequest::default, |bridge| match bridge {
            RawBridge::Recolour => BridgeRequest::Recolour,
            RawBridge::Adapter => BridgeRequest::Adapter,
            RawBridge::None => BridgeRequest::None,
        }),
        recolour: match raw.recolour {
            Some(RawRecolour::All(true)) => Consent::All,
            None | Some(RawRecolour::All(false)) => Consent::None,
            Some(RawRecolour::Of(names)) if names.is_empty() => Consent::None,
            Some(RawRecolour::Of(names)) => Consent::Of(names),
        },
        allow_unused: raw.allow_unused,
        target: one(raw.target, &mut faults, |name| {
            Target::by_name(name).ok_or_else(|| unknown("target", name, Target::NAMES))
        })
        .unwrap_or_default(),
        ..Request::default()
    };
    let features = raw.features.into_iter().filter_map(|name| {
        one(Some(name), &mut faults, |name| crate::commands::feature(name).map_err(|message| (message, None)))
    });
    let features = features.collect();
    let budget = one(raw.budget, &mut faults, |text| units::bytes(text).map_err(|message| (message, None)));
    let output = raw.output.unwrap_or_else(|| {
        let beside = PathBuf::from(format!("{}.wasm", name.get_ref()));
        Spanned::new(name.span(), beside)
    });
    if !is_file(output.get_ref()) {
        faults.push(no_file(output.span(), output.get_ref()));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Composition {
        name: name.get_ref().clone(),
        components,
        world: world_file,
        suites: raw.suites.into_iter().map(|path| place(path, folder)).collect(),
        settings: Settings {
            request,
            world: world.map(|(_, world)| world),
            features,
            output: folder.join(output.get_ref()),
            budget,
            ..Settings::default()
        },
        output_at: output.span(),
    })
}

/// Whether a composition may have this name: it is the name of a file too.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain)
}

fn components(
    raw: Spanned<Vec<Spanned<RawComponent>>>,
    folder: &Path,
    faults: &mut Vec<Fault>,
) -> Vec<Component> {
    if raw.get_ref().is_empty() {
        faults.push(fault(raw.span(), "the composition has no components"));
    }
    let mut components = Vec::new();
    for raw in raw.into_inner() {
        match component(raw, folder) {
            Ok(component) => components.push(component),
            Err(found) => faults.push(found),
        }
    }
    components
}

fn place(path: Spanned<PathBuf>, folder: &Path) -> Place {
    Place { span: path.span(), path: folder.join(path.into_inner()) }
}

/// Reads a value by `read`, which says of a wrong one what is wrong, and what helps.
fn one<T>(
    text: Option<Spanned<String>>,
    faults: &mut Vec<Fault>,
    read: impl FnOnce(&str) -> Result<T, (String, Option<String>)>,
) -> Option<T> {
    let text = text?;
    match read(text.get_ref()) {
        Ok(value) => Some(value),
        Err((message, help)) => {
            let told = fault(text.span(), message);
            faults.push(help.into_iter().fold(told, Fault::help));
            None
        }
    }
}

fn unknown<'n>(
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'n str> + Clone,
) -> (String, Option<String>) {
    let near = wcompose::suggestion(name, known.clone().into_iter());
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    };
    (format!("there is no {what} `{name}`"), Some(help))
}

/// Reads values that have the form of an option's.
fn parsed<T>(
    texts: Vec<Spanned<String>>,
    faults: &mut Vec<Fault>,
    read: impl Fn(&str) -> Result<T, SyntaxError>,
) -> Vec<T> {
    let mut values = Vec::new();
    for text in texts {
        match read(text.get_ref()) {
            Ok(value) => values.push(value),
            Err(error) => faults.push(fault(text.span(), error.to_string())),
        }
    }
    values
}

/// Policies, where those that say what alone may be reached count together if they bind the same instance: a list of them
/// would otherwise allow nothing.
fn policies(deny: Vec<Policy>, only: Vec<Policy>) -> Vec<Policy> {
    let mut policies = deny;
    for Policy { subject, rule } in only {
        let same = policies.iter_mut().find_map(|policy| match (&mut policy.rule, &rule) {
            (PolicyRule::Only(patterns), PolicyRule::Only(more)) if policy.subject == subject => {
                Some((patterns, more))
            }
            _ => None,
        });
        match same {
            Some((patterns, more)) => patterns.extend(more.iter().cloned()),
            None => policies.push(Policy { subject, rule }),
        }
    }
    policies
}

fn component(raw: Spanned<RawComponent>, folder: &Path) -> Result<Component, Fault> {
    let span = raw.span();
    let RawComponentTable { name, path, glob, sha256 } = match raw.into_inner() {
        RawComponent::File(path) => {
            RawComponentTable { name: None, path: Some(path), glob: None, sha256: None }
        }
        RawComponent::Table(table) => table,
    };
    match (path, glob) {
        (Some(path), None) => file(span, name, path, sha256, folder),
        (None, Some(glob)) => match (name, sha256) {
            (None, None) => Ok(Component::Glob(glob)),
            (Some(text), _) | (_, Some(text)) => {
                let message = "a `glob` stands for several files: it can have neither `name` nor `sha256`";
                Err(fault(text.span(), message).help("list the files with `path`"))
            }
        },
        (Some(_), Some(glob)) => {
            Err(fault(glob.span(), "a component has a `path` or a `glob`, not both").help("make two of it"))
        }
        (None, None) => Err(fault(span, "a component needs a `path` or a `glob`")),
    }
}

fn file(
    span: Range<usize>,
    name: Option<Spanned<String>>,
    path: PathBuf,
    sha256: Option<Spanned<String>>,
    folder: &Path,
) -> Result<Component, Fault> {
    if !is_file(&path) {
        return Err(no_file(span, &path));
    }
    let named = match name {
        Some(name) => {
            InstanceName::new(name.get_ref()).map_err(|error| fault(name.span(), error.to_string()))?
        }
        None => named_after(&path).map_err(|message| {
            fault(span.clone(), message).help("name it: { name = \"NAME\", path = \"...\" }")
        })?,
    };
    let digest = sha256
        .map(|text| match text.get_ref().parse::<Digest>() {
            Ok(digest) => Ok(Spanned::new(text.span(), digest)),
            Err(error) => Err(fault(text.span(), ToString::to_string(&error))),
        })
        .transpose()?;
    Ok(Component::File { name: named, place: Place { path: folder.join(path), span }, digest })
}

/// Whether a path can be that of a file; a manifest has no use for standard input and output.
fn is_file(path: &Path) -> bool {
    path.file_name().is_some() && path != Path::new("-")
}

fn no_file(span: Range<usize>, path: &Path) -> Fault {
    fault(span, format!("`{}` is no path of a file", path.display()))
}

/// The name of an instance whose file is at `path`.
pub(super) fn named_after(path: &Path) -> Result<InstanceName, String> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    InstanceName::new(stem).map_err(|error| error.to_string())
}
