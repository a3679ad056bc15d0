//! The component on its way to the child: in a file without a name, which the parent writes and the child maps. Unsafe code,
//! and why it is sound.

use crate::outcome::HostError;
use memmap2::Mmap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Deref;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicBool, Ordering};

/// A component in the binary format, as a sandbox takes it.
#[derive(Clone, Copy)]
pub enum Binary<'b> {
    /// Bytes that are copied for each child that needs them.
    Bytes(&'b [u8]),
    /// What a child can have as it is.
    Image(&'b Image),
}

impl<'b> Binary<'b> {
    /// Its bytes.
    pub fn bytes(self) -> &'b [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Image(image) => image,
        }
    }

    /// What a child gets of it.
    pub(super) fn offer(self) -> io::Result<Offer<'b>> {
        Ok(match self {
            Self::Bytes(bytes) => Offer::Empty(nameless()?, bytes),
            Self::Image(image) => Offer::Filled(image.file.try_clone()?),
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

impl<'b> From<&'b Image> for Binary<'b> {
    fn from(image: &'b Image) -> Self {
        Self::Image(image)
    }
}

/// The bytes of a component in a file of their own. They are copied once, where those of a `Vec` would be copied again for each
/// child.
pub struct Image {
    file: File,
    map: Mmap,
}

impl Image {
    /// The bytes of all `parts`, one after the other.
    ///
    /// # Errors
    ///
    /// If there is no room for them.
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Result<Self, HostError> {
        let of_file = |file: File| {
            fill(&file, parts)?;
            let map = map(&file)?;
            Ok(Self { file, map })
        };
        nameless().and_then(of_file).map_err(HostError::handing)
    }
}

impl Deref for Image {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

/// A file for a child.
pub(super) enum Offer<'b> {
    /// These bytes are to be written to it.
    Empty(File, &'b [u8]),
    /// All of the component is in it.
    Filled(File),
}

impl Offer<'_> {
    /// The file, for the child.
    pub(super) fn file(&self) -> io::Result<File> {
        let (Self::Empty(file, _) | Self::Filled(file)) = self;
        file.try_clone()
    }

    /// Has all of the component in it. Only the child has the file then, and its memory ends with that.
    pub(super) fn fill(self) -> io::Result<()> {
        match self {
            Self::Empty(file, bytes) => fill(&file, [bytes]),
            Self::Filled(_) => Ok(()),
        }
    }
}

/// What the parent of this process, which is the child, has offered.
pub(super) struct Inherited(File);

impl Inherited {
    /// The file that the parent gave to this process at `descriptor`. To be called before this process opens anything, and
    /// not again.
    #[allow(
        unsafe_code,
        reason = "a descriptor is inherited as a number, and there is no other way to close one"
    )]
    pub(super) fn at(descriptor: i32) -> io::Result<Self> {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        if TAKEN.swap(true, Ordering::Relaxed) || !fs::metadata(format!("/dev/fd/{descriptor}"))?.is_file() {
            return Err(io::Error::other("this process was not started as a sandbox"));
        }
        // SAFETY: it is open, and it is not this process that has opened it, so nothing here owns it: it was inherited. It is
        // taken once only.
        Ok(Self(unsafe { File::from_raw_fd(descriptor) }))
    }

    /// What is in it, which must have been filled.
    pub(super) fn map(self) -> io::Result<Mmap> {
        map(&self.0)
    }
}

/// A file without a name, for reading and writing. On Linux it is in memory: there need be no folder that can be written to,
/// and nobody can change it once it is filled.
fn nameless() -> io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{MemfdFlags, memfd_create};
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        Ok(memfd_create("wcompose-component", flags)?.into())
    }
    #[cfg(not(target_os = "linux"))]
    tempfile::tempfile()
}

/// Writes `parts` to a file, for good.
fn fill<'p>(file: &File, parts: impl IntoIterator<Item = &'p [u8]>) -> io::Result<()> {
    let mut to = BufWriter::new(file);
    parts.into_iter().try_for_each(|part| to.write_all(part))?;
    to.flush()?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{SealFlags, fcntl_add_seals};
        fcntl_add_seals(file, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    }
    Ok(())
}

#[allow(unsafe_code, reason = "there is no other way to map a file")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the bytes do not change while they are mapped. On Linux the file is sealed. Elsewhere it has no name by which another
    // process could open it, and what is done with its bytes is safe for any: they are read with checks, as those of
    // inputs are.
    unsafe { Mmap::map(file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_image_stand_one_after_the_other() {
        assert_eq!(&*Image::of([&b"ab"[..], b"", b"c"]).unwrap(), b"abc");
        assert_eq!(&*Image::of([]).unwrap(), b"");
    }

    /// A child has all of the bytes when it is told so, whichever way they came.
    #[test]
    fn a_child_has_what_it_was_offered() {
        let image = Image::of([&b"abc"[..]]).unwrap();
        for binary in [Binary::Bytes(b"abc"), Binary::Image(&image)] {
            let offer = binary.offer().unwrap();
            let file = offer.file().unwrap();
            offer.fill().unwrap();
            assert_eq!(&*Inherited(file).map().unwrap(), b"abc");
        }
    }

    /// A component that takes over the child cannot reach what the parent still reads.
    #[test]
    #[cfg(target_os = "linux")]
    fn nobody_changes_what_is_filled() {
        let image = Image::of([&b"abc"[..]]).unwrap();
        let mut file = Binary::Image(&image).offer().unwrap().file().unwrap();
        file.write_all(b"x").unwrap_err();
        file.set_len(1).unwrap_err();
        assert_eq!(&*image, b"abc");
    }
}
