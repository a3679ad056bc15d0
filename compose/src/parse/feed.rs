//! Feeding a validator with a component in pieces, without joining them.

use wasm_encoder::{Alias, ComponentOuterAliasKind, Encode};
use wasmparser::{
    BinaryReader, Chunk, CodeSectionReader, ComponentAliasSectionReader, Parser, Payload, ValidPayload,
    Validator,
};

use super::Fault;
use super::functions::Code;
use super::modules::{Inside, Known};
use crate::request::Bodies;

/// What is done with what no type depends on: the functions and segments of the modules in a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// Segments are validated, and functions handed over.
    Read,
    /// They are not even looked at: they are validated elsewhere, or nobody asks for it.
    Skipped,
}

impl From<Bodies> for Contents {
    fn from(bodies: Bodies) -> Contents {
        match bodies {
            Bodies::Validated => Contents::Read,
            Bodies::Unvalidated => Contents::Skipped,
        }
    }
}

/// What was found in a module or component.
#[derive(Default)]
pub(crate) struct Fed<'p> {
    /// The functions inside that were handed over.
    pub code: Vec<Code<'p>>,
    /// The number of modules and components inside.
    pub definitions: u32,
}

/// Validates the module or component that `pieces` make up, but for functions and what is skipped, and leaves it open: it is closed by
/// [`Validator::end`]. A piece ends where a section or the head of a nested definition does, so no payload spans two.
///
/// Modules that are known are not read again. Those of which the component around has one of the same type stand as outer
/// aliases of that. All other payloads are shown to `see`, which may find fault with them too.
pub(crate) fn feed<'p>(
    validator: &mut Validator,
    pieces: impl IntoIterator<Item = (&'p [u8], Contents)>,
    modules: Inside<'_>,
    mut see: impl FnMut(&Payload<'p>) -> Result<(), Fault>,
) -> Result<Fed<'p>, Fault> {
    let mut fed = Fed::default();
    // The parsers of what is open, the innermost last, each with the offset where that has to end, if there is one.
    let mut parsers = vec![(Parser::new(0), None)];
    let mut pieces = pieces.into_iter().peekable();
    // The section of code whose functions come next, until the first came.
    let mut section = None;
    // Whether the module that is open was validated already.
    let mut valid = false;
    while let Some((mut piece, contents)) = pieces.next() {
        while let Some((parser, end)) = parsers.last_mut() {
            // At the end of what it parses, a parser says so without another byte.
            let (consumed, payload) = match parser.parse(piece, pieces.peek().is_none())? {
                Chunk::NeedMoreData(_) if piece.is_empty() => break,
                Chunk::NeedMoreData(_) => return Err(cut_off()),
                Chunk::Parsed { consumed, payload } => (consumed, payload),
            };
            let before = piece;
            piece = &piece[consumed..];
            let skips = valid || contents == Contents::Skipped;
            match &payload {
                // The validator takes a snapshot of all types at each section of code that it is told of.
                Payload::CodeSectionStart { size, .. } if skips && piece.len() >= *size as usize => {
                    parser.skip_section();
                    piece = &piece[*size as usize..];
                    continue;
                }
                Payload::ElementSection(_) | Payload::DataCountSection { .. } | Payload::DataSection(_)
                    if skips =>
                {
                    continue;
                }
                Payload::CodeSectionStart { size, range, .. } => {
                    let end = consumed + *size as usize;
                    // If it is cut off, the parser says where.
                    if let Some(content) = before.get(end - range.len()..end) {
                        section = Some(CodeSectionReader::new(BinaryReader::new(content, range.start))?);
                    }
                }
                Payload::ModuleSection { unchecked_range, .. } => {
                    fed.definitions += 1;
                    let ahead =
                        if piece.is_empty() { pieces.peek().map(|(next, _)| *next) } else { Some(piece) };
                    let known = ahead.and_then(|ahead| modules.find(ahead.get(..unchecked_range.len())?));
                    if let Some(Known::Around(index)) = known {
                        let count = modules.count(parsers.len());
                        alias(validator, count, index, unchecked_range.start)?;
                        if piece.is_empty() {
                            piece = pieces.next().map_or(piece, |(next, _)| next);
                        }
                        piece = &piece[unchecked_range.len()..];
                        continue;
                    }
                    valid = known.is_some();
                }
                Payload::ComponentSection { .. } => fed.definitions += 1,
                // A parser takes the end of the file for the end of what it parses.
                Payload::End(offset) if end.is_some_and(|end| end != *offset) => {
                    return Err(Fault { message: "unexpected end-of-file".into(), offset: *offset });
                }
                Payload::End(_) => {
                    parsers.pop();
                    valid = false;
                    if parsers.is_empty() {
                        return Ok(fed);
                    }
                }
                _ => {}
            }
            see(&payload)?;
            if let ValidPayload::Func(first, _) = validator.payload(&payload)? {
                fed.code.extend(section.take().map(|bodies| Code::new(first, bodies)));
            }
            if let Payload::ModuleSection { parser, unchecked_range: range }
            | Payload::ComponentSection { parser, unchecked_range: range } = payload
            {
                parsers.push((parser, Some(range.end)));
            }
        }
    }
    Err(cut_off())
}

/// Tells the validator of the module of that index, which the component `count` components further out has.
fn alias(validator: &mut Validator, count: u32, index: u32, offset: usize) -> Result<(), Fault> {
    let mut section = vec![1];
    Alias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index }.encode(&mut section);
    let section = ComponentAliasSectionReader::new(BinaryReader::new(&section, offset))?;
    Ok(validator.component_alias_section(&section)?)
}

fn cut_off() -> Fault {
    Fault { message: "a section is cut off".into(), offset: 0 }
}
