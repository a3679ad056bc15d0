//! The core modules that a component imports because they were compiled apart from it: what they are linked by, and
//! where their code stands in the component as it was given.

use crate::split::Split;
use crate::state::State;
use std::sync::Arc;
use wasmtime::Module;
use wasmtime::component::Linker;

/// None for a component that was compiled whole. Clones share.
#[derive(Clone, Default)]
pub(crate) struct Modules(Arc<[Placed]>);

/// A module, and where its binary starts in the component.
pub(crate) struct Placed {
    pub(crate) module: Module,
    pub(crate) start: usize,
}

impl Modules {
    /// Those of the shell of a [`Split`], in the order of its imports. Each is a module of its own, however many are equal:
    /// else it would not be known which of them a frame is in.
    pub(crate) fn new(placed: Vec<Placed>) -> Self {
        Self(placed.into())
    }

    /// Offers them to the shell.
    pub(crate) fn add_to_linker(&self, linker: &mut Linker<State>) -> wasmtime::Result<()> {
        let mut root = linker.root();
        for (number, Placed { module, .. }) in self.0.iter().enumerate() {
            root.module(&Split::name(number), module)?;
        }
        Ok(())
    }

    /// The offset in the component of what is at `offset` in `module`.
    pub(crate) fn offset_in_component(&self, module: &Module, offset: usize) -> usize {
        let placed = self.0.iter().find(|placed| Module::same(&placed.module, module));
        placed.map_or(offset, |placed| placed.start + offset)
    }
}
