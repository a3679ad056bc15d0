//! Runs components in wasmtime, under limits and deny-by-default. Owns hosts, limits, invocation and outcomes.
//! It is the only crate that names wasmtime or tokio. It does not link, print, or decide exit codes.

mod at_once;
mod cache;
mod call;
mod calls;
mod clock;
mod compile;
mod context;
mod deadlock;
mod engine;
mod exceeded;
mod function;
pub mod http;
mod invoke;
mod judge;
mod kept;
mod limits;
mod load;
mod memory;
mod modules;
mod noted;
mod options;
mod outcome;
mod quiet;
mod run;
mod sandbox;
mod session;
mod split;
mod state;
mod trap;
mod waits;
mod winch;

pub use cache::{CacheFolder, Trust};
pub use call::{Called, call};
pub use calls::{CallExpression, CallProblem, CallResult, CallSyntaxError, Invoked, invoke};
pub use deadlock::{Deadlock, HostCall};
pub use function::FunctionPath;
pub use limits::{Limits, Quantity};
pub use options::{Directory, EngineChoice, Features, Network, Options, Stdio};
pub use outcome::{Compiler, HostError, Outcome, Phase, Verdict};
pub use run::run;
pub use sandbox::{Binary, CHILD, Event, Image, Sandbox, Stop, Subject, Task, child};
pub use trap::Frame;

/// A component model value, as wasmtime has it. Arguments and results of [`call`].
pub use wasmtime::component::Val as Value;
