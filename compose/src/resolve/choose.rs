//! The choice among candidates that fit: wires, then the order of the command line.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::{Candidates, Offers};
use super::graph::Graph;
use super::{Connection, Matched, Unsatisfied};
use crate::component::{ExportId, ImportId};

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
pub(super) fn choose(candidates: &Candidates) -> Choice {
    let mut avoided = Avoided::new();
    let mut best = attempt(candidates, &avoided);
    let mut attempts = 0..ATTEMPTS;
    loop {
        let tried = breaks(&best, candidates).into_iter().zip(&mut attempts).find_map(|(edge, _)| {
            let tried = avoided.union(&edge).copied().collect::<Avoided>();
            let choice = attempt(candidates, &tried);
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
            !offers.wired && offers.fitting.beside(import.instance) > 1
        };
        edge.iter().all(|(import, _)| other(import))
    };
    edges.filter(free).collect()
}

/// Later inputs come first, for all imports: without wires, connections to them cannot close a cycle among themselves.
/// Earlier inputs serve what is then still open.
fn attempt(candidates: &Candidates, avoided: &Avoided) -> Choice {
    let mut attempt = Attempt { avoided, choice: Choice::new(), graph: Graph::default() };
    let (wired, free): (Vec<_>, Vec<_>) = candidates.iter().partition(|(_, offers)| offers.wired);
    wired.into_iter().for_each(|(id, offers)| attempt.wire(id, offers));
    let open = free.into_iter().filter(|(id, offers)| !attempt.serve_from_later(*id, offers));
    let open = open.collect::<Vec<_>>();
    open.into_iter().for_each(|(id, offers)| attempt.serve_from_earlier(id, offers));
    attempt.choice
}

/// The choice so far.
struct Attempt<'c> {
    avoided: &'c Avoided,
    choice: Choice,
    /// What is connected in it.
    graph: Graph,
}

impl Attempt<'_> {
    fn wire(&mut self, id: ImportId, offers: &Offers) {
        let outcome = match offers.fitting.all().first() {
            Some(provider) if self.graph.leads(provider.instance, id.instance) => {
                Err(self.cycle(id, *provider))
            }
            Some(provider) => {
                self.graph.connect(id.instance, provider.instance);
                Ok(Connection {
                    renames: offers.renames.clone(),
                    ..Connection::new(*provider, Matched::Wire)
                })
            }
            None => Err(Unsatisfied::Misfit),
        };
        self.choice.insert(id, outcome);
    }

    /// Whether that settles it.
    fn serve_from_later(&mut self, id: ImportId, offers: &Offers) -> bool {
        let fitting = &offers.fitting;
        let ends = fitting.ends_later(id.instance);
        match self.nearest(id, fitting.later(id.instance), ends) {
            Nearest::None => return false,
            Nearest::Several(all) => drop(self.choice.insert(id, Err(Unsatisfied::Ambiguous(all)))),
            Nearest::One(provider, matched) => self.connect(id, provider, matched),
        }
        true
    }

    /// No later input can: of those that fit, each closes a cycle.
    fn serve_from_earlier(&mut self, id: ImportId, offers: &Offers) {
        let ends = offers.fitting.ends_earlier(id.instance);
        match self.nearest(id, offers.fitting.earlier(id.instance), ends) {
            Nearest::One(provider, _) => self.connect(id, provider, Matched::Earlier),
            Nearest::Several(all) => drop(self.choice.insert(id, Err(Unsatisfied::Ambiguous(all)))),
            Nearest::None => {
                let mut all = offers.fitting.later(id.instance).chain(offers.fitting.earlier(id.instance));
                if let Some(first) = all.find(|export| !self.avoided.contains(&(id, *export))) {
                    self.choice.insert(id, Err(self.cycle(id, first)));
                } else if !offers.rejected.is_empty() {
                    self.choice.insert(id, Err(Unsatisfied::Misfit));
                }
            }
        }
    }

    /// The nearest of `by_distance` that can be taken, if there is one only, or if each of them but the last imports what it
    /// exports: a chain. `ends`: those that do not.
    fn nearest(
        &mut self,
        id: ImportId,
        mut by_distance: impl DoubleEndedIterator<Item = ExportId> + Clone,
        mut ends: impl Iterator<Item = ExportId>,
    ) -> Nearest {
        let (avoided, graph) = (self.avoided, &mut self.graph);
        let mut free = |export: &ExportId| {
            !avoided.contains(&(id, *export)) && !graph.leads(export.instance, id.instance)
        };
        let all = by_distance.clone();
        let Some(nearest) = by_distance.find(&mut free) else { return Nearest::None };
        let Some(last) = by_distance.rfind(&mut free) else { return Nearest::One(nearest, Matched::Only) };
        if ends.any(|end| end != last && free(&end)) {
            return Nearest::Several(all.filter(free).collect());
        }
        Nearest::One(nearest, Matched::Chain)
    }

    fn connect(&mut self, id: ImportId, provider: ExportId, matched: Matched) {
        self.graph.connect(id.instance, provider.instance);
        self.choice.insert(id, Ok(Connection::new(provider, matched)));
    }

    /// The cycle that would close if `provider` served.
    fn cycle(&self, id: ImportId, provider: ExportId) -> Unsatisfied {
        let cycle = self.graph.path(provider.instance, id.instance);
        Unsatisfied::Cycle(cycle.expect("what closes a cycle has a way to the importer"))
    }
}

enum Nearest {
    None,
    One(ExportId, Matched),
    Several(Vec<ExportId>),
}
