//! Nested components: a definition is written once for each set of types that its instances need.

use std::collections::BTreeMap;

use wasmparser::{ComponentAlias, ComponentOuterAliasKind};

use super::super::value::Function;
use super::scope::Entry;
use super::{Result, Rewriter};
use wasm_encoder::reencode::ReencodeComponent;
use wasm_encoder::{Alias, ComponentOuterAliasKind as OuterKind};

/// All that decides how a definition has to be written for one of its instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Needs {
    /// The imports that hold a function that changes, with these functions.
    imports: Vec<(String, Vec<Function>)>,
    lifts: Vec<usize>,
    /// The needs of what it instantiates itself.
    made: Vec<Needs>,
}

impl Needs {
    fn is_none(&self) -> bool {
        *self == Needs::default()
    }
}

impl<'a> Rewriter<'_, 'a> {
    fn needs(&self, instance: usize) -> Needs {
        let inner = &self.inside.instances[instance];
        let lifts = (0..inner.lifts.len()).filter(|index| {
            self.flips.functions.contains(&Function::Lift { inner: instance, index: *index })
        });
        let imports = inner.imports.iter().filter_map(|(name, value)| {
            let flipped = self.flips.functions.iter();
            let flipped = flipped.filter(|function| value.any(&[(*function).clone()].into()));
            let flipped = flipped.cloned().collect::<Vec<_>>();
            (!flipped.is_empty()).then(|| (name.clone(), flipped))
        });
        let mut needs = Needs { imports: imports.collect(), lifts: lifts.collect(), made: Vec::new() };
        let made = inner.made.iter().map(|made| made.map_or_else(Needs::default, |made| self.needs(made)));
        let made = made.collect::<Vec<_>>();
        if made.iter().any(|made| !made.is_none()) {
            needs.made = made;
        }
        needs
    }

    /// The different needs of the instances of a definition nested in the current one, with one instance for each.
    pub(super) fn versions(&self, definition: usize) -> Vec<(Needs, Option<usize>)> {
        let instances = self.inside.instances.iter().enumerate();
        let instances = instances.filter(|(_, inner)| {
            inner.definition == definition && inner.parent.is_some() && inner.parent == self.current
        });
        let mut versions = BTreeMap::new();
        for (id, _) in instances {
            versions.entry(self.needs(id)).or_insert(id);
        }
        versions.into_iter().map(|(needs, id)| (needs, Some(id))).collect()
    }

    /// The new index of the component that had `index`, in the version that the instance `made` needs.
    pub(super) fn version_of(&mut self, index: u32, made: Option<usize>) -> u32 {
        let needs = made.map(|made| self.needs(made)).unwrap_or_default();
        let versions = self.scope().components.get(index as usize);
        match versions.and_then(|versions| versions.get(&needs)).copied() {
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
        for (place, (needs, outer)) in versions.unwrap_or_default().into_iter().enumerate() {
            self.changed |= place > 0 || outer != index;
            let alias = Alias::Outer { kind: OuterKind::Component, count, index: outer };
            self.with_place(|_, place| {
                place.alias(alias);
                Ok(())
            })?;
            indices.insert(needs, self.scope().new_component());
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
