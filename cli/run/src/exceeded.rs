//! Tells from an error of the runtime which limit of a run was reached.

use crate::limits::{Limits, Quantity};
use crate::outcome::Verdict;
use std::fmt;
use wasmtime::component::ResourceTableError;
use wasmtime::{OutOfMemory, Trap};

/// Bytes that a collected heap has at most, whatever the limit.
const LARGEST_HEAP: u64 = 1 << 32;

/// A limit of ours that was reached, as an error that passes through the runtime.
#[derive(Debug)]
pub(crate) struct Exceeded {
    quantity: Quantity,
    limit: u64,
}

impl Exceeded {
    pub(crate) fn new(quantity: Quantity, limit: u64) -> Self {
        Self { quantity, limit }
    }
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} of {}", self.limit, self.quantity)
    }
}

impl std::error::Error for Exceeded {}

/// The verdict on `error` if a limit is its cause.
pub(crate) fn verdict_of(error: &wasmtime::Error, limits: &Limits) -> Option<Verdict> {
    let exceeded = |quantity, limit| Some(Verdict::Exceeded { quantity, limit });
    if let Some(Exceeded { quantity, limit }) = error.downcast_ref() {
        return exceeded(*quantity, *limit);
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return exceeded(Quantity::Handles, limits.handles);
    }
    // Growing a heap past the limit is such a trap: the runtime keeps no cause.
    if let (Some(Trap::AllocationTooLarge), Some(limit)) = (error.downcast_ref(), limits.linear_memory)
        && limit <= LARGEST_HEAP
    {
        return exceeded(Quantity::LinearMemory, limit);
    }
    // The runtime has no types for these.
    let cause = error.root_cause().to_string();
    match limits.process_memory {
        _ if cause.contains("store handle limit exceeded") => exceeded(Quantity::Handles, limits.handles),
        _ if cause.contains("fuel allocated for hostcalls has been exhausted") => {
            exceeded(Quantity::HostcallFuel, limits.hostcall_fuel)
        }
        Some(limit) if is_out_of_memory(error) => exceeded(Quantity::ProcessMemory, limit),
        Some(_) | None => None,
    }
}

/// Whether the system has refused to give memory.
pub(crate) fn is_out_of_memory(error: &wasmtime::Error) -> bool {
    // ENOMEM; the runtime has several types for it.
    error.is::<OutOfMemory>() || error.root_cause().to_string().contains("(os error 12)")
}
