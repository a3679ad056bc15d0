//! The choice among candidates that fit: wires, then the order of the command line.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::Candidates;
use super::graph::Graph;
use super::{Connection, Matched, Unsatisfied};
use crate::component::{Components, ExportId, ImportId, InstanceId};

/// What was chosen for each import that has candidates. An import without an entry has none.
pub(super) type Choice = BTreeMap<ImportId, Result<Connection, Unsatisfied>>;

/// Connections that are not made, because they lead into a cycle that another choice avoids.
type Avoided = BTreeSet<(ImportId, ExportId)>;

/// How often the choice is made again to avoid cycles. Real compositions need one or two; inputs that are made to need
/// more get the cycle as an error.
const ATTEMPTS: usize = 200;

/// Chooses for every import.
///
/// If an import could only close a cycle, one of the connections in that cycle gives way to another candidate where
/// that leaves fewer imports without a provider.
pub(super) fn choose(components: &Components<'_>, candidates: &Candidates) -> Choice {
    let mut avoided = Avoided::new();
    let mut best = attempt(components, candidates, &avoided);
    let mut attempts = 0..ATTEMPTS;
    loop {
        let tried = breaks(&best, candidates).into_iter().zip(&mut attempts).find_map(|(edge, _)| {
            let tried = avoided.union(&edge).copied().collect::<Avoided>();
            let choice = attempt(components, candidates, &tried);
            let served = edge.iter().all(|(import, _)| matches!(choice.get(import), Some(Ok(_))));
            (served && errors(&choice) < errors(&best)).then_some((tried, choice))
        });
        match tried {
            Some(better) => (avoided, best) = better,
            None => return best,
        }
    }
}

fn errors(choice: &Choice) -> usize {
    choice.values().filter(|outcome| outcome.is_err()).count()
}

/// Each way to break a cycle that is an error: the connections from one instance in it to the next, if none of them is
/// a wire and each has another candidate.
fn breaks(choice: &Choice, candidates: &Candidates) -> Vec<Avoided> {
    let cycles = choice.values().filter_map(|outcome| match outcome {
        Err(Unsatisfied::Cycle(cycle)) => Some(cycle),
        _ => None,
    });
    let steps = cycles.flat_map(|cycle| cycle.windows(2));
    let edges = steps.map(|step| {
        let of = |(import, outcome): (&ImportId, &Result<Connection, Unsatisfied>)| match outcome {
            Ok(Connection { provider, .. }) if import.instance == step[0] && provider.instance == step[1] => {
                Some((*import, *provider))
            }
            _ => None,
        };
        choice.iter().filter_map(of).collect::<Avoided>()
    });
    let free = |edge: &Avoided| {
        let other = |import: &ImportId| {
            let offers = candidates.of(*import);
            !offers.wired && offers.fitting.len() > 1
        };
        edge.iter().all(|(import, _)| other(import))
    };
    edges.filter(free).collect()
}

/// Later inputs come first, for all imports: without wires, connections to them cannot close a cycle among themselves.
/// Earlier inputs serve what is then still open.
fn attempt(components: &Components<'_>, candidates: &Candidates, avoided: &Avoided) -> Choice {
    let mut choice = Choice::new();
    let mut graph = Graph::default();
    let mut open = Vec::new();
    let (wired, free): (Vec<_>, Vec<_>) = components.imports().partition(|id| candidates.of(*id).wired);
    for id in wired {
        match candidates.of(id).fitting.first() {
            Some(provider) => {
                let renames = candidates.of(id).renames.clone();
                let connection = Connection { renames, ..Connection::new(*provider, Matched::Wire) };
                open_or_close(&mut choice, &mut graph, id, connection);
            }
            None => drop(choice.insert(id, Err(Unsatisfied::Misfit))),
        }
    }
    for id in free {
        let (later, _) = without_cycles(&graph, id, later(candidates, avoided, id));
        match nearest(candidates, &later) {
            Nearest::None => open.push(id),
            Nearest::Several => drop(choice.insert(id, Err(Unsatisfied::Ambiguous(later)))),
            Nearest::One(provider, matched) => {
                open_or_close(&mut choice, &mut graph, id, Connection::new(provider, matched));
            }
        }
    }
    for id in open {
        // Later inputs are here once more only because each of them closes a cycle.
        let all = later(candidates, avoided, id).chain(earlier(candidates, avoided, id));
        let (free, cycle) = without_cycles(&graph, id, all);
        match nearest(candidates, &free) {
            Nearest::One(provider, _) => {
                open_or_close(&mut choice, &mut graph, id, Connection::new(provider, Matched::Earlier))
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
fn nearest(candidates: &Candidates, by_distance: &[ExportId]) -> Nearest {
    match by_distance {
        [] => Nearest::None,
        [only] => Nearest::One(*only, Matched::Only),
        [nearest, ..] => {
            let but_last = &by_distance[..by_distance.len() - 1];
            let chain = but_last.iter().all(|export| candidates.wraps(*export));
            if chain { Nearest::One(*nearest, Matched::Chain) } else { Nearest::Several }
        }
    }
}

fn later(candidates: &Candidates, avoided: &Avoided, id: ImportId) -> impl Iterator<Item = ExportId> {
    fitting(candidates, avoided, id).filter(move |export| export.instance > id.instance)
}

/// The nearest earlier input first: seen from the importer, the order is the mirror of that of later ones.
fn earlier(candidates: &Candidates, avoided: &Avoided, id: ImportId) -> impl Iterator<Item = ExportId> {
    fitting(candidates, avoided, id).rev().filter(move |export| export.instance < id.instance)
}

fn fitting(
    candidates: &Candidates,
    avoided: &Avoided,
    id: ImportId,
) -> impl DoubleEndedIterator<Item = ExportId> {
    candidates.of(id).fitting.iter().copied().filter(move |export| !avoided.contains(&(id, *export)))
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
fn open_or_close(choice: &mut Choice, graph: &mut Graph, id: ImportId, connection: Connection) {
    let provider = connection.provider.instance;
    let outcome = match graph.path(provider, id.instance) {
        Some(cycle) => Err(Unsatisfied::Cycle(cycle)),
        None => {
            graph.connect(id.instance, provider);
            Ok(connection)
        }
    };
    choice.insert(id, outcome);
}
