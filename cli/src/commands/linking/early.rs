//! What is done while a link goes on: the composition is written as far as it is made, and inputs are read to be hashed.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use wcompose::{Output, Watcher};

use super::apart::Apart;
use crate::files::{self, Content, Draft};

/// What one link needs for that.
pub(super) struct Early<'e> {
    /// Where the composition will be written to, byte for byte.
    binary: Option<&'e Path>,
    contents: &'e [Content],
    draft: Mutex<Option<Draft>>,
    hashing: Apart,
}

impl<'e> Early<'e> {
    /// For a link of `contents` to `binary`, which the calling thread is about to begin.
    pub(super) fn new(binary: Option<&'e Path>, contents: &'e [Content]) -> Early<'e> {
        Early { binary, contents, draft: Mutex::new(None), hashing: Apart::here() }
    }

    /// What was begun.
    pub(super) fn draft(self) -> Option<Draft> {
        self.draft.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Early<'_> {
    fn hashing(&self) {
        self.hashing.offered();
    }

    fn made(&self, output: &Output<'_>) {
        let begun = self.binary.and_then(|path| Draft::begin(path, output, self.contents));
        *self.draft.lock().unwrap_or_else(PoisonError::into_inner) = begun;
    }

    fn read<'b>(&self, part: &'b [u8], buffer: &'b mut Vec<u8>) -> &'b [u8] {
        self.hashing.taken();
        files::reread(self.contents, part, buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Who hashes has to leave the processor of who links: nobody would see it missing but in the time that it takes.
    #[test]
    fn the_thread_that_hashes_has_taken_its_work() {
        let contents = [Content::Read(vec![1, 2, 3])];
        let early = Early::new(None, &contents);
        early.hashing();
        assert!(!early.hashing.is_taken());
        let read = || early.read(&contents[0], &mut Vec::new()).to_vec();
        assert_eq!(read(), [1, 2, 3]);
        assert!(!early.hashing.is_taken(), "by the thread that links");
        thread::scope(|scope| assert_eq!(scope.spawn(read).join().unwrap(), [1, 2, 3]));
        assert!(early.hashing.is_taken());
    }
}
