//! Inputs that are mapped into memory instead of copied. Unsafe code, and why it is sound enough.

use std::fs::{File, Metadata};
use std::io;
use std::ops::{Deref, Range};
use std::time::SystemTime;

use memmap2::{Mmap, UncheckedAdvice};

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

    /// Reads what is at `start` into `to`, from the file and not through the mapping.
    pub(super) fn read(&self, start: usize, to: &mut [u8]) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileExt;
            let told = |error: io::Error| match error.kind() {
                io::ErrorKind::UnexpectedEof => super::changed(),
                _ => io::Error::other(format!("an input cannot be read: {error}")),
            };
            self.file.read_exact_at(to, start as u64).map_err(told)
        }
        #[cfg(not(unix))]
        {
            to.copy_from_slice(&self.map[start..start + to.len()]);
            Ok(())
        }
    }

    /// Gives the memory back that a range of it takes. Whoever reads of that again gets it from the file.
    ///
    /// All other threads are stopped for it, so it is not for each of many small ones.
    #[allow(unsafe_code)]
    pub(super) fn release(&self, range: Range<usize>) {
        // SAFETY: the mapping is never written to, so its pages have nothing that the file has not, and what is read
        // from them later is what `new` says of it. It is advice: where it fails, nothing changes.
        _ = unsafe { self.map.unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, range.len()) };
    }

    /// Where `part` begins, if it is a part.
    pub(super) fn place(&self, part: &[u8]) -> Option<usize> {
        let start = part.as_ptr().addr().wrapping_sub(self.map.as_ptr().addr());
        (start < self.map.len()).then_some(start)
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What is read of a part is what the mapping has there, and what is no part has no place.
    #[test]
    fn a_part_is_read_from_where_it_is_mapped_from() {
        let content = (0..100_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let mapped = Mapped::new(file).unwrap();
        assert!(*mapped == content[..]);
        for part in [0..content.len(), 5_000..300_000, 399_999..400_000] {
            assert_eq!(mapped.place(&mapped[part.clone()]), Some(part.start));
            let mut read = vec![0; part.len()];
            mapped.read(part.start, &mut read).unwrap();
            assert!(read == content[part]);
        }
        for range in [0..content.len(), 8_192..300_000, 0..0, 1..content.len() + 1] {
            mapped.release(range);
            assert!(*mapped == content[..], "what was given back is read again");
        }
        assert_eq!(mapped.place(&content), None);
        mapped.read(1, &mut vec![0; content.len()]).unwrap_err();
    }
}
