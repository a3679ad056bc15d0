//! The choice among candidates that fit: wires, then the order of the command line.

use std::collections::BTreeMap;

use super::candidates::{Candidates, imports_key};
use super::graph::Graph;
use super::{Connection, Matched, Unsatisfied};
use crate::component::{Components, ExportId, ImportId, InstanceId};

/// What was chosen for each import that has candidates. An import without an entry has none.
pub(super) type Choice = BTreeMap<ImportId, Result<Connection, Unsatisfied>>;

/// Chooses for every import.
///
/// Later inputs come first, for all imports: without wires, connections to them cannot close a cycle among themselves.
/// Earlier inputs serve what is then still open.
pub(super) fn choose(components: &Components<'_>, candidates: &Candidates) -> Choice {
    let mut choice = Choice::new();
    let mut graph = Graph::default();
    let mut open = Vec::new();
    let (wired, free): (Vec<_>, Vec<_>) = components.imports().partition(|id| candidates.of(*id).wired);
    for id in wired {
        match candidates.of(id).fitting.first() {
            Some(provider) => open_or_close(&mut choice, &mut graph, id, *provider, Matched::Wire),
            None => drop(choice.insert(id, Err(Unsatisfied::Misfit))),
        }
    }
    for id in free {
        let (later, _) = without_cycles(&graph, id, later(candidates, id));
        match nearest(components, &later) {
            Nearest::None => open.push(id),
            Nearest::Several => drop(choice.insert(id, Err(Unsatisfied::Ambiguous(later)))),
            Nearest::One(provider, matched) => open_or_close(&mut choice, &mut graph, id, provider, matched),
        }
    }
    for id in open {
        // Later inputs are here once more only because each of them closes a cycle.
        let all = later(candidates, id).chain(earlier(candidates, id));
        let (free, cycle) = without_cycles(&graph, id, all);
        match nearest(components, &free) {
            Nearest::One(provider, _) => {
                open_or_close(&mut choice, &mut graph, id, provider, Matched::Earlier)
            }
            Nearest::Several => drop(choice.insert(id, Err(Unsatisfied::Ambiguous(free)))),
            Nearest::None => {
                if let Some(cycle) = cycle {
                    choice.insert(id, Err(Unsatisfied::Cycle(cycle)));
                } else if !candidates.of(id).rejected.is_empty() {
                    choice.insert(id, Err(Unsatisfied::Misfit));
                }
            }
        }
    }
    choice
}

enum Nearest {
    None,
    One(ExportId, Matched),
    Several,
}

/// The nearest candidate, if there is one only, or if every candidate but the last imports what it exports: a chain.
fn nearest(components: &Components<'_>, by_distance: &[ExportId]) -> Nearest {
    match by_distance {
        [] => Nearest::None,
        [only] => Nearest::One(*only, Matched::Only),
        [nearest, ..] => {
            let but_last = &by_distance[..by_distance.len() - 1];
            let chain =
                but_last.iter().all(|id| imports_key(components, id.instance, &components.export(*id).key()));
            if chain { Nearest::One(*nearest, Matched::Chain) } else { Nearest::Several }
        }
    }
}

fn later(candidates: &Candidates, id: ImportId) -> impl Iterator<Item = ExportId> {
    candidates.of(id).fitting.iter().copied().filter(move |export| export.instance > id.instance)
}

/// The nearest earlier input first: seen from the importer, the order is the mirror of that of later ones.
fn earlier(candidates: &Candidates, id: ImportId) -> impl Iterator<Item = ExportId> {
    candidates.of(id).fitting.iter().rev().copied().filter(move |export| export.instance < id.instance)
}

/// Those of `providers` that close no cycle with what is connected already, and the first cycle that another closes.
fn without_cycles(
    graph: &Graph,
    id: ImportId,
    providers: impl Iterator<Item = ExportId>,
) -> (Vec<ExportId>, Option<Vec<InstanceId>>) {
    let (mut free, mut first) = (Vec::new(), None);
    for provider in providers {
        match graph.path(provider.instance, id.instance) {
            Some(cycle) => first = first.or(Some(cycle)),
            None => free.push(provider),
        }
    }
    (free, first)
}

/// Connects, unless that closes a cycle with what is connected already.
fn open_or_close(choice: &mut Choice, graph: &mut Graph, id: ImportId, provider: ExportId, matched: Matched) {
    let outcome = match graph.path(provider.instance, id.instance) {
        Some(cycle) => Err(Unsatisfied::Cycle(cycle)),
        None => {
            graph.connect(id.instance, provider.instance);
            Ok(Connection { provider, matched })
        }
    };
    choice.insert(id, outcome);
}
