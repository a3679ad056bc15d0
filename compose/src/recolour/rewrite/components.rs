//! Nested components: a definition is written once for each form in which its instances need it.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{ComponentAlias, ComponentOuterAliasKind};

use super::super::inside::Inside;
use super::super::value::Function;
use super::scope::Entry;
use super::{Result, Rewriter};
use wasm_encoder::reencode::ReencodeComponent;
use wasm_encoder::{Alias, ComponentOuterAliasKind as OuterKind};

/// The form in which an instance needs its definition. Instances of one definition with one form share what is written.
pub(super) type Form = usize;

/// The form of what nothing changes in.
pub(super) const AS_IT_IS: Form = 0;

/// All that decides the form of an instance: in which imports which functions change, which lifts do, and the forms of
/// what it instantiates itself.
type Needs<'i> = (Vec<(&'i str, Vec<Vec<String>>)>, Vec<usize>, Vec<Form>);

/// The form of each instance.
pub(super) fn forms(inside: &Inside<'_>, flips: &BTreeSet<Function>) -> Vec<Form> {
    let mut known = BTreeMap::<Needs<'_>, Form>::new();
    let mut forms = vec![AS_IT_IS; inside.instances.len()];
    // What an instance instantiates comes after it.
    for (id, inner) in inside.instances.iter().enumerate().rev() {
        let imports = inner.imports.iter().map(|(name, value)| (name.as_str(), value.ways(flips)));
        let imports = imports.filter(|(_, ways)| !ways.is_empty()).collect::<Vec<_>>();
        let lifts = 0..inner.lifts.len();
        let lifts = lifts.filter(|index| flips.contains(&Function::Lift { inner: id, index: *index }));
        let lifts = lifts.collect::<Vec<_>>();
        let made =
            inner.made.iter().map(|made| made.map_or(AS_IT_IS, |made| forms[made])).collect::<Vec<_>>();
        if !imports.is_empty() || !lifts.is_empty() || made.iter().any(|form| *form != AS_IT_IS) {
            let next = known.len() + 1;
            forms[id] = *known.entry((imports, lifts, made)).or_insert(next);
        }
    }
    forms
}

impl<'a> Rewriter<'_, 'a> {
    /// The different forms of the instances of a definition nested in the current one, with one instance for each.
    pub(super) fn versions(&self, definition: usize) -> BTreeMap<Form, usize> {
        let instances = self.inside.instances.iter().enumerate();
        let instances = instances.filter(|(_, inner)| {
            inner.definition == definition && inner.parent.is_some() && inner.parent == self.current
        });
        let mut versions = BTreeMap::new();
        for (id, _) in instances {
            versions.entry(self.forms[id]).or_insert(id);
        }
        versions
    }

    /// The new index of the component that had `index`, in the form that the instance `made` needs.
    pub(super) fn version_of(&mut self, index: u32, made: Option<usize>) -> u32 {
        let form = made.map_or(AS_IT_IS, |made| self.forms[made]);
        let versions = self.scope().components.get(index as usize);
        match versions.and_then(|versions| versions.get(&form)).copied() {
            Some(new) => {
                self.changed |= new != index;
                new
            }
            None => self.component_index(index),
        }
    }

    pub(super) fn alias(&mut self, alias: ComponentAlias<'a>) -> Result<()> {
        let ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } = alias else {
            return self.plain_alias(alias);
        };
        let around = self.scopes.len().checked_sub(1 + count as usize);
        let versions = around.and_then(|around| self.scopes[around].components.get(index as usize).cloned());
        let mut indices = BTreeMap::new();
        for (place, (form, outer)) in versions.unwrap_or_default().into_iter().enumerate() {
            self.changed |= place > 0 || outer != index;
            let alias = Alias::Outer { kind: OuterKind::Component, count, index: outer };
            self.with_place(|_, place| {
                place.alias(alias);
                Ok(())
            })?;
            indices.insert(form, self.scope().new_component());
        }
        self.scope().components.push(indices);
        Ok(())
    }

    /// An alias that is written once.
    pub(super) fn plain_alias(&mut self, alias: ComponentAlias<'a>) -> Result<()> {
        let entry = match alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, count, index } => {
                Entry::Outer { count, index }
            }
            _ => Entry::Other,
        };
        let kind = match alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => {
                Some(wasmparser::ComponentExternalKind::Type)
            }
            ComponentAlias::InstanceExport { kind, .. } => Some(kind),
            _ => None,
        };
        let alias = self.component_alias(alias)?;
        self.with_place(|_, place| {
            place.alias(alias);
            Ok(())
        })?;
        kind.into_iter().for_each(|kind| self.introduce(kind, entry.clone()));
        Ok(())
    }
}
