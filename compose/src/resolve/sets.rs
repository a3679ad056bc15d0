//! Sets of resources that count as one.

use std::collections::BTreeMap;

use wasmparser::component_types::ResourceId;

/// Disjoint sets, each with a representative.
#[derive(Default)]
pub(super) struct Sets {
    /// Each resource that is not its own representative, with one nearer to it.
    toward: BTreeMap<ResourceId, ResourceId>,
}

impl Sets {
    /// Makes one set of those of `a` and `b`. The representative of `b` becomes that of both.
    pub(super) fn unite(&mut self, a: ResourceId, b: ResourceId) {
        let (a, b) = (self.representative(a), self.representative(b));
        if a != b {
            self.toward.insert(a, b);
        }
    }

    /// The representative of the set that holds `id`.
    pub(super) fn representative(&self, mut id: ResourceId) -> ResourceId {
        while let Some(next) = self.toward.get(&id) {
            id = *next;
        }
        id
    }

    /// Every resource that is not its own representative, with its representative.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (ResourceId, ResourceId)> + '_ {
        self.toward.keys().map(|id| (*id, self.representative(*id)))
    }
}
