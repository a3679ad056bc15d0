//! Changes of a world: imports and exports by their match keys, so that versions on one track are one.

use wasmparser::component_types::ComponentEntityType;

use super::{ItemChange, Level, PartChange};
use crate::component::{Components, Extern};
use crate::resolve::{ByName, Misfit, Why};
use crate::types::{NOTHING, Part, declaration};

/// Imports or exports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Imports,
    Exports,
}

/// What changed from the first of `components` to the second: imports, and exports.
pub(super) fn changes(components: &Components<'_>) -> (Vec<ItemChange>, Vec<ItemChange>) {
    let [old, new] = &*components.list else { unreachable!("two components are compared") };
    let mut compared = Compared { components, by_name: ByName::new(components) };
    let imports = compared.side(Side::Imports, &old.imports, &new.imports);
    (imports, compared.side(Side::Exports, &old.exports, &new.exports))
}

struct Compared<'c, 'a> {
    components: &'c Components<'a>,
    by_name: ByName<'c, 'a>,
}

impl Compared<'_, '_> {
    /// In the order of the names.
    fn side(&mut self, side: Side, old: &[Extern], new: &[Extern]) -> Vec<ItemChange> {
        let of_key = |list: &[Extern], item: &Extern| list.iter().position(|other| other.key() == item.key());
        let mut changes = Vec::new();
        for was in old {
            match of_key(new, was) {
                Some(place) => changes.extend(self.kept(side, was, &new[place])),
                None => changes.push(ItemChange {
                    old: Some(was.name.to_string()),
                    new: None,
                    level: if side == Side::Exports { Level::Major } else { Level::Patch },
                    parts: Vec::new(),
                }),
            }
        }
        for item in new.iter().filter(|item| of_key(old, item).is_none()) {
            let level = match side {
                Side::Exports => Level::Minor,
                Side::Imports if self.by_name.asks_for_nothing(item) => Level::Patch,
                Side::Imports => Level::Major,
            };
            changes.push(ItemChange {
                old: None,
                new: Some(item.name.to_string()),
                level,
                parts: Vec::new(),
            });
        }
        changes.sort_by(|a, b| a.old.as_ref().or(a.new.as_ref()).cmp(&b.old.as_ref().or(b.new.as_ref())));
        changes
    }

    /// The change of an item that both have; `None` if there is none.
    fn kept(&mut self, side: Side, old: &Extern, new: &Extern) -> Option<ItemChange> {
        let new_for_old = self.by_name.misfit(new.ty, old.ty).is_none();
        let old_for_new = self.by_name.misfit(old.ty, new.ty).is_none();
        if new_for_old && old_for_new && old.name == new.name {
            return None;
        }
        // Who exports may have more, who imports may need less.
        let level = match (side, new_for_old, old_for_new) {
            (_, true, true) | (Side::Imports, false, true) => Level::Patch,
            (Side::Exports, true, false) => Level::Minor,
            (Side::Exports, false, _) | (Side::Imports, _, false) => Level::Major,
        };
        let parts = self.parts(old, new);
        Some(ItemChange { old: Some(old.name.to_string()), new: Some(new.name.to_string()), level, parts })
    }

    /// What differs: each item of an interface, with the first difference in it.
    fn parts(&mut self, old: &Extern, new: &Extern) -> Vec<PartChange> {
        let (ComponentEntityType::Instance(was), ComponentEntityType::Instance(is)) = (old.ty, new.ty) else {
            return self.part(None, old.ty, new.ty).into_iter().collect();
        };
        let (was, is) = (self.components.items(was), self.components.items(is));
        let mut parts = Vec::new();
        for (name, item) in was {
            let part = Part::item(name, item.ty);
            match is.get(name) {
                Some(other) => parts.extend(self.part(Some(&part), item.ty, other.ty)),
                None => parts.push(self.one_sided(part, old, |text| [Some(text), None])),
            }
        }
        for (name, item) in is.iter().filter(|(name, _)| !was.contains_key(*name)) {
            parts.push(self.one_sided(Part::item(name, item.ty), new, |text| [None, Some(text)]));
        }
        parts
    }

    /// The first difference between two types.
    fn part(
        &mut self,
        part: Option<&Part>,
        old: ComponentEntityType,
        new: ComponentEntityType,
    ) -> Option<PartChange> {
        // What is found is the old one if the old one is offered.
        let (Misfit { why, difference }, old_is_found) = match self.by_name.misfit(new, old) {
            Some(misfit) => (misfit, false),
            None => (self.by_name.misfit(old, new)?, true),
        };
        let inner = Some(difference.place()).filter(|place| !place.is_empty());
        let place = inner.into_iter().chain(part.map(Part::to_string)).collect::<Vec<_>>().join(" of ");
        let text = |text: String| Some(text).filter(|text| text != NOTHING);
        let (expected, found) = (text(difference.expected), text(difference.found));
        let [old, new] = if old_is_found { [found, expected] } else { [expected, found] };
        Some(PartChange { place, old, new, effect: why == Why::Effect })
    }

    /// An item that only `of` has.
    fn one_sided(
        &self,
        part: Part,
        of: &Extern,
        sides: impl Fn(String) -> [Option<String>; 2],
    ) -> PartChange {
        let types = self.components.types();
        let declared = declaration(types, of.name.as_str(), of.ty, std::slice::from_ref(&part));
        let text = declared.map_or_else(|| part.to_string(), |declared| declared.text);
        let [old, new] = sides(text.trim_end_matches(';').to_owned());
        PartChange { place: part.to_string(), old, new, effect: false }
    }
}
