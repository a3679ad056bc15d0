//! The manifest, `wcompose.toml`: compositions and profiles, as far as they can be checked without the files that they
//! name. The keys are `raw`; which files a composition has is `files`; where a manifest is found is `find`.

mod composition;
mod files;
mod find;
mod profile;
mod raw;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::fault::{self, Fault, LoadError, TextFile, fault};
use crate::lock::Lock;
use crate::settings::Settings;
use crate::watch::Watch;
pub(crate) use composition::{Composition, is_name};
pub(crate) use find::{NAME, find};
pub(crate) use profile::{DEV, Profile, RELEASE};
use raw::RawManifest;

/// A manifest, with at least one composition.
pub(crate) struct Manifest {
    /// Its text, to say where something stands.
    pub file: TextFile,
    /// Where it is.
    pub path: PathBuf,
    /// The folder that it is in; paths in it begin there.
    pub folder: PathBuf,
    /// By name.
    pub compositions: Vec<Composition>,
    profiles: BTreeMap<String, Profile>,
}

impl Manifest {
    /// Reads the manifest at `path`, and checks all that it says but whether its files exist.
    pub(crate) fn load(path: &Path) -> Result<Manifest, LoadError> {
        let file = TextFile::read(path)?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let raw = match fault::from_toml::<RawManifest>(&file.text) {
            Ok(raw) => raw,
            Err(fault) => return Err(LoadError::Faulty(file, vec![fault])),
        };
        let mut faults = Vec::new();
        if raw.composition.is_empty() {
            let help = "a composition begins with `[composition.NAME]`";
            faults.push(fault(0..0, "the manifest has no composition").help(help));
        }
        let profiles = profile::profiles(&raw.profile).unwrap_or_else(|found| {
            faults.extend(found);
            BTreeMap::new()
        });
        let mut compositions = Vec::new();
        for (name, raw) in raw.composition {
            match composition::composition(&name, raw, &folder) {
                Ok(composition) => compositions.push(composition),
                Err(found) => faults.extend(found),
            }
        }
        faults.extend(outputs_twice(&compositions));
        faults.extend(compositions.iter().flat_map(|one| files::made_of_itself(one, &folder)));
        if faults.is_empty() {
            Ok(Manifest { file, path: path.to_owned(), folder, compositions, profiles })
        } else {
            Err(LoadError::Faulty(file, faults))
        }
    }

    /// Where its lock is.
    pub(crate) fn lock(&self) -> PathBuf {
        Lock::path(&self.path)
    }

    /// Whether it has a composition of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.compositions.iter().any(|composition| composition.name == name)
    }

    /// The composition `name`, or the only one; else what to say to the user.
    pub(crate) fn composition(&self, name: Option<&str>) -> Result<&Composition, String> {
        let names = || self.compositions.iter().map(|composition| composition.name.as_str());
        let list = || names().map(|name| format!("\n-p {name}")).collect::<String>();
        match (name, &self.compositions[..]) {
            (None, [only]) => Ok(only),
            (None, _) => Err(format!("`{}` has several compositions: say which{}", self.file.name, list())),
            (Some(name), all) => all.iter().find(|composition| composition.name == name).ok_or_else(|| {
                let near = wcompose::suggestion(name, names());
                let near = near.map_or_else(list, |near| format!("\n-p {near}"));
                format!("`{}` has no composition `{name}`{near}", self.file.name)
            }),
        }
    }

    /// The names of all compositions, each after those that it is made of; else what to say to the user.
    pub(crate) fn in_order(&self) -> Result<Vec<&str>, String> {
        let mut rest = self.compositions.iter().collect::<Vec<_>>();
        let mut order = Vec::new();
        while !rest.is_empty() {
            let waits =
                |one: &Composition| rest.iter().any(|other| files::has(one, other.output(), &self.folder));
            let Some(next) = rest.iter().position(|one| !waits(one)) else {
                let names = rest.iter().map(|one| format!("`{}`", one.name)).collect::<Vec<_>>();
                let message = "none of these can be linked first, because each is made of another";
                return Err(format!("{message}: {}", names.join(", ")));
            };
            order.push(rest.remove(next).name.as_str());
        }
        Ok(order)
    }

    /// The profile `name`; else what to say to the user.
    pub(crate) fn profile(&self, name: &str) -> Result<Profile, String> {
        self.profiles.get(name).copied().ok_or_else(|| {
            let list = self.profiles.keys().map(|name| format!("\n--profile {name}")).collect::<String>();
            format!("`{}` has no profile `{name}`{list}", self.file.name)
        })
    }

    /// What a change of could change a composition: the manifest itself, and the files that it names, also if they are
    /// not there.
    pub(crate) fn watch(&self, name: &str) -> Watch {
        let of_manifest = Watch { paths: vec![self.path.clone()], patterns: Vec::new() };
        let all = self.compositions.iter().filter(|composition| composition.name == name);
        all.map(|composition| files::watch(composition, &self.folder)).fold(of_manifest, Watch::and)
    }

    /// The names of all profiles.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// What linking the composition goes by. Fails, with what is wrong, if a file is not there.
    pub(crate) fn settings(
        &self,
        composition: &Composition,
        profile: Profile,
    ) -> Result<Settings, LoadError> {
        let mut settings = files::settings(composition, self)
            .map_err(|faults| LoadError::Faulty(self.file.clone(), faults))?;
        profile.apply(&mut settings);
        Ok(settings)
    }
}

/// A fault for each composition that is written to the file of another: only one of the two could be there.
fn outputs_twice(compositions: &[Composition]) -> impl Iterator<Item = Fault> {
    compositions.iter().enumerate().filter_map(|(place, composition)| {
        let first = compositions[..place]
            .iter()
            .find(|first| crate::files::same_file(first.output(), composition.output()))?;
        let message =
            format!("composition `{}` is written to the file of `{}`", composition.name, first.name);
        Some(fault(composition.output_at.clone(), message).help("give one of them another `output`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Editors check manifests with the published schema, so it must be that of the types that are read.
    #[test]
    fn the_schema_is_published() {
        crate::schema::published::<RawManifest>("manifest");
    }
}
