//! Files: inputs are read, outputs are written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use toml::Spanned;
use wcompose::{Digest, FileKind, InstanceName, Output};

use crate::mapped::Mapped;
use crate::paint;
use crate::replace::replace;

/// A file that could not be read or written, or is of the wrong kind. The message names it.
#[derive(Debug)]
pub(crate) struct FileError(String);

impl FileError {
    pub(crate) fn new(doing: &str, path: &Path, error: impl std::fmt::Display) -> FileError {
        FileError(format!("cannot {doing} `{}`: {error}", path.display()))
    }
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file that is an input of a link.
#[derive(Clone, Debug)]
pub(crate) struct InputFile {
    pub name: InstanceName,
    pub path: PathBuf,
    /// The digest that a manifest says it has, and where it says so.
    pub digest: Option<Spanned<Digest>>,
}

impl InputFile {
    /// Reads `[NAME=]FILE`, as the command line has it. Without a name, it is the stem of the file.
    pub(crate) fn parse(text: &str) -> Result<InputFile, String> {
        let named = text.split_once('=').filter(|(name, _)| !name.contains('/') && !name.is_empty());
        let (name, path) = match named {
            Some((name, path)) => (name.to_owned(), PathBuf::from(path)),
            None if text == "-" => ("stdin".to_owned(), PathBuf::from("-")),
            None => {
                let path = PathBuf::from(text);
                let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                (stem.unwrap_or_default(), path)
            }
        };
        if path.as_os_str().is_empty() {
            return Err("the file is missing".into());
        }
        if path.file_name().is_none() && path != Path::new("-") {
            return Err("it is a folder, and a component is a file".into());
        }
        let name = InstanceName::new(name)
            .map_err(|error| format!("{error}; name it with NAME={}", paint::escape(text)))?;
        Ok(InputFile { name, path, digest: None })
    }

    /// The file as the user spelled it.
    pub(crate) fn file(&self) -> String {
        self.path.display().to_string()
    }
}

/// The content of a file.
pub(crate) enum Content {
    /// A copy of it.
    Read(Vec<u8>),
    /// The file itself, in memory.
    Mapped(Mapped),
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Content::Read(bytes) => bytes,
            Content::Mapped(mapped) => mapped,
        }
    }
}

/// Files from this size on are mapped; smaller ones are read sooner than mapped.
const LARGE: u64 = 1 << 18;

/// The whole content of a file that is linked; `-` is standard input. Large files are mapped where that can be done.
pub(crate) fn open(path: &Path) -> Result<Content, FileError> {
    let large = path != Path::new("-")
        && fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() >= LARGE);
    match large.then(|| File::open(path).and_then(Mapped::new)) {
        Some(Ok(mapped)) => Ok(Content::Mapped(mapped)),
        _ => read(path).map(Content::Read),
    }
}

/// Reads a whole file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => FileError::new("read", path, missing(path)),
        _ => FileError::new("read", path, error),
    };
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    }
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(FileError::new("read", path, "it is a folder"));
    }
    if !metadata.is_file() {
        // Opening a pipe that nobody writes to would hang.
        return Err(FileError::new("read", path, "it is not a regular file (`-` reads standard input)"));
    }
    File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

/// Says so if there is neither a file nor a folder.
pub(crate) fn absent(path: &Path) -> Option<FileError> {
    (!path.exists()).then(|| FileError::new("read", path, missing(path)))
}

/// What to say of a file that is not there: one in its folder whose name is near, if there is one.
fn missing(path: &Path) -> String {
    let names = fs::read_dir(folder_of(path)).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names = names.collect::<Vec<_>>();
    names.sort();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let without_extension =
        || names.iter().find(|name| **name == format!("{wanted}.wasm")).map(String::as_str);
    let near = wcompose::suggestion(&wanted, names.iter().map(String::as_str)).or_else(without_extension);
    match near {
        Some(near) => {
            format!("there is no such file; did you mean `{}`?", path.with_file_name(near).display())
        }
        None => "there is no such file".into(),
    }
}

/// Reads a whole file that must begin as a component does, and whose types are no deeper than validators bear.
pub(crate) fn read_component(path: &Path) -> Result<Vec<u8>, FileError> {
    let bytes = read(path)?;
    if let Some(kind) = FileKind::of(&bytes) {
        return Err(FileError(format!("`{}` is {kind}", path.display())));
    }
    wcompose::nesting(&bytes).map_err(|fault| {
        FileError(format!(
            "cannot read `{}`: {} at offset {:#x}",
            path.display(),
            fault.message,
            fault.offset
        ))
    })?;
    Ok(bytes)
}

