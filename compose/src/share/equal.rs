//! Which definitions are equal. Bytes are compared: a hash says only what is worth comparing.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::definition::Kind;

/// All definitions that are equal to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Class(usize);

/// A part of a definition's content. Custom sections are no content, except where the reader says so.
#[derive(PartialEq, Eq)]
pub(super) enum Part<'a> {
    Bytes(&'a [u8]),
    /// A definition inside, or an alias of one outside: whatever stands for an equal definition is equal.
    Definition(Class),
}

/// The classes so far.
#[derive(Default)]
pub(super) struct Classes<'a> {
    known: Vec<(Kind, Vec<Part<'a>>)>,
    by_hash: BTreeMap<u64, Vec<Class>>,
}

impl<'a> Classes<'a> {
    /// The class of a definition with this content.
    pub(super) fn of(&mut self, kind: Kind, parts: Vec<Part<'a>>) -> Class {
        let alike = self.by_hash.entry(hash(&parts)).or_default();
        let content = (kind, parts);
        if let Some(class) = alike.iter().find(|class| self.known[class.0] == content) {
            return *class;
        }
        let class = Class(self.known.len());
        alike.push(class);
        self.known.push(content);
        class
    }
}

fn hash(parts: &[Part<'_>]) -> u64 {
    let mut hasher = FxHasher::default();
    for part in parts {
        match part {
            Part::Bytes(bytes) => sample(bytes, &mut hasher),
            Part::Definition(class) => class.hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// Hashes the length, the beginning and the end: what differs only between is told apart when it is compared.
fn sample(bytes: &[u8], hasher: &mut FxHasher) {
    const MOST: usize = 4096;
    bytes.len().hash(hasher);
    if bytes.len() <= 2 * MOST {
        hasher.write(bytes);
    } else {
        hasher.write(&bytes[..MOST]);
        hasher.write(&bytes[bytes.len() - MOST..]);
    }
}
