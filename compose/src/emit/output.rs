//! The output as a rope: what is new, and ranges of inputs that are embedded as they are.

use std::io::{self, Write};

use crate::input::Bytes;

/// The bytes of a composition.
#[derive(Clone, Debug, Default)]
pub struct Output<'a> {
    chunks: Vec<Chunk<'a>>,
    /// How many instances the root has: those that it makes, imports, or takes out of others.
    pub(super) instances: u32,
}

#[derive(Clone, Debug)]
enum Chunk<'a> {
    New(Vec<u8>),
    Component(Bytes<'a>),
}

impl<'a> Output<'a> {
    /// The bytes in order, in pieces. A nested component is a piece of its own.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.chunks.iter().map(|chunk| match chunk {
            Chunk::New(bytes) => bytes.as_slice(),
            Chunk::Component(bytes) => bytes,
        })
    }

    /// How many instances the root component has: those that it makes, imports, or takes out of others. Runtimes limit
    /// their number.
    pub fn instances(&self) -> u32 {
        self.instances
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.chunks().map(<[u8]>::len).sum()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes all bytes to `to`.
    pub fn write_to(&self, to: &mut dyn Write) -> io::Result<()> {
        self.chunks().try_for_each(|chunk| to.write_all(chunk))
    }

    /// All bytes in one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        self.chunks().for_each(|chunk| bytes.extend_from_slice(chunk));
        bytes
    }

    pub(super) fn append(&mut self) -> &mut Vec<u8> {
        if !matches!(self.chunks.last(), Some(Chunk::New(_))) {
            self.chunks.push(Chunk::New(Vec::new()));
        }
        match self.chunks.last_mut() {
            Some(Chunk::New(bytes)) => bytes,
            _ => unreachable!("a new chunk was just pushed"),
        }
    }

    pub(super) fn embed(&mut self, component: Bytes<'a>) {
        self.chunks.push(Chunk::Component(component));
    }
}
