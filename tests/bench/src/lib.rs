//! Large inputs that are made up, for tests and for what measures: components from text, and whole compositions of them.
//! What measures is beside: `benches/` for the phases, `src/bin/peers` for the program, `src/bin/instructions.rs` for CI.

mod component;
pub mod generated;
mod linked;

pub use component::{from_wat, from_wit, from_wit_after};
pub use generated::Made;
pub use linked::{inputs, read};
