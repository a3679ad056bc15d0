//! Putting a whole file in the place of another: whoever looks sees the old one or the new one.

use std::io;
use std::path::Path;

use tempfile::TempPath;

/// Gives the file `new` the name `path`, whatever has it by now.
///
/// Where the system can do it, the two files exchange their names, and the old one is removed. File systems such as ext4
/// begin to write a file to the disk when it is renamed over another, and the rename waits for that: longer than all of a
/// link takes.
pub(crate) fn replace(new: TempPath, path: &Path) -> io::Result<()> {
    if exchange(&new, path).is_ok() {
        // What has the temporary name now is the old file.
        return new.close();
    }
    new.persist(path).map_err(|error| error.error)
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
