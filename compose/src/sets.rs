//! Sets of things that count as one.

use std::collections::BTreeMap;

/// Disjoint sets, each with a representative.
pub(crate) struct Sets<T> {
    /// Each that is not its own representative, with one nearer to it.
    toward: BTreeMap<T, T>,
}

impl<T> Default for Sets<T> {
    fn default() -> Sets<T> {
        Sets { toward: BTreeMap::new() }
    }
}

impl<T: Copy + Ord> Sets<T> {
    /// Makes one set of those of `a` and `b`. The representative of `b` becomes that of both.
    pub(crate) fn unite(&mut self, a: T, b: T) {
        let (a, b) = (self.representative(a), self.representative(b));
        if a != b {
            self.toward.insert(a, b);
        }
    }

    /// The representative of the set that holds `id`.
    pub(crate) fn representative(&self, mut id: T) -> T {
        while let Some(next) = self.toward.get(&id) {
            id = *next;
        }
        id
    }

    /// Every one that is not its own representative, with its representative.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (T, T)> + '_ {
        self.toward.keys().map(|id| (*id, self.representative(*id)))
    }
}
