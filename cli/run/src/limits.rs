//! What bounds a run, and by how much if nobody says. Plain data; nothing here acts.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// The bounds of a run. What a bound of `None` would have stopped is not stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bounds turning the component into machine code: 30 s.
    pub compile_time: Option<Duration>,
    /// Bounds instantiating and running; of a server, each request until its response begins. No bound.
    pub run_time: Option<Duration>,
    /// Bytes of all linear memories and collected heaps together: 256 MiB. Growing past it ends the run.
    pub linear_memory: Option<u64>,
    /// Bytes of memory of its own that the process of a sandbox may write to: 2 GiB.
    pub process_memory: Option<u64>,
    /// Handles to resources, streams, futures and tasks, in all instances together: 10,000.
    pub handles: u64,
    /// Bytes, about, that the component may hand to the host in one call: 128 MiB. What an invoked call streams counts as a whole.
    pub hostcall_fuel: u64,
    /// Bytes kept of each captured stream: 1 MiB. A sandbox ends the run past it; in this process, the component
    /// finds the stream closed.
    pub output: u64,
    /// Instances of the component, the nested ones among them, as counted before it is compiled: 10,000.
    pub instances: u64,
    /// How deep components are nested in each other: 100.
    pub nesting: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            compile_time: Some(Duration::from_secs(30)),
            run_time: None,
            linear_memory: Some(256 << 20),
            process_memory: Some(2 << 30),
            handles: 10_000,
            hostcall_fuel: 128 << 20,
            output: 1 << 20,
            instances: 10_000,
            nesting: 100,
        }
    }
}

/// What a run may have only so much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// Bytes of all linear memories and collected heaps together.
    LinearMemory,
    /// Bytes of the sandbox's process.
    ProcessMemory,
    /// Handles to resources, streams, futures and tasks.
    Handles,
    /// Bytes handed to the host in one call.
    HostcallFuel,
    /// Bytes written to a captured stream.
    Output,
    /// Instances, the nested ones among them.
    Instances,
    /// Components within components.
    Nesting,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LinearMemory => "linear memory",
            Self::ProcessMemory => "process memory",
            Self::Handles => "handles",
            Self::HostcallFuel => "data in one call of the host",
            Self::Output => "output",
            Self::Instances => "instances",
            Self::Nesting => "nesting",
        })
    }
}
