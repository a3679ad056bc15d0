//! The output: the bytes of the composition, and what is counted while they are made.

use std::io::{self, Write};

use wasm_encoder::{ComponentSection, CustomSection};

use crate::provenance::{Provenance, SECTION};
use crate::rope::Rope;

/// The bytes of a composition.
#[derive(Clone, Debug, Default)]
pub struct Output<'a> {
    pub(crate) rope: Rope<'a>,
    /// How many instances one scope has at most.
    pub(crate) instances: u32,
}

impl Output<'_> {
    /// The bytes in order, in pieces. Each ends where a section or the head of a nested component does.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        self.rope.pieces()
    }

    /// The bytes in the same pieces, and whether each was made by the link: the others are of inputs.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = (&[u8], bool)> {
        self.rope.told_apart()
    }

    /// How many instances one component has at most, of the root and the scopes inside: those that it makes, imports, or
    /// takes out of others. Runtimes limit their number.
    pub fn instances(&self) -> u32 {
        self.instances
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.rope.len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same with a section at its end that says what it was made of.
    pub(crate) fn with_provenance(mut self, provenance: &Provenance) -> Self {
        let section = CustomSection { name: SECTION.into(), data: provenance.encode().into() };
        section.append_to_component(self.rope.append());
        self
    }

    /// The bytes from the offset `from` on, in the same pieces.
    pub fn chunks_from(&self, from: usize) -> impl Iterator<Item = &[u8]> {
        let mut left_out = from;
        self.chunks().filter_map(move |chunk| {
            let (before, rest) = chunk.split_at(left_out.min(chunk.len()));
            left_out -= before.len();
            (!rest.is_empty()).then_some(rest)
        })
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
}
