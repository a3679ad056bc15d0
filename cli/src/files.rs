//! Files: inputs are read, outputs are written whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use wcompose::{InstanceName, Output};

/// A file that could not be read or written. The message names it.
#[derive(Debug)]
pub(crate) struct FileError(String);

impl FileError {
    fn new(doing: &str, path: &Path, error: impl std::fmt::Display) -> FileError {
        FileError(format!("cannot {doing} `{}`: {error}", path.display()))
    }
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An input as it is given on the command line: `[NAME=]FILE`.
#[derive(Clone, Debug)]
pub(crate) struct InputArgument {
    pub name: InstanceName,
    pub path: PathBuf,
}

impl InputArgument {
    /// Reads `[NAME=]FILE`. Without a name, it is the stem of the file.
    pub(crate) fn parse(text: &str) -> Result<InputArgument, String> {
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
        let name = InstanceName::new(name).map_err(|error| format!("{error}; name it with NAME={text}"))?;
        Ok(InputArgument { name, path })
    }

    /// The file as the user spelled it.
    pub(crate) fn file(&self) -> String {
        self.path.display().to_string()
    }
}

/// Reads a whole file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let failed = |error: io::Error| FileError::new("read", path, error);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    }
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        // Opening a pipe that nobody writes to would hang.
        return Err(FileError::new("read", path, "it is not a regular file (`-` reads standard input)"));
    }
    File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

/// Whether `output` is one of `inputs`, by whatever name.
pub(crate) fn is_one_of<'p>(output: &Path, mut inputs: impl Iterator<Item = &'p Path>) -> bool {
    let Ok(output) = output.canonicalize() else {
        return false;
    };
    inputs.any(|input| input.canonicalize().is_ok_and(|input| same_file(&input, &output)))
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino())).ok();
    a == b || (id(a).is_some() && id(a) == id(b))
}

#[cfg(not(unix))]
fn same_file(a: &Path, b: &Path) -> bool {
    a == b
}

/// Writes a composition: to standard output for `-`, else to a temporary file beside `path` that is renamed when it is
/// whole, so that a failure leaves what was there.
pub(crate) fn write(path: &Path, output: &Output<'_>) -> Result<(), FileError> {
    write_with(path, &|to| output.write_to(to))
}

/// Writes bytes the way [`write`] writes a composition.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    write_with(path, &|to| to.write_all(bytes))
}

/// The cause alone: the name of a temporary file means nothing to the user.
fn without_path(error: io::Error) -> io::Error {
    let cause = error.get_ref().and_then(|inner| inner.source()).map(ToString::to_string);
    cause.map_or(error, io::Error::other)
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
        return Err(FileError::new("write", path, "it is a directory"));
    }
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
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
    let mut file = builder.tempfile_in(directory).map_err(|error| failed(without_path(error)))?;
    put(file.as_file_mut()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
