//! Scopes: how the steps of a plan are divided over nested components, where one could not hold them all.
//!
//! A scope holds the one before it as a component and makes one instance of it, whose exports stand for those of the
//! steps inside.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::component::ExportId;
use crate::plan::{Plan, Source, TypeSource};

/// Divides the steps of `plan` into scopes that hold at most `most` instances each, the innermost first. One scope of
/// all steps, if that cannot be done.
pub(crate) fn divide(plan: &Plan, most: u32) -> Vec<Range<usize>> {
    let (most, all) = (most as usize, plan.steps.len());
    let open = open(plan);
    let mut scopes = Vec::new();
    let mut start = 0;
    while start < all {
        let mut scope =
            Cost { instances: plan.imports.len() + usize::from(start > 0), used: BTreeSet::new() };
        let costs = (start..all).map(|step| {
            scope.add(plan, step);
            (step + 1, scope.instances)
        });
        // Each export of a scope is taken out of an instance and is one more index.
        let fits = costs
            .take_while(|(_, instances)| *instances <= most)
            .filter(|(end, instances)| instances + 2 * open[*end] <= most)
            .last();
        let Some((end, _)) = fits else {
            return std::iter::once(0..all).collect();
        };
        scopes.push(start..end);
        start = end;
    }
    scopes
}

/// How many instances a scope has, at most.
struct Cost {
    instances: usize,
    used: BTreeSet<ExportId>,
}

impl Cost {
    fn add(&mut self, plan: &Plan, step: usize) {
        let adapters =
            plan.steps[step].arguments.iter().filter(|argument| argument.adapter.is_some()).count();
        self.instances += 1 + adapters;
        for (export, deeper) in uses(plan, step) {
            self.instances += deeper + usize::from(self.used.insert(export));
        }
    }
}

/// The exports that a step is given, and how many instances are on the way to a type in each.
fn uses(plan: &Plan, step: usize) -> impl Iterator<Item = (ExportId, usize)> {
    plan.steps[step].arguments.iter().filter_map(|argument| match &argument.source {
        Source::Export(of) => Some((of.export, 0)),
        Source::Type(TypeSource::Export(of, path)) => Some((of.export, path.len())),
        _ => None,
    })
}

/// For each number of steps: how many of their exports later steps or the composition need.
fn open(plan: &Plan) -> Vec<usize> {
    let all = plan.steps.len();
    let mut last = BTreeMap::<ExportId, usize>::new();
    for step in 0..all {
        last.extend(uses(plan, step).map(|(export, _)| (export, step)));
    }
    last.extend(plan.exports.iter().map(|export| (export.source.export, all)));
    let place = plan.steps.iter().enumerate().map(|(place, step)| (step.instance, place));
    let place = place.collect::<BTreeMap<_, _>>();
    let mut open = vec![0; all + 1];
    for (export, last) in last {
        // Open from behind its step up to before its last use.
        open[place[&export.instance] + 1..=last].iter_mut().for_each(|open| *open += 1);
    }
    open
}
