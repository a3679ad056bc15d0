//! Writing: outputs are written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;
use wcompose::Output;

use super::replace::replace;
use super::steps::Steps;
use super::{Content, FileError, folder_of, followed, is_special, unchanged, unnamed};

/// Writes a composition: to standard output for `-`; straight to a device or a pipe; else to a temporary file beside
/// `path`, or beside what it links to, that is renamed when it is whole, so that a failure leaves what was there. If a
/// `draft` was begun for that, it is finished.
///
/// `inputs` are what the composition was made of: it is not kept if one of them changed.
pub(crate) fn write(
    path: &Path,
    output: &Output<'_>,
    inputs: &[Content],
    draft: Option<Draft>,
) -> Result<(), FileError> {
    let put_from = |from: usize, to: &mut dyn Write| {
        put(output, from, inputs, to)?;
        unchanged(inputs)
    };
    match draft {
        Some(Draft { new, begun }) => new.put(path, |to| put_from(begun, to)),
        None => write_with(path, |to| put_from(0, to)),
    }
}

/// Writes what a composition has from the byte `from` on.
fn put(output: &Output<'_>, from: usize, inputs: &[Content], to: impl Write) -> io::Result<()> {
    let mut steps = Steps::new(to, from, inputs);
    for chunk in output.chunks_from(from) {
        steps.write(chunk)?;
    }
    steps.finish()
}

/// Writes a composition as text the way [`write`] writes its bytes.
pub(crate) fn write_text(path: &Path, text: &str, inputs: &[Content]) -> Result<(), FileError> {
    write_with(path, |to| to.write_all(text.as_bytes()).and_then(|()| unchanged(inputs)))
}

/// Writes bytes the way [`write`] writes a composition.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_with(path, |to| to.write_all(bytes))
}

/// The beginning of a composition, in a temporary file beside the one that it is to be. If it is not finished, it is removed. A
/// process that is killed leaves it only where a file cannot be without a name.
pub(crate) struct Draft {
    new: New,
    /// How many bytes it has.
    begun: usize,
}

impl Draft {
    /// Writes what there is of a composition that is to be written to `path`. `None` if that is no file, or cannot be written:
    /// then [`write`] begins anew, and says what is wrong.
    pub(crate) fn begin(path: &Path, output: &Output<'_>, inputs: &[Content]) -> Option<Draft> {
        let Place::File(mut new) = Place::of(path).ok()? else { return None };
        reserve(&new.file, output.len());
        put(output, 0, inputs, &mut new.file).ok()?;
        Some(Draft { new, begun: output.len() })
    }
}

/// Gets the room on the disk for so many bytes of a file at once, if they are many: ext4 takes twice as long to write them if it
/// has to see to each page. Where that cannot be done, it is done by writing.
fn reserve(file: &File, length: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        const MANY: usize = 1 << 18;
        if length >= MANY {
            _ = fallocate(file, FallocateFlags::KEEP_SIZE, 0, length as u64);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, length);
}

/// Where bytes go.
enum Place {
    Stdout,
    /// A device or a pipe, which stays what it is.
    Special,
    File(New),
}

/// A temporary file that is to take the place of `target`.
struct New {
    file: File,
    /// Its name, where it has to have one before it is whole.
    name: Option<TempPath>,
    target: PathBuf,
}

impl New {
    /// Takes what `put` writes, for the file that the user calls `path`.
    fn put(
        mut self,
        path: &Path,
        put: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), FileError> {
        let written = put(&mut self.file).and_then(|()| {
            let name = self.name.map_or_else(|| unnamed::name(&self.file, folder_of(&self.target)), Ok)?;
            replace(name, &self.target)
        });
        written.map_err(|error| FileError::new("write", path, without_path(&error)))
    }
}

/// Says what keeps a file from being written to `path`, as far as it can be seen without beginning one.
pub(crate) fn check_place(path: &Path) -> Result<(), FileError> {
    if path == Path::new("-") || is_special(path) { Ok(()) } else { target(path).map(drop) }
}

/// The file that is to be replaced: `path`, or what it links to. It stands in a folder.
fn target(path: &Path) -> Result<PathBuf, FileError> {
    let failed = |why: &dyn std::fmt::Display| Err(FileError::new("write", path, why));
    if path.is_dir() {
        return failed(&"it is a folder");
    }
    let target = followed(path);
    if target.is_symlink() {
        return failed(&"its links go in a circle");
    }
    let directory = folder_of(&target);
    if !directory.is_dir() {
        return failed(&format_args!("there is no folder `{}`", directory.display()));
    }
    Ok(target)
}

