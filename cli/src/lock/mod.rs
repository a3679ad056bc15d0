//! The lock, `wcompose.lock`: what the compositions of a manifest came to when they were last linked. How it is read is
//! here, how it is written `text`, how two differ `drift`.

mod drift;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use wcompose::{Digest, Inputs};

use crate::fault::{self, LoadError, TextFile, fault};
use crate::files::{self, FileError};
use crate::report::{Report, State};
use crate::settings::Settings;
use crate::versions;

/// The version of the format that is read and written.
const VERSION: u32 = 1;

/// What the compositions of a manifest came to.
#[derive(Clone, Debug)]
pub(crate) struct Lock {
    /// The release of wcompose that wrote it.
    pub wcompose: String,
    /// By name.
    pub compositions: BTreeMap<String, Locked>,
}

/// The lock of a manifest, written by wcompose. One line a fact; lists by name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "wcompose.lock")]
struct RawLock {
    /// The version of this format; it grows when a reader could be misled by a change.
    #[schemars(with = "u32")]
    version: Spanned<u32>,
    /// The release of wcompose that wrote it.
    wcompose: String,
    /// What each composition came to, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Locked>")]
    composition: BTreeMap<Spanned<String>, Locked>,
}

/// What a composition came to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Composition")]
pub(crate) struct Locked {
    /// The runtime that it is for.
    target: String,
    /// The features of it that are switched on beside those that it has on by itself.
    features: Vec<String>,
    /// The files that it was made of.
    inputs: Vec<LockedInput>,
    /// Each import that another instance serves.
    connections: Vec<LockedConnection>,
    /// Each import that is left to the host.
    host: Vec<LockedHost>,
    /// What it exports.
    exports: Vec<LockedExport>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Input")]
struct LockedInput {
    /// The name of its instance.
    name: String,
    /// Its path from the manifest.
    path: String,
    /// How many bytes it has.
    size: u64,
    /// Its SHA-256 digest, in hexadecimal digits.
    #[schemars(with = "String")]
    sha256: Digest,
}

/// An import that another instance serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Connection")]
struct LockedConnection {
    /// The instance that imports.
    importer: String,
    /// The name of its import.
    import: String,
    /// The instance that exports.
    provider: String,
    /// The name of its export.
    export: String,
    /// How the provider was chosen: `wire`, `only`, `chain` or `earlier`.
    how: String,
    /// What makes the two sides fit, if they do not by themselves: `recolour`.
    bridge: Option<String>,
    /// The functions that the export has under other names: by the name in the import, that in the export.
    #[serde(default)]
    renames: BTreeMap<String, String>,
}

/// An import that is left to the host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HostImport")]
struct LockedHost {
    /// The instance that imports.
    importer: String,
    /// The name of its import.
    import: String,
}

/// An export of the composition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Export")]
struct LockedExport {
    /// Its name.
    name: String,
    /// The instance that it comes from.
    instance: String,
    /// Its name there.
    export: String,
}

impl Lock {
    /// The lock that nothing stands in yet.
    pub(crate) fn empty() -> Lock {
        Lock { wcompose: versions::WCOMPOSE.to_owned(), compositions: BTreeMap::new() }
    }

    /// Where the lock of a manifest is: beside it, with another extension.
    pub(crate) fn path(manifest: &Path) -> PathBuf {
        manifest.with_extension("lock")
    }

    /// Reads the lock at `path`; `None` if there is none.
    pub(crate) fn load(path: &Path) -> Result<Option<Lock>, LoadError> {
        if files::absent(path).is_some() {
            return Ok(None);
        }
        let file = TextFile::read(path)?;
        match parse(&file.text) {
            Ok(lock) => Ok(Some(lock)),
            Err(fault) => {
                Err(LoadError::Faulty(file, vec![fault.or_help("`wcompose lock` writes the lock anew")]))
            }
        }
    }

    /// Writes it to `path`, in the place of what is there.
    pub(crate) fn write(&self, path: &Path) -> Result<(), FileError> {
        files::write_bytes(path, text::text(self).as_bytes())
    }
}

fn parse(text: &str) -> Result<Lock, fault::Fault> {
    let raw = fault::from_toml::<RawLock>(text)?;
    if *raw.version.get_ref() != VERSION {
        let message = format!("this is a lock of version {}, and not {VERSION}", raw.version.get_ref());
        return Err(fault(raw.version.span(), message));
    }
    let mut compositions = BTreeMap::new();
    for (name, locked) in raw.composition {
        if let Some(twice) = drift::said_twice(&locked) {
            return Err(fault(name.span(), format!("the lock of `{}` has {twice} twice", name.get_ref())));
        }
        compositions.insert(name.into_inner(), locked);
    }
    Ok(Lock { wcompose: raw.wcompose, compositions })
}

/// The inputs of a link, as they were read.
#[derive(Clone, Debug)]
pub(crate) struct LockedInputs(Vec<LockedInput>);

impl LockedInputs {
    /// The inputs of `settings`, which were read as `inputs`. Their paths are written as they are from `folder`.
    pub(crate) fn of(settings: &Settings, inputs: &Inputs<'_>, folder: &Path) -> LockedInputs {
        let read = inputs.iter().zip(inputs.digests());
        let inputs = settings.inputs.iter().zip(read).map(|(input, (read, sha256))| {
            let path = input.path.strip_prefix(folder).unwrap_or(&input.path);
            LockedInput {
                name: input.name.to_string(),
                path: path.to_string_lossy().replace('\\', "/"),
                size: read.bytes.len() as u64,
                sha256: *sha256,
            }
        });
        let mut inputs = inputs.collect::<Vec<_>>();
        inputs.sort();
        LockedInputs(inputs)
    }
}

impl Locked {
    /// What `settings` came to by `report`, with inputs that were read as `inputs`.
    pub(crate) fn of(settings: &Settings, inputs: LockedInputs, report: &Report) -> Locked {
        let (mut connections, mut host) = (Vec::new(), Vec::new());
        for import in &report.imports {
            let (importer, name) = (import.instance.clone(), import.name.clone());
            match &import.state {
                State::Connected { provider, export, matched, bridge, renames } => {
                    connections.push(LockedConnection {
                        importer,
                        import: name,
                        provider: provider.clone(),
                        export: export.clone(),
                        how: (*matched).to_owned(),
                        bridge: bridge.map(str::to_owned),
                        renames: renames
                            .iter()
                            .map(|rename| (rename.needed.clone(), rename.offered.clone()))
                            .collect(),
                    });
                }
                State::Host { .. } => host.push(LockedHost { importer, import: name }),
                State::Substituted | State::Unsatisfied { .. } => {}
            }
        }
        let exports = report.exports.iter().map(|export| LockedExport {
            name: export.name.clone(),
            instance: export.instance.clone(),
            export: export.export.clone(),
        });
        let mut exports = exports.collect::<Vec<_>>();
        connections.sort();
        host.sort();
        exports.sort();
        let (target, features) = chosen_target(settings);
        Locked { target, features, inputs: inputs.0, connections, host, exports }
    }
}

/// The target of a link as a lock has it, and its features.
fn chosen_target(settings: &Settings) -> (String, Vec<String>) {
    let mut features = settings.features.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    features.sort();
    features.dedup();
    (settings.request.target.name().to_owned(), features)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What reads locks beside us relies on the published schema, so it must be that of the types above.
    #[test]
    fn the_schema_is_published() {
        crate::schema::published::<RawLock>("lock");
    }
}
