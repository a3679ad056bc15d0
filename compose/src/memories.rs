//! How many memories the code of the runtime needs that passes the calls of one instance on. What is known of a component for this is
//! read by `composition`; the words are those of `target-limit`.

use std::collections::{BTreeMap, BTreeSet};

use crate::component::Components;
use crate::composition::{Lifts, meetings};
use crate::plan::{Argument, Plan, Source};

/// An instance that calls others with data in memory: more of them than the runtime has memories for.
pub(crate) struct Exceeding {
    /// The place of the step that calls.
    pub step: usize,
    /// The places of those that it calls.
    pub providers: BTreeSet<usize>,
}

/// The instances of `plan` whose calls need more than `most` memories: one of their own, and one of each provider. Only those of
/// which that is certain.
pub(crate) fn exceeding(components: &Components<'_>, plan: &Plan, most: usize) -> Vec<Exceeding> {
    let mut lifts = BTreeMap::new();
    let mut exceeding = Vec::new();
    let too_many = |providers: &BTreeSet<usize>| providers.len() + 1 > most;
    for (place, step) in plan.steps.iter().enumerate() {
        // One memory is its own.
        if step.arguments.len() < most {
            continue;
        }
        let served = step.arguments.iter().filter_map(|argument| match &argument.source {
            // An adapter stands between, with a memory of its own.
            Source::Export(export) if argument.adapter.is_none() => {
                Some((argument.name.as_str(), (argument, export)))
            }
            _ => None,
        });
        let served = served.collect::<BTreeMap<_, _>>();
        for meeting in meetings(&components.get(step.instance).bytes).unwrap_or_default() {
            let called = meeting
                .iter()
                .filter_map(|(import, function)| Some((*served.get(import.as_str())?, function.as_deref())));
            let called = called.collect::<Vec<_>>();
            if !too_many(&called.iter().map(|((_, export), _)| export.step).collect()) {
                continue;
            }
            let in_memory = called.into_iter().filter(|((argument, export), function)| {
                let lifts = lifts.entry(export.step).or_insert_with(|| {
                    Lifts::read(&components.get(plan.steps[export.step].instance).bytes).ok()
                });
                let function = function.map(|function| offered(argument, function));
                lifts.as_ref().is_some_and(|lifts| lifts.in_memory(&export.name, function))
            });
            let providers = in_memory.map(|((_, export), _)| export.step).collect();
            if too_many(&providers) {
                exceeding.push(Exceeding { step: place, providers });
            }
        }
    }
    exceeding
}

/// What the provider calls a function of an import.
fn offered<'n>(argument: &'n Argument, function: &'n str) -> &'n str {
    let rename = argument.renames.iter().find(|rename| rename.needed == function);
    rename.map_or(function, |rename| &rename.offered)
}