/// Fails if one of the files is not any more what was mapped.
pub(crate) fn unchanged(contents: &[Content]) -> io::Result<()> {
    let changed = |content: &Content| matches!(content, Content::Mapped(mapped) if !mapped.is_unchanged());
    if contents.iter().any(changed) {
        return Err(io::Error::other("an input changed while it was linked"));
    }
    Ok(())
}

/// Whether writing to one of the paths would replace what the other names, by whatever name. Neither need exist yet.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    if [a, b].into_iter().any(|path| path == Path::new("-") || is_special(path)) {
        return false;
    }
    let (a, b) = (settled(a), settled(b));
    a == b || same_inode(&a, &b)
}

#[cfg(unix)]
fn same_inode(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino())).ok();
    id(a).is_some() && id(a) == id(b)
}

#[cfg(not(unix))]
fn same_inode(_: &Path, _: &Path) -> bool {
    false
}

/// Whether something is there that is neither a file nor a folder: a device, a pipe, a socket.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// The path with its links followed as far as they lead, also to what does not exist yet.
fn settled(path: &Path) -> PathBuf {
    let path = followed(path);
    let folder = folder_of(&path).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// What stands at the end of the links that begin at `path`; `path` itself if they go in a circle.
fn followed(path: &Path) -> PathBuf {
    /// As many as Linux follows.
    const MOST: usize = 40;
    let mut end = path.to_owned();
    for _ in 0..MOST {
        match fs::read_link(&end) {
            Ok(target) => end = folder_of(&end).join(target),
            Err(_) => return end,
        }
    }
    path.to_owned()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Writes a composition: to standard output for `-`; straight to a device or a pipe; else to a temporary file beside
/// `path`, or beside what it links to, that is renamed when it is whole, so that a failure leaves what was there.
///
/// `inputs` are what the composition was made of: it is not kept if one of them changed.
pub(crate) fn write(path: &Path, output: &Output<'_>, inputs: &[Content]) -> Result<(), FileError> {
    write_with(path, &|to| {
        let mut to = BufWriter::with_capacity(BUFFER, to);
        output.write_to(&mut to)?;
        to.flush()?;
        unchanged(inputs)
    })
}

/// Writes a composition as text the way [`write`] writes its bytes.
pub(crate) fn write_text(path: &Path, text: &str, inputs: &[Content]) -> Result<(), FileError> {
    write_with(path, &|to| to.write_all(text.as_bytes()).and_then(|()| unchanged(inputs)))
}

/// Small pieces of a composition are gathered; large ones go by.
const BUFFER: usize = 1 << 16;

/// Writes bytes the way [`write`] writes a composition.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_with(path, &|to| to.write_all(bytes))
}

/// The cause alone, which `tempfile` gives only in its text: the name of a temporary file means nothing to the user.
fn without_path(error: &io::Error) -> io::Error {
    let text = error.to_string();
    io::Error::other(text.split_once(" at path ").map_or(text.as_str(), |(cause, _)| cause))
}

fn write_with(path: &Path, put: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    if path == Path::new("-") {
        let mut stdout = io::stdout().lock();
        return put(&mut stdout)
            .and_then(|()| stdout.flush())
            .map_err(|error| FileError(format!("cannot write to standard output: {error}")));
    }
    let failed = |error: io::Error| FileError::new("write", path, error);
    if path.is_dir() {
        return Err(FileError::new("write", path, "it is a folder"));
    }
    if is_special(path) {
        return fs::OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| put(&mut file))
            .map_err(failed);
    }
    let target = followed(path);
    if target.is_symlink() {
        return Err(FileError::new("write", path, "its links go in a circle"));
    }
    let directory = folder_of(&target);
    if !directory.is_dir() {
        let folder = directory.display();
        return Err(FileError::new("write", path, format!("there is no folder `{folder}`")));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wcompose-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As an ordinary new file would have it: the umask takes away what it should.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory).map_err(|error| failed(without_path(&error)))?;
    put(file.as_file_mut()).map_err(failed)?;
    replace(file, &target).map_err(failed)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

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

    /// Nobody may ever write to a pipe, so opening one could wait for ever.
    #[test]
    fn pipes_are_no_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let error = read(&pipe).unwrap_err().to_string();
        assert!(error.contains("it is not a regular file"), "{error}");
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

    /// Two outputs that do not exist yet can still be one.
    #[test]
    fn files_that_do_not_exist_are_compared() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("new"), folder.path().join("./new"));
        assert!(same_file(&one, &other));
        assert!(!same_file(&one, &folder.path().join("other")));
    }
}
