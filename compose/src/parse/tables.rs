//! Which tables of the target inputs may need: what no input asks for is not read.

use wasmparser::{BinaryReader, ComponentImportSectionReader};
use wcompose_wit::{ExternName, MatchKey};

use crate::input::Inputs;
use crate::sections::{id, sections};
use crate::target::{Table, Target};

/// The tables that may have what an input imports.
pub(super) fn needed(inputs: &Inputs<'_>, target: &Target) -> Vec<&'static Table> {
    let keys = inputs.iter().flat_map(|input| imported(input.bytes)).collect::<Vec<_>>();
    let tables = target.tables().iter();
    tables.filter(|table| keys.iter().any(|key| table.may_have(key))).collect()
}

/// What the imports of the component in `bytes` are matched by, as far as they can be read.
fn imported(bytes: &[u8]) -> impl Iterator<Item = MatchKey> {
    let imports = sections(bytes).map_while(Result::ok).filter(|section| section.id == id::IMPORT);
    let imports = imports
        .filter_map(|section| ComponentImportSectionReader::new(BinaryReader::new(section.body, 0)).ok());
    imports
        .flatten()
        .flatten()
        .map(|import| ExternName::new(import.name.implements.unwrap_or(import.name.name)).key())
}
