//! What a link starts from: named bytes. Where the bytes came from is the caller's business.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde::Serialize;

use crate::provenance::Digest;
use crate::{Nobody, Watcher};

/// The name of an instance in the composition: what `--wire` and the name section call it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct InstanceName(String);

impl InstanceName {
    /// Takes `text` as a name. Fails if it is empty or has `:`, `=`, `/` or control characters, which `--wire` and
    /// terminals could not spell.
    pub fn new(text: impl Into<String>) -> Result<InstanceName, InvalidName> {
        let text = text.into();
        let bad = |c: char| matches!(c, ':' | '=' | '/') || c.is_control();
        if text.is_empty() || text.contains(bad) { Err(InvalidName(text)) } else { Ok(InstanceName(text)) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that cannot name an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidName(pub String);

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` cannot name an instance: it is empty, or has `:`, `=`, `/` or a control character in it",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for InvalidName {}

/// The bytes of a component: those of the input, or those that the link made of them.
#[derive(Clone, Debug)]
pub enum Bytes<'a> {
    /// The caller's.
    Input(&'a [u8]),
    /// Made by recolouring the input.
    Recoloured(Arc<Vec<u8>>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Input(bytes) => bytes,
            Bytes::Recoloured(bytes) => bytes,
        }
    }
}

/// One component to link. Each input is one instance of the composition.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The name of its instance.
    pub name: InstanceName,
    /// The file as the user spelled it, for messages.
    pub file: String,
    /// The bytes of the file.
    pub bytes: &'a [u8],
}

/// Inputs in the order of the command line, each with a name of its own.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    list: Vec<Input<'a>>,
    /// Made once, for whoever asks: a lock, a link.
    digests: OnceLock<Vec<Digest>>,
}

impl<'a> Inputs<'a> {
    /// Takes the inputs in their order. Fails if two have one name.
    pub fn new(inputs: Vec<Input<'a>>) -> Result<Inputs<'a>, DuplicateName> {
        let mut named = BTreeMap::new();
        for input in &inputs {
            if let Some(first) = named.insert(&input.name, input) {
                return Err(DuplicateName {
                    name: input.name.clone(),
                    files: [first.file.clone(), input.file.clone()],
                });
            }
        }
        Ok(Inputs { list: inputs, digests: OnceLock::new() })
    }

    /// The digest of each file, in their order. The first who asks waits until they are made, on all cores.
    pub fn digests(&self) -> &[Digest] {
        self.digests_for(&Nobody, rayon::current_num_threads())
    }

    /// The digests. If they have to be made, it is of what `watcher` reads, on so many threads.
    pub(crate) fn digests_for(&self, watcher: &impl Watcher, threads: usize) -> &[Digest] {
        let make = || {
            // Two in turn take less of all threads, and more of each. They take least if they are of about one length.
            let in_turn = if self.list.len() > threads { 2 } else { 1 };
            let mut inputs = self.list.iter().enumerate().collect::<Vec<_>>();
            inputs.sort_by_key(|(_, input)| Reverse(input.bytes.len()));
            let made = inputs.par_chunks(in_turn).flat_map_iter(|two| {
                let bytes = [0, 1].map(|place| two.get(place).map_or(&[][..], |(_, input)| input.bytes));
                let digests = Digest::of_two(bytes, watcher);
                two.iter().zip(digests).map(|((place, _), digest)| (*place, digest))
            });
            let mut made = made.collect::<Vec<_>>();
            made.sort_unstable_by_key(|(place, _)| *place);
            made.into_iter().map(|(_, digest)| digest).collect()
        };
        self.digests.get_or_init(make)
    }

    /// Whether their digests are made.
    pub(crate) fn are_hashed(&self) -> bool {
        self.digests.get().is_some()
    }

    /// The inputs in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Input<'a>> {
        self.list.iter()
    }
}

/// Two inputs have one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateName {
    /// The name.
    pub name: InstanceName,
    /// The two files, in their order.
    pub files: [String; 2],
}

impl fmt::Display for DuplicateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.files;
        write!(f, "`{first}` and `{second}` are both named `{}`; name one with NAME={second}", self.name)
    }
}

impl std::error::Error for DuplicateName {}
