//! The check: the composition is validated with the parser, features and limits of the target runtime.
//!
//! Function bodies are not validated again: modules are embedded byte for byte, and their bodies were validated when the
//! inputs were parsed.

use wasmparser::{Validator, WasmFeatures};

use crate::emit::Output;
use crate::parse::{Fault, feed};

/// Validates `output`, and gives the number of modules and components in it. Fails with what the validator says; that
/// would be a bug of emitting.
pub fn check(output: &Output<'_>, features: WasmFeatures) -> Result<u32, Fault> {
    feed(&mut Validator::new_with_features(features), output.chunks(), |_, _| {})
}
