//! The census: how often each definition would be stored, and which of them are worth sharing.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{Content, Definition, Kind};
use super::equal::Class;
use super::names::Called;
use crate::target::Target;

/// What was counted, by class.
#[derive(Default)]
pub(super) struct Census<'d> {
    counted: BTreeMap<Class, Counted<'d>>,
    /// The classes in an order in which each comes after what it needs.
    order: Vec<Class>,
}

/// A closed definition.
#[derive(Clone)]
pub(super) struct Counted<'d> {
    /// The first of those that are equal.
    pub definition: &'d Definition,
    pub called: Called,
    pub copies: usize,
    /// The bytes of the copies beside the first.
    pub saved: usize,
}

impl<'d> Census<'d> {
    /// Counts a definition and those in it. A copy is not stored, so what is in it does not count again.
    pub(super) fn count(&mut self, definition: &'d Definition, called: Called) {
        if definition.closed
            && let Some(counted) = self.counted.get_mut(&definition.class)
        {
            counted.copies += 1;
            counted.saved += definition.range.len();
            return;
        }
        self.inside(definition);
        if definition.closed {
            let counted = Counted { definition, called, copies: 1, saved: 0 };
            self.counted.insert(definition.class, counted);
            self.order.push(definition.class);
        }
    }

    /// Counts the definitions in a component.
    pub(super) fn inside(&mut self, definition: &'d Definition) {
        for item in &definition.items {
            if let Content::Nested(nested, index) = &item.content {
                self.count(nested, Called::Inside(definition.names.clone(), *index));
            }
        }
    }

    /// What to share, each after what it needs: what is `wanted`, and what that needs from outside itself. `beside` is how many components the outermost component has beside.
    pub(super) fn choose(&self, beside: usize, wanted: impl Fn(&Counted<'d>) -> bool) -> Vec<Counted<'d>> {
        let mut chosen = BTreeSet::new();
        let wanted = self.counted.iter().filter(|(_, counted)| wanted(counted));
        let mut waiting = wanted.map(|(class, _)| *class).collect::<Vec<_>>();
        while let Some(class) = waiting.pop() {
            if chosen.insert(class) {
                waiting.extend(&self.counted[&class].definition.outside);
            }
        }
        // One more may be for the memory of adapters.
        self.limit(&mut chosen, Kind::Module, Target::MAX_DEFINITIONS - 1);
        self.limit(&mut chosen, Kind::Component, Target::MAX_DEFINITIONS.saturating_sub(beside));
        let order = self.order.iter().filter(|class| chosen.contains(class));
        order.map(|class| self.counted[class].clone()).collect()
    }

    /// If there are more than `most` of a kind, keeps those that save most and stand for themselves.
    fn limit(&self, chosen: &mut BTreeSet<Class>, kind: Kind, most: usize) {
        let of_kind = |class: &&Class| self.counted[class].definition.kind == kind;
        if chosen.iter().filter(of_kind).count() <= most {
            return;
        }
        chosen.retain(|class| self.counted[class].definition.outside.is_empty());
        let mut by_size = chosen.iter().filter(of_kind).copied().collect::<Vec<_>>();
        by_size.sort_by_key(|class| std::cmp::Reverse(self.counted[class].saved));
        let rest = by_size.into_iter().skip(most).collect::<BTreeSet<_>>();
        chosen.retain(|class| !rest.contains(class));
    }
}
