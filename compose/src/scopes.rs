//! Scopes: how the steps of a plan are divided over nested components, where one could not hold them all.
//!
//! A scope holds others as components and makes one instance of each, whose exports stand for those of the steps inside.
//! No scope is given anything but what the composition imports, so the steps inside need none outside.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::ComponentEntityType;

use crate::component::{Components, ExportId};
use crate::plan::{Plan, Source, StepExport, TypeSource};
use crate::sets::Sets;

/// A component of the composition that makes instances.
#[derive(Debug)]
pub struct Scope {
    /// The scopes inside. The steps of each need no others than those of it and of the scopes inside it.
    pub inner: Vec<Scope>,
    /// The steps whose instances it makes itself, in order: their places in [`Plan::steps`].
    pub steps: Vec<usize>,
}

impl Scope {
    /// It and all scopes inside, each after those inside of it, with how many are around.
    pub fn all(&self) -> Vec<(u32, &Scope)> {
        let mut all = Vec::new();
        self.collect(0, &mut all);
        all
    }

    fn collect<'s>(&'s self, around: u32, all: &mut Vec<(u32, &'s Scope)>) {
        self.inner.iter().for_each(|scope| scope.collect(around + 1, all));
        all.push((around, self));
    }
}

/// Divides the steps of `plan` into scopes that hold at most `most` instances each. `None` if that cannot be done.
///
/// The last steps stay in the outermost scope, as many as it holds. What is left falls into parts that need nothing of
/// each other: those that fit together share a scope, and one that is too large for any is divided in its turn.
pub(crate) fn divide(components: &Components<'_>, plan: &Plan, most: u32) -> Option<Scope> {
    let steps = (0..plan.steps.len()).collect::<Vec<_>>();
    let exported = plan.exports.iter().map(|export| &export.source);
    Division { components, plan, most: most as usize }.scope(&steps, &exported.collect())
}

/// The instances that a scope has, at most, in three parts: beside the scopes inside and what all scopes import.
#[derive(Clone, Default)]
struct Count {
    /// Adapters among them.
    steps: usize,
    /// What is taken out of instances, for steps or to be exported.
    taken: BTreeSet<ExportId>,
    /// An export of a scope is one more index.
    exported: usize,
}

/// The name under which a scope exports what a step inside does.
pub(crate) fn export_name(export: &StepExport) -> String {
    format!("s{}-e{}", export.step, export.export.index)
}

/// Whether a name is one of those.
pub(crate) fn is_export_name(name: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = name.strip_prefix('s').and_then(|rest| rest.split_once("-e"));
    parts.is_some_and(|(step, export)| number(step) && number(export))
}

/// Exports of steps.
type Needed<'p> = BTreeSet<&'p StepExport>;

struct Division<'p, 'a> {
    components: &'p Components<'a>,
    plan: &'p Plan,
    most: usize,
}

impl<'p> Division<'p, '_> {
    /// Divides `steps`, which need no others, and of which `needed` is needed outside.
    fn scope(&self, steps: &[usize], needed: &Needed<'p>) -> Option<Scope> {
        let mut scopes = 0;
        loop {
            let (inside, own) = steps.split_at(self.first_own(steps, needed, scopes)?);
            let uses = own.iter().flat_map(|step| self.uses(*step)).map(|(export, _)| export);
            let mut outside = BTreeMap::<usize, Needed<'p>>::new();
            for export in uses.chain(needed.iter().copied()) {
                outside.entry(export.step).or_default().insert(export);
            }
            let needed_of = |group: &[usize]| {
                let of = group.iter().filter_map(|step| outside.get(step));
                of.flatten().copied().collect::<Needed<'p>>()
            };
            let groups = self.groups(self.parts(inside), needed_of);
            if groups.len() > scopes {
                scopes = groups.len();
                continue;
            }
            let inner = groups.iter().map(|group| self.scope(group, &needed_of(group)));
            return Some(Scope { inner: inner.collect::<Option<_>>()?, steps: own.to_vec() });
        }
    }

    /// Where the last steps begin that fit in one component with `scopes` inside; `None` if not even one does.
    fn first_own(&self, steps: &[usize], needed: &Needed<'p>, scopes: usize) -> Option<usize> {
        let mut count = self.exported(needed);
        let fits = (0..steps.len()).rev().take_while(|place| {
            self.add(&mut count, steps[*place]);
            self.total(&count) + scopes <= self.most
        });
        fits.last()
    }

    /// Steps in parts that need nothing of each other, each in order.
    fn parts(&self, steps: &[usize]) -> Vec<Vec<usize>> {
        let mut sets = Sets::default();
        for step in steps {
            self.uses(*step).for_each(|(export, _)| sets.unite(export.step, *step));
        }
        let mut parts = BTreeMap::<usize, Vec<usize>>::new();
        for step in steps {
            parts.entry(sets.representative(*step)).or_default().push(*step);
        }
        parts.into_values().collect()
    }

    /// Puts together the parts that fit in one component together. A part that fits in none stays alone.
    fn groups(&self, parts: Vec<Vec<usize>>, needed_of: impl Fn(&[usize]) -> Needed<'p>) -> Vec<Vec<usize>> {
        let mut groups = Vec::<Vec<usize>>::new();
        let mut last = usize::MAX;
        for part in parts {
            let mut count = self.exported(&needed_of(&part));
            part.iter().for_each(|step| self.add(&mut count, *step));
            let alone = self.total(&count);
            let together = last.saturating_add(alone - self.plan.imports.len());
            match groups.last_mut() {
                Some(group) if together <= self.most => {
                    group.extend(part);
                    last = together;
                }
                _ => {
                    groups.push(part);
                    last = alone;
                }
            }
        }
        groups.iter_mut().for_each(|group| group.sort_unstable());
        groups
    }

    fn exported(&self, needed: &Needed<'p>) -> Count {
        let instances = needed.iter().filter(|export| self.is_instance(export));
        let taken = instances.map(|export| export.export).collect::<BTreeSet<_>>();
        Count { steps: 0, exported: taken.len(), taken }
    }

    fn add(&self, count: &mut Count, step: usize) {
        count.steps += self.plan.steps[step].instances();
        for (export, deeper) in self.uses(step) {
            count.steps += deeper;
            if self.is_instance(export) {
                count.taken.insert(export.export);
            }
        }
    }

    fn total(&self, count: &Count) -> usize {
        self.plan.imports.len() + count.steps + count.taken.len() + count.exported
    }

    fn is_instance(&self, export: &StepExport) -> bool {
        matches!(self.components.export(export.export).ty, ComponentEntityType::Instance(_))
    }

    /// The exports that a step is given, and how many instances are on the way to a type in each.
    fn uses(&self, step: usize) -> impl Iterator<Item = (&'p StepExport, usize)> + use<'p> {
        self.plan.steps[step].arguments.iter().filter_map(|argument| match &argument.source {
            Source::Export(of) => Some((of, 0)),
            Source::Type(TypeSource::Export(of, path)) => Some((of, path.len())),
            _ => None,
        })
    }
}
