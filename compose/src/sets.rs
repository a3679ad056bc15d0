//! Sets of things that count as one.

use std::collections::BTreeMap;

/// Disjoint sets, each with a representative. A set is a tree, and the smaller one is put below the larger, so that the way
/// to the top is short however many were united in a row.
pub(crate) struct Sets<T> {
    /// Each that is not at the top of its set, with the one above it.
    above: BTreeMap<T, T>,
    /// The tops of sets of several: how many are in the set, and its representative.
    tops: BTreeMap<T, (usize, T)>,
}

impl<T> Default for Sets<T> {
    fn default() -> Sets<T> {
        Sets { above: BTreeMap::new(), tops: BTreeMap::new() }
    }
}

impl<T: Copy + Ord> Sets<T> {
    /// Makes one set of those of `a` and `b`. The representative of `b` becomes that of both.
    pub(crate) fn unite(&mut self, a: T, b: T) {
        let (a, b) = (self.top(a), self.top(b));
        if a == b {
            return;
        }
        let ((size_of_a, _), (size_of_b, representative)) = (self.set(a), self.set(b));
        let (small, large) = if size_of_a < size_of_b { (a, b) } else { (b, a) };
        self.above.insert(small, large);
        self.tops.remove(&small);
        self.tops.insert(large, (size_of_a + size_of_b, representative));
    }

    /// The representative of the set that holds `id`.
    pub(crate) fn representative(&self, id: T) -> T {
        self.set(self.top(id)).1
    }

    /// Every one that is not its own representative, with its representative.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (T, T)> + '_ {
        let united = self.above.keys().chain(self.tops.keys());
        united.map(|id| (*id, self.representative(*id))).filter(|(id, representative)| id != representative)
    }

    fn top(&self, mut id: T) -> T {
        while let Some(above) = self.above.get(&id) {
            id = *above;
        }
        id
    }

    /// How many are in the set of a top, and the representative.
    fn set(&self, top: T) -> (usize, T) {
        self.tops.get(&top).copied().unwrap_or((1, top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whose name is told decides the words of diagnostics and the types that are written, so the second of two sets gives
    /// it, however large they are.
    #[test]
    fn the_second_set_gives_the_representative() {
        let mut sets = Sets::default();
        sets.unite(1, 2);
        sets.unite(1, 3);
        sets.unite(4, 2);
        sets.unite(3, 5);
        assert_eq!([1, 2, 3, 4, 5].map(|id| sets.representative(id)), [5; 5]);
        assert_eq!(sets.representative(6), 6);
        let mut pairs = sets.pairs().collect::<Vec<_>>();
        pairs.sort_unstable();
        assert_eq!(pairs, [1, 2, 3, 4].map(|id| (id, 5)));
    }
}
