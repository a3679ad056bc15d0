//! Inputs that are mapped into memory instead of copied. The only unsafe code of the program, and why it is sound enough.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Deref;
use std::time::SystemTime;

use memmap2::Mmap;

/// The content of a file, mapped. It ends the process with a bus error if the file is cut off meanwhile; any other change
/// is seen by [`Mapped::is_unchanged`].
pub(crate) struct Mapped {
    map: Mmap,
    file: File,
    stamp: (u64, Option<SystemTime>),
}

impl Mapped {
    /// Maps the whole of a regular file.
    #[allow(unsafe_code)]
    pub(crate) fn new(file: File) -> io::Result<Mapped> {
        let stamp = stamp(&file.metadata()?);
        // SAFETY: the bytes must not change while they are borrowed, and no program can promise that for a file. What is
        // done with them is safe for any bytes: wasmparser and the emitter read them with checks, and take nothing of what
        // they saw before for granted where an error would be more than a wrong composition. One that was made while its
        // inputs changed is never kept: whoever writes it asks `is_unchanged` before the file is put in its place.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Mapped { map, file, stamp })
    }

    /// Whether the file has the length and the time of its last change that it had when it was mapped.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| stamp(&metadata) == self.stamp)
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

fn stamp(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}
