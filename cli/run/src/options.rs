//! What a caller may grant to a component and what bounds it. Plain data; nothing here acts.

use crate::limits::Limits;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// What a run may see and use. The default grants nothing: empty standard input, captured output, no environment,
/// no directory, no network, and the limits of [`Limits::default`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
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
    /// What bounds it.
    pub limits: Limits,
    /// Which WebAssembly features the engine accepts.
    pub features: Features,
    /// What compiles it.
    pub engine: EngineChoice,
}

/// Where standard input comes from and where standard output and error go.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Stdio {
    /// The streams of this process. One component at a time: they are shared.
    Inherit,
    /// The same, but standard error is this file: the process keeps its own for what is not the component's.
    #[serde(skip)]
    Moved(Arc<File>),
    /// Reads `stdin`, then end of file. What is written is kept in the outcome, up to [`Limits::output`].
    Captured {
        /// The whole standard input.
        stdin: Vec<u8>,
    },
}

impl Default for Stdio {
    fn default() -> Self {
        Self::Captured { stdin: Vec::new() }
    }
}

/// A directory of the host and the name under which the component finds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Directory {
    /// The path on the host.
    pub host: PathBuf,
    /// The path that the component sees.
    pub guest: String,
}

/// Whether a component may use the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// Every address and every name lookup is refused.
    #[default]
    Denied,
    /// Whatever this process may reach.
    Inherited,
}

/// Which WebAssembly features the engine accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Features {
    /// What `wasmtime run` of the bundled release accepts without flags: WASI 0.3 and the component model's async,
    /// but none of what [`Features::Extended`] adds.
    #[default]
    Default,
    /// Also lifts without a callback (stackful), more async builtins, cooperative threads, error contexts, maps,
    /// fixed-length lists, `implements`, pages of other sizes and wide arithmetic: all that `--feature` names. A user's
    /// wasmtime refuses such components by default.
    Extended,
}

/// What compiles a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineChoice {
    /// Cranelift: slow to compile, quick to run.
    #[default]
    Cranelift,
    /// Winch, which compiles several times as fast; Cranelift for a component that Winch cannot compile.
    WinchFirst,
}
