//! Bytes that are made of new pieces and of ranges of components, so that nothing large is copied before it is written.

use std::ops::Range;

use crate::input::Bytes;

/// A row of bytes in pieces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rope<'a>(Vec<Piece<'a>>);

/// A place in a rope.
#[derive(Clone, Copy)]
pub(crate) struct Place(usize);

#[derive(Clone, Debug)]
enum Piece<'a> {
    New(Vec<u8>),
    Range(Bytes<'a>, Range<usize>),
}

impl Piece<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Piece::New(bytes) => bytes,
            Piece::Range(bytes, range) => &bytes[range.clone()],
        }
    }
}

impl<'a> From<&Bytes<'a>> for Rope<'a> {
    /// All of a component alone.
    fn from(bytes: &Bytes<'a>) -> Rope<'a> {
        Rope(vec![Piece::Range(bytes.clone(), 0..bytes.len())])
    }
}

impl From<Vec<u8>> for Rope<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Rope(vec![Piece::New(bytes)])
    }
}

impl<'a> Rope<'a> {
    /// The pieces in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Piece::bytes)
    }

    /// The pieces in order, and whether each is new.
    pub(crate) fn told_apart(&self) -> impl Iterator<Item = (&[u8], bool)> {
        self.0.iter().map(|piece| (piece.bytes(), matches!(piece, Piece::New(_))))
    }

    /// The number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.pieces().map(<[u8]>::len).sum()
    }

    /// Where to put new bytes that come next.
    pub(crate) fn append(&mut self) -> &mut Vec<u8> {
        if !matches!(self.0.last(), Some(Piece::New(_))) {
            self.0.push(Piece::New(Vec::new()));
        }
        match self.0.last_mut() {
            Some(Piece::New(bytes)) => bytes,
            _ => unreachable!("a new piece was just pushed"),
        }
    }

    /// Adds a range of a component.
    pub(crate) fn embed(&mut self, bytes: &Bytes<'a>, range: Range<usize>) {
        if !range.is_empty() {
            self.0.push(Piece::Range(bytes.clone(), range));
        }
    }

    /// Leaves a place for bytes that are made later. What is appended next comes behind it.
    pub(crate) fn leave_place(&mut self) -> Place {
        self.0.extend([Piece::New(Vec::new()), Piece::New(Vec::new())]);
        Place(self.0.len() - 2)
    }

    /// Fills a place that was left. What is filled moves the places behind it, so the last has to be filled first.
    pub(crate) fn fill(&mut self, place: Place, rope: Rope<'a>) {
        self.0.splice(place.0..=place.0, rope.0);
    }

    /// Adds all pieces of another rope.
    pub(crate) fn extend(&mut self, other: Rope<'a>) {
        self.0.extend(other.0);
    }
}
