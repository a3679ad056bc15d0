//! Bounds the linear memory of a run, over all its instances together.

use wasmtime::ResourceLimiter;

/// Counts the bytes of linear memory and refuses to grow past a bound.
#[derive(Default)]
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
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let after = self.used.saturating_add(desired.saturating_sub(current) as u64);
        let fits = self.limit.is_none_or(|limit| after <= limit);
        if fits {
            self.used = after;
        }
        Ok(fits)
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
