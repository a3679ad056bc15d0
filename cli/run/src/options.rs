//! What a caller may grant to a component and what bounds it. Plain data; nothing here acts.

use std::path::PathBuf;
use std::time::Duration;

/// What a run may see and use. The default grants nothing: empty standard input, captured output, no environment,
/// no directory, no network, and no bound on time or memory.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The first argument that the component sees, by convention its name.
    pub program: String,
    /// The arguments after the first.
    pub args: Vec<String>,
    /// Environment variables, in the order the component sees them.
    pub environment: Vec<(String, String)>,
    /// Where the standard streams lead.
    pub stdio: Stdio,
    /// Directories of the host that the component may read and write.
    pub directories: Vec<Directory>,
    /// Whether the component may use the network, outgoing HTTP included.
    pub network: Network,
    /// Bounds compilation and run together. `None` is no bound.
    pub time_limit: Option<Duration>,
    /// Bounds the bytes of all linear memories together. Growing past it fails as if the machine had no more memory.
    pub memory_limit: Option<u64>,
    /// Which WebAssembly features the engine accepts.
    pub features: Features,
}

/// Where standard input comes from and where standard output and error go.
#[derive(Clone, Debug)]
pub enum Stdio {
    /// The streams of this process. One component at a time: they are shared.
    Inherit,
    /// Reads `stdin`, then end of file. What is written is kept in the outcome, up to [`Stdio::CAPTURE_LIMIT`] bytes
    /// a stream; from there on the component finds the stream closed.
    Captured {
        /// The whole standard input.
        stdin: Vec<u8>,
    },
}

impl Stdio {
    /// Bytes kept of each captured stream.
    pub const CAPTURE_LIMIT: usize = 64 << 20;
}

impl Default for Stdio {
    fn default() -> Self {
        Self::Captured { stdin: Vec::new() }
    }
}

/// A directory of the host and the name under which the component finds it.
#[derive(Clone, Debug)]
pub struct Directory {
    /// The path on the host.
    pub host: PathBuf,
    /// The path that the component sees.
    pub guest: String,
}

/// Whether a component may use the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// Every address and every name lookup is refused.
    #[default]
    Denied,
    /// Whatever this process may reach.
    Inherited,
}

/// Which WebAssembly features the engine accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Features {
    /// What `wasmtime run` of the bundled release accepts without flags: WASI 0.3 and the component model's async,
    /// but none of what [`Features::Extended`] adds.
    #[default]
    Default,
    /// Also lifts without a callback (stackful), more async builtins, cooperative threads, error contexts, maps,
    /// fixed-length lists and `implements`. For tests: a user's wasmtime refuses such components by default.
    Extended,
}
