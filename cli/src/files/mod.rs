//! Files: which there are, and what is read from them. How outputs are written is in `write`.

mod mapped;
mod replace;
mod steps;
mod unnamed;
mod write;

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use toml::Spanned;
use wcompose::{Digest, Fault, FileKind, InstanceName};

use crate::paint;
use mapped::Mapped;
pub(crate) use write::{Draft, check_place, write, write_bytes, write_text};

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

/// A `part` of one of the files: as it is, or, where it is large, read once more into `buffer`, which takes less than to bring its
/// pages into memory. The memory that those took which are there all the same is given back, much of it at a time.
pub(crate) fn reread<'b>(contents: &[Content], part: &'b [u8], buffer: &'b mut Vec<u8>) -> &'b [u8] {
    const MUCH: usize = 1 << 21;
    let Some((mapped, start)) = mapped(contents, part) else { return part };
    buffer.resize(part.len(), 0);
    // What is recorded must not be the digest of something else. Where the file was cut off, to look there ends the process.
    if mapped.read(start, buffer).is_err() {
        return part;
    }
    let end = start + part.len();
    if end.is_multiple_of(MUCH) || end == mapped.len() {
        mapped.release((end - 1) / MUCH * MUCH..end);
    }
    buffer
}

/// The file that `part` is mapped from, and where in it; `None` too if it is too small to ask.
fn mapped<'c>(contents: &'c [Content], part: &[u8]) -> Option<(&'c Mapped, usize)> {
    const LEAST: usize = 1 << 16;
    if part.len() < LEAST {
        return None;
    }
    contents.iter().find_map(|content| match content {
        Content::Read(_) => None,
        Content::Mapped(mapped) => Some((mapped, mapped.place(part)?)),
    })
}

/// Files from this size on are mapped; smaller ones are read sooner than mapped.
const LARGE: u64 = 1 << 18;

/// The whole content of a file that is linked; `-` is standard input. Large files are mapped where that can be done.
pub(crate) fn open(path: &Path) -> Result<Content, FileError> {
    if path == Path::new("-") {
        return read(path).map(Content::Read);
    }
    let metadata = regular(path)?;
    match (metadata.len() >= LARGE).then(|| File::open(path).and_then(Mapped::new)) {
        Some(Ok(mapped)) => Ok(Content::Mapped(mapped)),
        _ => read_regular(path, &metadata).map(Content::Read),
    }
}

/// Reads a whole file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        return read.map(|_| bytes).map_err(|error| unread(path, error));
    }
    read_regular(path, &regular(path)?)
}

fn read_regular(path: &Path, metadata: &Metadata) -> Result<Vec<u8>, FileError> {
    // One more than there should be, so that the end is seen without asking for more memory.
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| unread(path, error))
}

/// What there is to know of a file that can be read. Fails if it is none.
fn regular(path: &Path) -> Result<Metadata, FileError> {
    let metadata = fs::metadata(path).map_err(|error| unread(path, error))?;
    if metadata.is_dir() {
        return Err(FileError::new("read", path, "it is a folder"));
    }
    if !metadata.is_file() {
        // Opening a pipe that nobody writes to would hang.
        return Err(FileError::new("read", path, "it is not a regular file (`-` reads standard input)"));
    }
    Ok(metadata)
}

fn unread(path: &Path, error: io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::new("read", path, missing(path)),
        _ => FileError::new("read", path, error),
    }
}

/// Says so if there is neither a file nor a folder.
pub(crate) fn absent(path: &Path) -> Option<FileError> {
    (!path.exists()).then(|| FileError::new("read", path, missing(path)))
}

/// What to say of a file that is not there: one in its folder whose name is near, if there is one.
fn missing(path: &Path) -> String {
    let names = fs::read_dir(folder_of(path)).into_iter().flatten().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    // A link that leads to nothing is there, and not what is meant.
    let mut names = names.filter(|name| *name != wanted).collect::<Vec<_>>();
    names.sort();
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
    wcompose::nesting(&bytes).map_err(|fault| faulty(path, &fault))?;
    Ok(bytes)
}

/// Fails if the component that was read from a file is cut off.
pub(crate) fn whole(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    wcompose::framing(bytes).map_err(|fault| faulty(path, &fault))
}

fn faulty(path: &Path, Fault { message, offset }: &Fault) -> FileError {
    FileError(format!("cannot read `{}`: {message} at offset {offset:#x}", path.display()))
}

/// Fails if one of the files is not any more what was mapped.
pub(crate) fn unchanged(contents: &[Content]) -> io::Result<()> {
    let differs = |content: &Content| matches!(content, Content::Mapped(mapped) if !mapped.is_unchanged());
    if contents.iter().any(differs) {
        return Err(changed());
    }
    Ok(())
}

fn changed() -> io::Error {
    io::Error::other("an input changed while it was linked")
}

/// Whether writing to one of the paths would replace what the other names, by whatever name. Neither need exist yet.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    if [a, b].contains(&Path::new("-")) {
        return false;
    }
    match [a, b].map(|path| fs::metadata(path).ok()) {
        [Some(a), Some(b)] if is_special_file(&a) || is_special_file(&b) => false,
        #[cfg(unix)]
        [Some(a), Some(b)] => {
            use std::os::unix::fs::MetadataExt;
            (a.dev(), a.ino()) == (b.dev(), b.ino())
        }
        #[cfg(not(unix))]
        [Some(_), Some(_)] => settled(a) == settled(b),
        [None, None] => settled(a) == settled(b),
        _ => false,
    }
}

/// Whether something is there that is neither a file nor a folder: a device, a pipe, a socket.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| is_special_file(&metadata))
}

fn is_special_file(metadata: &Metadata) -> bool {
    !metadata.is_file() && !metadata.is_dir()
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Nobody may ever write to a pipe, so opening one could wait for ever.
    #[test]
    fn pipes_are_no_inputs() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let error = read(&pipe).unwrap_err().to_string();
        assert!(error.contains("it is not a regular file"), "{error}");
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