impl Place {
    fn of(path: &Path) -> Result<Place, FileError> {
        let failed = |why: &dyn std::fmt::Display| FileError::new("write", path, why);
        if path == Path::new("-") {
            return Ok(Place::Stdout);
        }
        if is_special(path) {
            return Ok(Place::Special);
        }
        let target = target(path)?;
        let directory = folder_of(&target);
        if let Ok(file) = unnamed::file(directory) {
            return Ok(Place::File(New { file, name: None, target }));
        }
        let mut builder = unnamed::naming();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As a file without a name has it.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(directory).map_err(|error| failed(&without_path(&error)))?;
        let (file, name) = file.into_parts();
        Ok(Place::File(New { file, name: Some(name), target }))
    }
}

fn write_with(path: &Path, put: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    match Place::of(path)? {
        Place::Stdout => {
            let mut stdout = io::stdout().lock();
            let written = put(&mut stdout).and_then(|()| stdout.flush());
            written.map_err(|error| FileError(format!("cannot write to standard output: {error}")))
        }
        Place::Special => {
            let opened = fs::OpenOptions::new().write(true).open(path);
            let written = opened.and_then(|mut file| put(&mut file));
            written.map_err(|error| FileError::new("write", path, error))
        }
        Place::File(new) => new.put(path, put),
    }
}

/// The cause alone, which `tempfile` gives only in its text: the name of a temporary file means nothing to the user.
fn without_path(error: &io::Error) -> io::Error {
    let text = error.to_string();
    io::Error::other(text.split_once(" at path ").map_or(text.as_str(), |(cause, _)| cause))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::{LARGE, open, same_file};
    use super::*;

    /// A link is there because its target is meant, so the target is replaced and the link stays, also one that leads to
    /// nothing yet.
    #[test]
    fn links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        symlink("target", &link).unwrap();
        for text in ["new", "replaced"] {
            write_bytes(&link, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
            assert!(link.is_symlink() && !target.is_symlink());
        }
        assert!(same_file(&link, &target));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left there");
    }

    /// What was made of a file that changed meanwhile is not what was validated: it must not take the place of anything.
    #[test]
    fn inputs_that_change_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("input"), folder.path().join("output"));
        fs::write(&input, vec![0; LARGE as usize]).unwrap();
        fs::write(&output, "old").unwrap();
        let inputs = [open(&input).unwrap()];
        assert!(matches!(inputs[0], Content::Mapped(_)));
        write_text(&output, "new", &inputs).unwrap();
        File::options().append(true).open(&input).unwrap().write_all(b"more").unwrap();
        assert!(write_text(&output, "newer", &inputs).is_err());
        assert_eq!(fs::read_to_string(&output).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left there");
    }

    /// Who interrupts a link should not have to look for what it left. What has no name cannot be left.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_has_no_name_before_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("output");
        for text in ["new", "replaced"] {
            let before = fs::read(&output).ok();
            let files = || fs::read_dir(folder.path()).unwrap().count();
            let there = files();
            let put = |to: &mut dyn Write| {
                to.write_all(text.as_bytes())?;
                assert_eq!((files(), fs::read(&output).ok()), (there, before));
                Ok(())
            };
            write_with(&output, put).unwrap();
            assert_eq!(fs::read_to_string(&output).unwrap(), text);
            assert_eq!(files(), 1, "nothing else is left there");
        }
    }

    /// The user knows nothing of the temporary file.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_file_is_told_of_without_the_temporary_one() {
        let error = write_bytes(Path::new("/proc/new"), b"").unwrap_err().to_string();
        assert_eq!(error, "cannot write `/proc/new`: No such file or directory (os error 2)");
    }

    /// A device or a pipe stays what it is: a rename would put a file in its place.
    #[test]
    fn devices_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("null");
        symlink("/dev/null", &link).unwrap();
        write_bytes(&link, b"gone").unwrap();
        assert!(link.is_symlink() && is_special(&link));
        assert!(!same_file(&link, Path::new("/dev/null")), "nothing is replaced there");
    }
}
