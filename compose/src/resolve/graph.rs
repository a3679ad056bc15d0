//! The graph of instances: who is served by whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::InstanceId;

/// Edges from importers to providers.
#[derive(Default)]
pub(super) struct Graph {
    providers: BTreeMap<InstanceId, BTreeSet<InstanceId>>,
    /// Whether an edge leads to an earlier input. Without one, no way does.
    backward: bool,
}

impl Graph {
    pub(super) fn connect(&mut self, importer: InstanceId, provider: InstanceId) {
        self.backward |= provider < importer;
        self.providers.entry(importer).or_default().insert(provider);
    }

    /// The shortest way along providers from `from` to `to`, both included; `None` if there is none.
    pub(super) fn path(&self, from: InstanceId, to: InstanceId) -> Option<Vec<InstanceId>> {
        if to < from && !self.backward {
            return None;
        }
        let mut came_from = BTreeMap::from([(from, from)]);
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                let mut path = vec![at];
                let mut step = at;
                while step != from {
                    step = came_from[&step];
                    path.push(step);
                }
                path.reverse();
                return Some(path);
            }
            for next in self.providers.get(&at).into_iter().flatten() {
                if !came_from.contains_key(next) {
                    came_from.insert(*next, at);
                    queue.push_back(*next);
                }
            }
        }
        None
    }
}
