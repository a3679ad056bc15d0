//! Runs components in wasmtime, under limits and deny-by-default. Owns hosts, limits, invocation and outcomes.
//! It is the only crate that names wasmtime or tokio. It does not link, print, or decide exit codes.

mod call;
mod clock;
mod context;
mod engine;
mod function;
pub mod http;
mod invoke;
mod memory;
mod options;
mod outcome;
mod quiet;
mod run;
mod session;
mod state;
mod waits;

pub use call::{Called, call};
pub use function::FunctionPath;
pub use options::{Directory, Features, Network, Options, Stdio};
pub use outcome::{Frame, HostError, Outcome, Phase, Verdict};
pub use run::run;

/// A component model value, as wasmtime has it. Arguments and results of [`call`].
pub use wasmtime::component::Val as Value;
