//! Compiled components and core modules, kept by the content of what they were made of: the second run starts at once.
//! Owns the folder: names, what is trusted, what is thrown away. Which contents a component has is `kept`, how a file
//! becomes code is `load`.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use wasmtime::Engine;

/// Bytes that are kept in all; past them, what was not used for longest goes.
const MOST: u64 = 2 << 30;

/// Bytes of a digest.
const DIGEST: u64 = 32;

/// The folder of a cache as it is found, for those who want to know its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CacheFolder {
    /// Whether it is used.
    pub trust: Trust,
    /// How many compiled components lie there.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// The bytes that are kept at most.
    pub most: u64,
}

/// Whether what lies in a folder is loaded as machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// It is: the folder belongs to this user, and nobody else may write there.
    Trusted,
    /// It is not: the folder belongs to another user.
    Foreign,
    /// It is not: others may write there.
    Open,
}

impl CacheFolder {
    /// Looks at `folder` and changes nothing. `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// If it cannot be listed, as where it is no folder.
    pub fn examine(folder: &Path) -> io::Result<Option<Self>> {
        let metadata = match fs::metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            metadata => metadata?,
        };
        let (mut files, mut bytes) = (0, 0);
        for entry in fs::read_dir(folder)? {
            // Another process may be quicker.
            let Ok(metadata) = entry?.metadata() else { continue };
            files += 1;
            bytes += metadata.len();
        }
        Ok(Some(Self { trust: Trust::of(&metadata), files, bytes, most: MOST }))
    }
}

impl Trust {
    fn of(folder: &Metadata) -> Self {
        if folder.uid() != rustix::process::geteuid().as_raw() {
            Self::Foreign
        } else if folder.mode() & 0o022 != 0 {
            Self::Open
        } else {
            Self::Trusted
        }
    }
}

/// A folder of compiled forms that nobody else may write to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cache {
    folder: PathBuf,
}

/// The digest of content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct ContentDigest(String);

impl ContentDigest {
    /// That of `pieces`, one behind the other.
    pub(crate) fn of<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Self {
        let mut digest = Sha256::new();
        pieces.into_iter().for_each(|piece| digest.update(piece));
        Self(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Cache {
    /// The cache in `folder`, which is made if it does not exist. `None` if others may write there: what lies there is
    /// executed.
    pub(crate) fn open(folder: &Path) -> Option<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).ok()?;
        let trust = Trust::of(&fs::metadata(folder).ok()?);
        (trust == Trust::Trusted).then(|| Self { folder: folder.to_owned() })
    }

    /// Where the form that `engine` makes of `content` is kept. Its name says the content, the compiler, the engine's configuration,
    /// the release of the runtime and the machine's features: a file of that name fits.
    fn path(&self, content: &ContentDigest, engine: &Engine) -> PathBuf {
        let mut configuration = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut configuration);
        self.folder.join(format!("{}-{:016x}", content.0, configuration.finish()))
    }

    /// Remembers that `engine` does not take `content`. If it cannot be, that is found out again.
    pub(crate) fn refuse(&self, content: &ContentDigest, engine: &Engine) {
        _ = File::create(self.refused(content, engine));
    }

    /// Whether it is known that `engine` does not take `content`.
    pub(crate) fn is_refused(&self, content: &ContentDigest, engine: &Engine) -> bool {
        self.refused(content, engine).exists()
    }

    /// The empty file that says so.
    fn refused(&self, content: &ContentDigest, engine: &Engine) -> PathBuf {
        self.path(content, engine).with_extension("refused")
    }

    /// Whether a form that `engine` made of `content` is kept, be it whole or not.
    pub(crate) fn has(&self, content: &ContentDigest, engine: &Engine) -> bool {
        self.path(content, engine).exists()
    }

    /// The file of the form that `engine` makes of `content`, if it is kept and whole.
    pub(crate) fn find(&self, content: &ContentDigest, engine: &Engine) -> Option<PathBuf> {
        let path = self.path(content, engine);
        let mut file = File::open(&path).ok()?;
        if is_whole(&mut file).unwrap_or(false) {
            // What is used stays.
            _ = file.set_modified(SystemTime::now());
            return Some(path);
        }
        _ = fs::remove_file(&path);
        None
    }

    /// Keeps the form that `engine` made of `content`, and gives its file.
    pub(crate) fn keep(
        &self,
        content: &ContentDigest,
        engine: &Engine,
        compiled: &[u8],
    ) -> io::Result<PathBuf> {
        let path = self.path(content, engine);
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.folder)?;
        file.write_all(compiled)?;
        file.write_all(&Sha256::digest(compiled))?;
        file.persist(&path)?;
        self.discard()?;
        Ok(path)
    }

    /// Throws away what was not used for longest, as far as there is too much.
    fn discard(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Another process may be quicker.
            let Ok(metadata) = entry.metadata() else { continue };
            files.push((metadata.modified()?, metadata.len(), entry.path()));
        }
        files.sort();
        let mut all = files.iter().map(|(_, size, _)| size).sum::<u64>();
        for (_, size, path) in files {
            if all <= MOST {
                break;
            }
            _ = fs::remove_file(path);
            all -= size;
        }
        Ok(())
    }
}

/// Whether the file ends with the digest of what comes before. It does not if the machine went down while it was written.
fn is_whole(file: &mut File) -> io::Result<bool> {
    let Some(size) = file.metadata()?.len().checked_sub(DIGEST) else { return Ok(false) };
    let mut compiled = file.take(size);
    let mut digest = Sha256::new();
    let mut chunk = vec![0; 256 << 10];
    loop {
        match compiled.read(&mut chunk)? {
            0 => break,
            read => digest.update(&chunk[..read]),
        }
    }
    let mut expected = Vec::new();
    compiled.into_inner().read_to_end(&mut expected)?;
    Ok(digest.finalize()[..] == expected[..])
}
