//! The check: the composition is validated with the parser, features and limits of the target runtime.
//!
//! Function bodies are not validated again: inputs are embedded byte for byte, and theirs were validated when they were
//! parsed.

use wasmparser::{Chunk, Parser, Payload, Validator, WasmFeatures};

use crate::emit::Output;
use crate::parse::Fault;

/// Validates `output`. Fails with what the validator says; that would be a bug of emitting.
pub fn check(output: &Output<'_>, features: WasmFeatures) -> Result<(), Fault> {
    let mut check =
        Check { validator: Validator::new_with_features(features), parsers: vec![Parser::new(0)] };
    let mut chunks = output.chunks().peekable();
    while let Some(chunk) = chunks.next() {
        check.feed(chunk, chunks.peek().is_none())?;
    }
    Ok(())
}

struct Check {
    validator: Validator,
    /// The parsers of the open components, the innermost last.
    parsers: Vec<Parser>,
}

impl Check {
    /// Validates one chunk. Chunks end where sections or the heads of nested components do, so no payload spans two.
    /// `last` says that nothing follows. A parser that is at the end of its component needs no bytes to say so.
    fn feed(&mut self, mut chunk: &[u8], last: bool) -> Result<(), Fault> {
        while let Some(parser) = self.parsers.last_mut() {
            match parser.parse(chunk, last)? {
                Chunk::NeedMoreData(_) if chunk.is_empty() => return Ok(()),
                Chunk::NeedMoreData(_) => {
                    return Err(Fault { message: "a section is cut off".into(), offset: 0 });
                }
                Chunk::Parsed { consumed, payload } => {
                    chunk = &chunk[consumed..];
                    self.validator.payload(&payload)?;
                    match payload {
                        Payload::ComponentSection { parser, .. } | Payload::ModuleSection { parser, .. } => {
                            self.parsers.push(parser);
                        }
                        Payload::End(_) => drop(self.parsers.pop()),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }
}
