//! Bounds the linear memory of a run, over all its instances together.

use crate::exceeded::Exceeded;
use crate::limits::Quantity;
use wasmtime::ResourceLimiter;

/// Counts the bytes of linear memory. Growing past the bound is a trap that says so: a component that is told no would
/// go on without what it needs, and fail somewhere else.
pub(crate) struct MemoryLimit {
    used: u64,
    limit: Option<u64>,
}

impl MemoryLimit {
    /// No more than `limit` bytes; `None` is no bound.
    pub(crate) fn new(limit: Option<u64>) -> Self {
        Self { used: 0, limit }
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // The memory's own maximum is no matter of ours.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let after = self.used.saturating_add(desired.saturating_sub(current) as u64);
        match self.limit {
            Some(limit) if after > limit => Err(Exceeded::new(Quantity::LinearMemory, limit).into()),
            Some(_) | None => {
                self.used = after;
                Ok(true)
            }
        }
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
