//! Feeding a validator with a component in pieces, without joining them.

use wasmparser::{
    Chunk, FuncToValidate, FunctionBody, Parser, Payload, ValidPayload, Validator, ValidatorResources,
};

use super::Fault;

/// What is done with the functions of the modules in a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Each body is handed over.
    HandedOver,
    /// They are not even looked at: they are validated elsewhere, or nobody asks for it.
    Skipped,
}

/// Validates the module or component that `pieces` make up, but for its function bodies. A piece ends where a section or
/// the head of a nested component does, so no payload spans two. Gives the number of modules and components inside.
pub(crate) fn feed<'p>(
    validator: &mut Validator,
    pieces: impl Iterator<Item = (&'p [u8], Code)>,
    mut hand_over: impl FnMut(FuncToValidate<ValidatorResources>, FunctionBody<'p>),
) -> Result<u32, Fault> {
    let mut definitions = 0;
    // The parsers of what is open, the innermost last.
    let mut parsers = vec![Parser::new(0)];
    let mut pieces = pieces.peekable();
    while let Some((mut piece, code)) = pieces.next() {
        let last = pieces.peek().is_none();
        while let Some(parser) = parsers.last_mut() {
            // At the end of what it parses, a parser says so without another byte.
            match parser.parse(piece, last)? {
                Chunk::NeedMoreData(_) if piece.is_empty() => break,
                Chunk::NeedMoreData(_) => return Err(cut_off()),
                Chunk::Parsed { consumed, payload } => {
                    piece = &piece[consumed..];
                    if let (Payload::CodeSectionStart { size, .. }, Code::Skipped) = (&payload, code) {
                        // The validator takes a snapshot of all types at each section of code that it is told of.
                        parser.skip_section();
                        piece = piece.get(*size as usize..).ok_or_else(cut_off)?;
                        continue;
                    }
                    if let ValidPayload::Func(of, body) = validator.payload(&payload)? {
                        hand_over(of, body);
                    }
                    match payload {
                        Payload::ComponentSection { parser, .. } | Payload::ModuleSection { parser, .. } => {
                            definitions += 1;
                            parsers.push(parser);
                        }
                        Payload::End(_) => drop(parsers.pop()),
                        _ => {}
                    }
                }
            }
        }
    }
    Ok(definitions)
}

fn cut_off() -> Fault {
    Fault { message: "a section is cut off".into(), offset: 0 }
}
