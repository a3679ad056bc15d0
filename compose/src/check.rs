//! The check: the composition is validated with the parser, features and limits of the target runtime.
//!
//! Function bodies of inputs are passed over: their modules are embedded byte for byte, and their bodies are validated with
//! the inputs. Those that the link made itself, for adapters, are validated here.

use wasmparser::{Validator, WasmFeatures};

use crate::emit::Output;
use crate::parse::{Body, Code, Fault, faulty, feed};

/// Validates `output`, and gives the number of modules and components in it. Fails with what the validator says; that
/// would be a bug of emitting.
pub fn check(output: &Output<'_>, features: WasmFeatures) -> Result<u32, Fault> {
    let code = |new| if new { Code::HandedOver } else { Code::Skipped };
    let pieces = output.pieces().map(|(bytes, new)| (bytes, code(new)));
    let mut made = Vec::new();
    let hand_over = |validator, body| made.push(Body { of: (), validator, body });
    let definitions = feed(&mut Validator::new_with_features(features), pieces, hand_over)?;
    faulty(made).into_iter().next().map_or(Ok(definitions), |((), fault)| Err(fault))
}
