//! The component on its way to the child: in a file without a name, which the parent writes and the child maps. Unsafe
//! code, and why it is sound.

use memmap2::Mmap;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Deref;
use std::os::fd::FromRawFd;

/// A component in the binary format, as a sandbox takes it.
#[derive(Clone, Copy)]
pub enum Binary<'b> {
    /// Bytes that are copied for a child that needs them.
    Bytes(&'b [u8]),
    /// What a child can have as it is.
    Placed(&'b Placed),
}

impl<'b> Binary<'b> {
    /// Its bytes.
    pub fn bytes(self) -> &'b [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Placed(placed) => placed,
        }
    }

    /// A file for a child, which has it in it when it [was filled](Handed::fill).
    pub(super) fn hand(self) -> io::Result<Handed<'b>> {
        Ok(match self {
            Self::Bytes(bytes) => Handed { file: nameless()?, missing: bytes },
            Self::Placed(placed) => Handed { file: placed.file.try_clone()?, missing: &[] },
        })
    }
}

impl<'b> From<&'b [u8]> for Binary<'b> {
    fn from(bytes: &'b [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'b> From<&'b Vec<u8>> for Binary<'b> {
    fn from(bytes: &'b Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'b> From<&'b Placed> for Binary<'b> {
    fn from(placed: &'b Placed) -> Self {
        Self::Placed(placed)
    }
}

/// Bytes in a file that no one else can open. They are copied once, where a `Vec` would be copied again for each child.
pub struct Placed {
    file: File,
    map: Mmap,
}

impl Placed {
    /// The bytes of all `parts`, one after the other.
    ///
    /// # Errors
    ///
    /// If there is no place for them.
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> io::Result<Self> {
        let mut file = nameless()?;
        parts.into_iter().try_for_each(|part| file.write_all(part))?;
        let map = map(&file)?;
        Ok(Self { file, map })
    }
}

impl Deref for Placed {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

/// A file for a child.
pub(super) struct Handed<'b> {
    pub(super) file: File,
    missing: &'b [u8],
}

impl Handed<'_> {
    /// Writes what is not in it yet.
    pub(super) fn fill(mut self) -> io::Result<()> {
        self.file.write_all(self.missing)
    }
}

/// What the parent has handed to this process, which is the child, at `descriptor`. To be called once.
#[allow(unsafe_code, reason = "a descriptor is a number, and there is no other way to close one")]
pub(super) fn taken(descriptor: i32) -> io::Result<Mmap> {
    // SAFETY: the parent has given it to this process under that number, and nothing else here owns it.
    let file = unsafe { File::from_raw_fd(descriptor) };
    map(&file)
}

/// A file without a name, for reading and writing.
fn nameless() -> io::Result<File> {
    // Pages of a file on a disk are larger, and had sooner; they are not written there before they are gone.
    let file = tempfile::tempfile();
    #[cfg(target_os = "linux")]
    let file = file.or_else(|_| {
        // A server may have no folder to write to.
        use rustix::fs::{MemfdFlags, memfd_create};
        Ok(memfd_create("wcompose-component", MemfdFlags::CLOEXEC)?.into())
    });
    file
}

#[allow(unsafe_code, reason = "there is no other way to map a file")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the bytes do not change while they are mapped: they were all written before, the file has no name by which it
    // could be opened, and neither parent nor child writes to it again.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component may be of no bytes at all, which is no component, and must be told so by whoever reads it.
    #[test]
    fn parts_are_placed_one_after_the_other() {
        assert_eq!(&*Placed::of([&b"ab"[..], b"", b"c"]).unwrap(), b"abc");
        assert_eq!(&*Placed::of([]).unwrap(), b"");
    }
}
