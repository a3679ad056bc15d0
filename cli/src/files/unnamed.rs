//! Files without a name: they are gone with whoever has them open, however that ends.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::TempPath;

/// What temporary files are called, while they are called anything.
pub(super) fn naming() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wcompose-");
    builder
}

/// A new file in a folder. Fails where the file system or the machine has none without a name.
#[cfg(target_os = "linux")]
pub(super) fn file(folder: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    // As an ordinary new file would have it: the umask takes away what it should.
    let mode = Mode::from_raw_mode(0o666);
    let file = File::from(open(folder, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, mode)?);
    std::fs::symlink_metadata(place(&file)).map(|_| file)
}

/// Gives it a name in that folder that nothing has.
#[cfg(target_os = "linux")]
pub(super) fn name(file: &File, folder: &Path) -> io::Result<TempPath> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let link = |name: &Path| Ok(linkat(CWD, place(file), CWD, name, AtFlags::SYMLINK_FOLLOW)?);
    naming().make_in(folder, link).map(tempfile::NamedTempFile::into_temp_path)
}

/// Where the system has it nevertheless, for as long as it is open.
#[cfg(target_os = "linux")]
fn place(file: &File) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn file(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn name(_: &File, _: &Path) -> io::Result<TempPath> {
    Err(io::ErrorKind::Unsupported.into())
}
