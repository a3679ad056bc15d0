//! The sections of a module or component, without what is in them, read as fast as that can be done.

use std::ops::Range;

use wasmparser::{BinaryReader, Error};

use crate::parse::Fault;

/// The ids of the sections of a component that somebody asks for; custom sections have the same in a module.
pub(crate) mod id {
    pub(crate) const CUSTOM: u8 = 0;
    pub(crate) const MODULE: u8 = 1;
    pub(crate) const CORE_INSTANCE: u8 = 2;
    pub(crate) const CORE_TYPE: u8 = 3;
    pub(crate) const COMPONENT: u8 = 4;
    pub(crate) const INSTANCE: u8 = 5;
    pub(crate) const ALIAS: u8 = 6;
    pub(crate) const TYPE: u8 = 7;
    pub(crate) const CANONICAL: u8 = 8;
    pub(crate) const START: u8 = 9;
    pub(crate) const IMPORT: u8 = 10;
    pub(crate) const EXPORT: u8 = 11;
    /// In a module.
    pub(crate) const CODE: u8 = 10;
    /// In a module.
    pub(crate) const DATA: u8 = 11;
}

/// The bytes of a header: magic number, version, layer.
pub(crate) const HEADER: usize = 8;

/// One section.
pub(crate) struct Section<'a> {
    pub id: u8,
    /// Where the whole of it stands, its head included.
    pub range: Range<usize>,
    /// What follows the head.
    pub body: &'a [u8],
}

impl<'a> Section<'a> {
    /// Where what follows the head stands.
    pub(crate) fn start(&self) -> usize {
        self.range.end - self.body.len()
    }

    /// The name and the content of a custom section.
    pub(crate) fn custom(&self) -> Result<(&'a str, &'a [u8]), Error> {
        let mut reader = BinaryReader::new(self.body, 0);
        let name = reader.read_string()?;
        Ok((name, reader.read_bytes(reader.bytes_remaining())?))
    }
}

/// Fails if sections do not fill the file in `bytes`, as where it is cut off. What is in them is not looked at.
pub fn framing(bytes: &[u8]) -> Result<(), Fault> {
    sections(bytes).try_for_each(|section| section.map(drop).map_err(Fault::from))
}

/// The sections of the module or component in `bytes`.
pub(crate) fn sections<'a>(bytes: &'a [u8]) -> impl Iterator<Item = Result<Section<'a>, Error>> {
    let mut reader = BinaryReader::new(bytes, 0);
    let mut header = Some(reader.read_bytes(HEADER).map(drop));
    std::iter::from_fn(move || {
        if let Some(Err(error)) = header.take() {
            return Some(Err(error));
        }
        (!reader.eof()).then(|| {
            let start = reader.original_position();
            let id = reader.read_u8()?;
            let size = reader.read_var_u32()?;
            let body = reader.read_bytes(size as usize)?;
            Ok(Section { id, range: start..reader.original_position(), body })
        })
    })
}
