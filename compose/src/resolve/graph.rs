//! The graph of instances: who is served by whom.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::component::InstanceId;

/// Edges between importers and providers.
#[derive(Default)]
pub(super) struct Graph {
    providers: Edges,
    importers: Edges,
    /// What was found out when somebody asked last, as long as it holds.
    asked: Option<Search>,
}

/// Edges, by where they begin.
#[derive(Default)]
struct Edges(BTreeSet<(InstanceId, InstanceId)>);

impl Edges {
    /// Where the edges from `id` lead.
    fn from(&self, id: InstanceId) -> impl Iterator<Item = InstanceId> {
        self.0.range((id, InstanceId(0))..=(id, InstanceId(usize::MAX))).map(|(_, to)| *to)
    }
}

/// What is known of the ways to an instance. No edge that begins at it changes that.
struct Search {
    to: InstanceId,
    /// Those from which a way leads there, itself among them, as far as they were found.
    needing: BTreeSet<InstanceId>,
    /// Those of them whose importers were not looked at.
    open: Vec<InstanceId>,
    /// Some of those from which no way does.
    others: BTreeSet<InstanceId>,
}

impl Graph {
    pub(super) fn connect(&mut self, importer: InstanceId, provider: InstanceId) {
        self.providers.0.insert((importer, provider));
        self.importers.0.insert((provider, importer));
        self.asked = self.asked.take().filter(|search| search.to == importer);
    }

    /// Whether a way leads along providers from `from` to `to`.
    ///
    /// It is looked for from both ends by turns, so that the end with less to see decides: an instance that is connected in
    /// the order of its chain, or against it, has nothing beyond it yet on one side. What was seen counts for the next question
    /// about `to`.
    pub(super) fn leads(&mut self, from: InstanceId, to: InstanceId) -> bool {
        if self.providers.from(from).next().is_none() {
            return from == to;
        }
        let known = self.asked.take().filter(|search| search.to == to);
        let known = known.unwrap_or_else(|| Search {
            to,
            needing: BTreeSet::from([to]),
            open: vec![to],
            others: BTreeSet::new(),
        });
        let Search { needing, open, others, .. } = self.asked.insert(known);
        let (mut seen, mut ahead) = (BTreeSet::from([from]), vec![from]);
        while !open.is_empty() {
            let Some(at) = ahead.pop() else {
                others.extend(seen);
                return false;
            };
            if needing.contains(&at) {
                return true;
            }
            let providers = self.providers.from(at);
            ahead.extend(providers.filter(|id| !others.contains(id) && seen.insert(*id)));
            if !ahead.is_empty()
                && let Some(at) = open.pop()
            {
                open.extend(self.importers.from(at).filter(|id| needing.insert(*id)));
            }
        }
        needing.contains(&from)
    }

    /// The shortest way along providers from `from` to `to`, both included; `None` if there is none.
    pub(super) fn path(&self, from: InstanceId, to: InstanceId) -> Option<Vec<InstanceId>> {
        let mut came_from = BTreeMap::from([(from, from)]);
        let mut queue = VecDeque::from([from]);
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
            for next in self.providers.from(at) {
                if let Entry::Vacant(entry) = came_from.entry(next) {
                    entry.insert(at);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A way that is not seen closes a cycle in the composition; one that is not there loses a provider. So what `leads` remembers
    /// between questions and edges is held against a search that remembers nothing.
    #[test]
    fn leads_where_a_path_is() {
        let mut seed = 1_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            InstanceId((seed >> 33) as usize % below)
        };
        for instances in 2..40 {
            let (mut graph, mut closed) = (Graph::default(), 0);
            for _ in 0..4 * instances {
                let (importer, all) =
                    (random(instances), (0..3).map(|_| random(instances)).collect::<Vec<_>>());
                for provider in all {
                    let leads = graph.leads(provider, importer);
                    assert_eq!(leads, graph.path(provider, importer).is_some(), "{provider:?} {importer:?}");
                    if leads { closed += 1 } else { graph.connect(importer, provider) }
                }
            }
            assert!(closed > 0, "no connection would have closed a cycle");
        }
    }

    /// A chain that is connected from one end takes time that grows with its length only if no question walks along it.
    #[test]
    fn the_end_with_less_to_see_decides() {
        let links = (0..1_000).map(|place| (InstanceId(place), InstanceId(place + 1)));
        let of = |links: &mut dyn Iterator<Item = (InstanceId, InstanceId)>| {
            let mut graph = Graph::default();
            for (importer, provider) in links {
                assert!(!graph.leads(provider, importer));
                graph.connect(importer, provider);
                let seen =
                    graph.asked.as_ref().map_or(0, |search| search.needing.len() + search.others.len());
                assert!(seen < 5, "{seen} instances for one link");
            }
        };
        of(&mut links.clone());
        of(&mut links.rev());
    }
}
