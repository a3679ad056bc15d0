//! Closedness: an input may not reach outside itself, nor nest without end.
//!
//! Inputs are validated inside a synthetic outer component, where an outer alias beyond the input's root would find
//! its siblings. On its own such an input is invalid, so it must stay invalid here. The same is asked of the output, but for
//! how deep it nests.

use wasmparser::Payload;

use super::outer::{aliases_of_alias, aliases_of_core_type, aliases_of_type};
use super::{Fault, opens};

/// How deep components may nest. What toolchains make nests a few levels; work on deeper nesting grows with its square.
pub(crate) const MAX_DEPTH: u32 = 100;

/// How many components and modules are open around the current payload.
pub(crate) struct Scopes {
    depth: u32,
    most: u32,
}

impl Scopes {
    /// For a component in which others nest as deep as `most`.
    pub(crate) fn new(most: u32) -> Scopes {
        Scopes { depth: 0, most }
    }

    /// Follows `payload`, and fails if it aliases something outside the input or opens one component too many.
    pub(crate) fn check(&mut self, payload: &Payload<'_>) -> Result<(), Fault> {
        let depth = self.depth;
        match payload {
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone().into_iter_with_offsets() {
                    let (offset, alias) = alias?;
                    within(depth, offset, |found| aliases_of_alias(&alias, 0, found))?;
                }
            }
            Payload::ComponentTypeSection(section) => {
                for ty in section.clone().into_iter_with_offsets() {
                    let (offset, ty) = ty?;
                    within(depth, offset, |found| aliases_of_type(&ty, 0, found))?;
                }
            }
            Payload::CoreTypeSection(section) => {
                for ty in section.clone().into_iter_with_offsets() {
                    let (offset, ty) = ty?;
                    within(depth, offset, |found| aliases_of_core_type(&ty, 0, found))?;
                }
            }
            _ => {}
        }
        if let Some(step) = opens(payload) {
            self.depth = self.depth.saturating_add_signed(step);
        }
        if let Payload::ComponentSection { unchecked_range, .. } = payload
            && self.depth > self.most
        {
            let message = format!("components nest more than {} deep", self.most);
            return Err(Fault { message, offset: unchecked_range.start });
        }
        Ok(())
    }
}

/// Fails if one of the aliases that `walk` finds points outside of the `depth` components that are open.
fn within(depth: u32, offset: usize, walk: impl FnOnce(&mut dyn FnMut(u32, u32))) -> Result<(), Fault> {
    let mut first = None;
    walk(&mut |count, types| {
        if count > depth + types {
            first.get_or_insert(count);
        }
    });
    match first {
        Some(count) => Err(Fault { message: format!("invalid outer alias count of {count}"), offset }),
        None => Ok(()),
    }
}
