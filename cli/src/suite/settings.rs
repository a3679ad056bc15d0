//! What a suite says of the sandbox: for all of its cases under `[defaults]`, and for one. Spelled as the options of the
//! command line are, before which it counts.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};
use wcompose_run::{Directory, Network, Options};

use crate::commands::units;

/// Whatever is said. The rest is as the command line has it.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Settings {
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    pub env: BTreeMap<String, String>,
    #[serde(deserialize_with = "directories")]
    dir: Vec<Directory>,
    inherit_network: Option<bool>,
    #[serde(deserialize_with = "size")]
    max_memory: Option<u64>,
    #[serde(deserialize_with = "size")]
    max_process_memory: Option<u64>,
    max_handles: Option<u64>,
    #[serde(deserialize_with = "size")]
    max_output: Option<u64>,
    #[serde(deserialize_with = "size")]
    hostcall_fuel: Option<u64>,
}

impl Settings {
    /// Finds directories from `folder`, where the suite is.
    pub(super) fn within(mut self, folder: &Path) -> Settings {
        self.dir.iter_mut().for_each(|directory| directory.host = folder.join(&directory.host));
        self
    }

    /// Puts what is said here in the place of what `options` have.
    pub(super) fn apply(&self, options: &mut Options) {
        options.environment.retain(|(name, _)| !self.env.contains_key(name));
        options.environment.extend(self.env.clone());
        options.directories.extend(self.dir.iter().cloned());
        match self.inherit_network {
            Some(true) => options.network = Network::Inherited,
            Some(false) => options.network = Network::Denied,
            None => {}
        }
        let limits = &mut options.limits;
        limits.run_time = self.timeout.or(limits.run_time);
        limits.linear_memory = self.max_memory.or(limits.linear_memory);
        limits.process_memory = self.max_process_memory.or(limits.process_memory);
        limits.handles = self.max_handles.unwrap_or(limits.handles);
        limits.output = self.max_output.unwrap_or(limits.output);
        limits.hostcall_fuel = self.hostcall_fuel.unwrap_or(limits.hostcall_fuel);
    }
}

/// Reads a duration as the command line spells it.
pub(super) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    units::duration(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn size<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    units::size(&String::deserialize(from)?).map(Some).map_err(D::Error::custom)
}

fn directories<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Directory>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| units::directory(text).map_err(D::Error::custom)).collect()
}
