//! One scope of indices while it is written: where each old type and component index went.

use std::collections::BTreeMap;

use wasmparser::{ComponentFuncType, InstanceTypeDeclaration};

use super::components::Form;
use super::place::Place;

/// A component or a type that is being written, and its index spaces so far.
#[derive(Default)]
pub(super) struct Scope<'a> {
    pub place: Place,
    /// What each old type index stands for.
    pub types: Vec<Entry<'a>>,
    /// The new index of each old type index.
    map: Vec<u32>,
    next_type: u32,
    /// The new index of the `async` form of an old function type.
    pub asynchronous: BTreeMap<u32, u32>,
    /// The new indices of each old component index: one for each form.
    pub components: Vec<BTreeMap<Form, u32>>,
    next_component: u32,
}

/// What a type index stands for, as far as it can need another form.
#[derive(Clone)]
pub(super) enum Entry<'a> {
    Function(ComponentFuncType<'a>),
    Instance(Box<[InstanceTypeDeclaration<'a>]>),
    /// Another index of this scope.
    Same(u32),
    /// An index of a scope around this one.
    Outer {
        count: u32,
        index: u32,
    },
    Other,
}

impl<'a> Scope<'a> {
    pub(super) fn of(place: Place) -> Scope<'a> {
        Scope { place, ..Scope::default() }
    }

    /// Takes the next type index for what was read.
    pub(super) fn new_type(&mut self, entry: Entry<'a>) -> u32 {
        self.types.push(entry);
        let index = self.added_type();
        self.map.push(index);
        index
    }

    /// Takes the next type index for what was not there before.
    pub(super) fn added_type(&mut self) -> u32 {
        self.next_type += 1;
        self.next_type - 1
    }

    pub(super) fn new_component(&mut self) -> u32 {
        self.next_component += 1;
        self.next_component - 1
    }

    /// The new index of the type that had `index`. What names speak of may not be there.
    pub(super) fn type_index(&self, index: u32) -> u32 {
        self.map.get(index as usize).copied().unwrap_or(index)
    }

    /// The new index of the component that had `index`.
    pub(super) fn component_index(&self, index: u32) -> u32 {
        let versions = self.components.get(index as usize);
        versions.and_then(|versions| versions.values().min().copied()).unwrap_or(index)
    }
}
