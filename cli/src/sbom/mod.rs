//! Documents on what a composition was made of: a bill of materials, and a statement on its making. Both are made from the
//! composition alone, without clock or chance, so that equal files give equal documents.

mod cyclonedx;
mod intoto;

use wcompose::Digest;

pub(crate) use cyclonedx::cyclone_dx;
pub(crate) use intoto::in_toto;

/// The file that a document is about.
pub(crate) struct Subject {
    /// Its name, without folders.
    pub name: String,
    pub sha256: Digest,
}
