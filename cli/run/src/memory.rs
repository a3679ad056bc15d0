//! Bounds the linear memory of a run, over all its instances together.

use crate::exceeded::{self, Exceeded};
use crate::limits::{Limits, Quantity};
use wasmtime::ResourceLimiter;

/// Counts the bytes of linear memory. Growing past the bound is a trap that says so: a component that is told no would
/// go on without what it needs, and fail somewhere else.
pub(crate) struct MemoryLimit {
    used: u64,
    limit: Option<u64>,
    /// What the whole process may have.
    process: Option<u64>,
}

impl MemoryLimit {
    /// No more than `limits` say.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { used: 0, limit: limits.linear_memory, process: limits.process_memory }
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

    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        match self.process {
            Some(limit) if exceeded::is_out_of_memory(&error) => {
                Err(Exceeded::new(Quantity::ProcessMemory, limit).into())
            }
            // The memory's own maximum, or the address space: the component is told no.
            Some(_) | None => Ok(()),
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
