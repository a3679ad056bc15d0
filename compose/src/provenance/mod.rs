//! Provenance: what a composition was made of, and by what, as a custom section of it. It holds names and digests, but no
//! path, date or machine, so that equal inputs give equal bytes. Who made the inputs, and from what source, is not known
//! here: what their own sections say stays in them.

mod digest;
mod made;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::input::InstanceName;
use crate::resolve::Bridge;
use crate::sections::{id, sections};
pub use digest::Digest;
pub(crate) use made::{read, record};

/// The name of the custom section at the root of a composition.
pub(crate) const SECTION: &str = "wcompose-provenance";

/// The version of the section's content that this release writes and reads.
const VERSION: u32 = 1;

/// What a composition was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of this format.
    pub version: u32,
    /// What made it.
    pub tool: Tool,
    /// The runtime that it was made for.
    pub target: ProvenanceTarget,
    /// The inputs that are instances of it, by name.
    pub inputs: Vec<ProvenanceInput>,
    /// What each import of each instance was connected to, by instance and import.
    pub connections: Vec<ProvenanceConnection>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The runtime that a composition was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenanceTarget {
    /// The name, as `--target` takes it.
    pub name: String,
    /// The runtime whose validator passed it.
    pub runtime: Tool,
    /// The features that were switched on beside those that it has on by itself.
    pub features: Vec<String>,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenanceInput {
    /// The name of its instance.
    pub name: String,
    /// The digest of the file.
    pub sha256: Digest,
    /// The size of the file.
    pub bytes: usize,
    /// What the input itself was made of, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Box<Provenance>>,
}

/// One import and what serves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProvenanceConnection {
    /// The instance that imports.
    pub instance: String,
    /// The name of its import.
    pub import: String,
    /// What it is given.
    pub from: Provider,
    /// What makes the two sides fit, if they do not by themselves. What is recoloured stands in the composition with other
    /// types than in the file of the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridge: Option<Bridge>,
}

/// What an import is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// What the host provides: `"host"`.
    Host,
    /// An export of an instance.
    Instance {
        /// The name of the instance.
        name: String,
        /// The name of the export.
        export: String,
    },
}

/// A section that is there and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableProvenance(String);

impl fmt::Display for UnreadableProvenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its section `{SECTION}` cannot be read: {}", self.0)
    }
}

impl std::error::Error for UnreadableProvenance {}

impl Provenance {
    /// Reads what the component in `bytes` says it was made of; `None` if it says nothing. What it says is a claim of
    /// whoever wrote the file: nothing but the digests of files at hand can be checked.
    pub fn read(bytes: &[u8]) -> Result<Option<Provenance>, UnreadableProvenance> {
        // Where the file is damaged, nothing more is read.
        let custom = sections(bytes).map_while(Result::ok).filter(|section| section.id == id::CUSTOM);
        let mut own = custom.filter_map(|section| section.custom().ok()).filter(|(name, _)| *name == SECTION);
        let (first, second) = (own.next(), own.next());
        match (first, second) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(UnreadableProvenance("there are several".into())),
            (Some((_, content)), None) => Provenance::decode(content).map(Some),
        }
    }

    fn decode(content: &[u8]) -> Result<Provenance, UnreadableProvenance> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let unreadable = |error: serde_json::Error| UnreadableProvenance(error.to_string());
        // Of another version, nothing else can be relied on.
        let Versioned { version } = serde_json::from_slice(content).map_err(unreadable)?;
        if version != VERSION {
            return Err(UnreadableProvenance(format!("it is of version {version}, not {VERSION}")));
        }
        let provenance = serde_json::from_slice::<Provenance>(content).map_err(unreadable)?;
        match provenance.inconsistency() {
            None => Ok(provenance),
            Some(what) => Err(UnreadableProvenance(what)),
        }
    }

    /// What the names in it contradict: each input has one of its own, and connections are between them.
    fn inconsistency(&self) -> Option<String> {
        let mut names = BTreeSet::new();
        for input in &self.inputs {
            if let Err(error) = InstanceName::new(input.name.as_str()) {
                return Some(error.to_string());
            }
            if !names.insert(&input.name) {
                return Some(format!("two inputs are named `{}`", input.name));
            }
        }
        let ends = self.connections.iter().flat_map(|connection| match &connection.from {
            Provider::Host => vec![&connection.instance],
            Provider::Instance { name, .. } => vec![&connection.instance, name],
        });
        let stranger = ends.into_iter().find(|name| !names.contains(name));
        let stranger = stranger.map(|name| format!("no input is named `{name}`, which is connected"));
        let inputs = self.inputs.iter().filter_map(|input| input.provenance.as_ref());
        stranger.or_else(|| inputs.into_iter().find_map(|provenance| provenance.inconsistency()))
    }

    /// The content of the section.
    pub(crate) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("provenance holds only text, numbers and lists")
    }
}
