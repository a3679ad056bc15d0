//! Waits for files to change, by looking at them again and again: that works on every file system, also where changes are not
//! told, and a look at some dozen files takes less than a millisecond.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

/// How often files are looked at. Changes that follow each other faster are one change.
const PAUSE: Duration = Duration::from_millis(100);

/// Files, the WIT in folders, and the files that match patterns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    pub paths: Vec<PathBuf>,
    pub patterns: Vec<String>,
}

/// What was seen of files: enough to notice that one was written, came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen(Vec<(PathBuf, Option<State>)>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    modified: Option<SystemTime>,
    length: u64,
    id: u64,
}

impl Watch {
    /// All of both.
    pub(crate) fn and(mut self, more: Watch) -> Watch {
        self.paths.extend(more.paths);
        self.patterns.extend(more.patterns);
        self
    }

    /// Looks at the files.
    pub(crate) fn look(&self) -> Seen {
        let mut files = Vec::new();
        self.paths.iter().for_each(|path| add(path, &mut files));
        for pattern in &self.patterns {
            files.extend(glob::glob(pattern).into_iter().flatten().flatten());
        }
        files.sort();
        files.dedup();
        let seen = files.into_iter().map(|path| {
            let state = state(&path);
            (path, state)
        });
        Seen(seen.collect())
    }

    /// Waits until something is other than `before`, and then until all is at rest. What changed; `None` if it was stopped.
    pub(crate) fn wait(&self, before: &Seen, stopped: &AtomicBool) -> Option<Vec<PathBuf>> {
        let mut last = before.clone();
        loop {
            thread::sleep(PAUSE);
            if stopped.load(Ordering::Relaxed) {
                return None;
            }
            let now = self.look();
            if now == last && now != *before {
                return Some(now.changed_since(before));
            }
            last = now;
        }
    }
}

impl Seen {
    /// How many files there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn changed_since(&self, before: &Seen) -> Vec<PathBuf> {
        let new = self.0.iter().filter(|file| !before.0.contains(file));
        let gone = before.0.iter().filter(|(path, _)| !self.0.iter().any(|(other, _)| other == path));
        new.chain(gone).map(|(path, _)| path.clone()).collect()
    }
}

/// The file at `path`; of a folder the WIT in it, and nothing that a link might write there. Links in it are not followed:
/// they could lead back.
fn add(path: &Path, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        return files.push(path.to_owned());
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        let wit = path.extension().is_some_and(|extension| extension == "wit");
        if kind.is_ok_and(|kind| kind.is_dir() || kind.is_file() && wit) {
            add(&path, files);
        }
    }
}

fn state(path: &Path) -> Option<State> {
    let metadata = fs::metadata(path).ok()?;
    Some(State { modified: metadata.modified().ok(), length: metadata.len(), id: id(&metadata) })
}

/// Another number for another file that took the place of the first.
#[cfg(unix)]
fn id(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn id(_: &fs::Metadata) -> u64 {
    0
}
