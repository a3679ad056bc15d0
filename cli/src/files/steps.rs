//! Writing a composition in steps that the kernel has memory for, from pieces that may be parts of mapped files.

use std::io::{self, Write};

use super::{Content, mapped};

/// Where a step ends: at each multiple of this in the file.
///
/// A kernel that keeps files in large pages takes one of the size of what is written, from where that stands in the file.
/// One of megabytes it may have to make room for first, which takes longer than to write the rest; one of this it has.
const STEP: usize = 1 << 18;

/// Writes to another writer, step by step.
pub(super) struct Steps<'i, W> {
    to: W,
    /// The files that pieces may be parts of.
    inputs: &'i [Content],
    /// A step that is not full yet.
    step: Box<[u8]>,
    /// Where in it comes what is written next.
    filled: usize,
    /// Where in it begins what is still to be written.
    begun: usize,
}

impl<'i, W: Write> Steps<'i, W> {
    /// Goes on with a file that has `at` bytes.
    pub(super) fn new(to: W, at: usize, inputs: &'i [Content]) -> Steps<'i, W> {
        let begun = at % STEP;
        Steps { to, inputs, step: vec![0; STEP].into(), filled: begun, begun }
    }

    /// Writes a piece. A part of a file is read from the file: to come to it through the mapping would bring its pages into
    /// memory, which takes as long as to write them.
    pub(super) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match mapped(self.inputs, piece) {
            Some((file, start)) => self.fill(piece.len(), |at, step| file.read(start + at, step)),
            None => self.fill(piece.len(), |at, step| {
                step.copy_from_slice(&piece[at..at + step.len()]);
                Ok(())
            }),
        }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.put()?;
        self.to.flush()
    }

    /// Takes `count` bytes, which `read` puts into a slice from a place in them on.
    fn fill(&mut self, count: usize, read: impl Fn(usize, &mut [u8]) -> io::Result<()>) -> io::Result<()> {
        let mut taken = 0;
        while taken < count {
            let end = STEP.min(self.filled + count - taken);
            read(taken, &mut self.step[self.filled..end])?;
            taken += end - self.filled;
            self.filled = end;
            if end == STEP {
                self.put()?;
            }
        }
        Ok(())
    }

    fn put(&mut self) -> io::Result<()> {
        self.to.write_all(&self.step[self.begun..self.filled])?;
        self.begun = self.filled % STEP;
        self.filled = self.begun;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapped::Mapped;
    use super::*;

    /// Where each write ended, and what there is.
    struct Ends(Vec<u8>, Vec<usize>);

    impl Write for Ends {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend(bytes);
            self.1.push(self.0.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What the kernel is given: no write goes beyond the end of a step, wherever the file was, and nothing is lost, neither
    /// of what is in memory nor of what is in files.
    #[test]
    fn no_write_crosses_the_end_of_a_step() {
        let bytes = (0..4 * STEP).map(|i| (i % 251) as u8).collect::<Vec<_>>();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let inputs = [Content::Read(bytes.clone()), Content::Mapped(Mapped::new(file).unwrap())];
        for from in &inputs {
            let begun = STEP + 5;
            let mut ends = Ends(bytes[..begun].to_vec(), vec![]);
            let mut steps = Steps::new(&mut ends, begun, &inputs);
            steps.write(&from[begun..begun + 1]).unwrap();
            steps.write(&from[begun + 1..3 * STEP + 7]).unwrap();
            steps.write(&from[3 * STEP + 7..3 * STEP + 8]).unwrap();
            steps.finish().unwrap();
            assert_eq!(ends.1, [2 * STEP, 3 * STEP, 3 * STEP + 8]);
            assert!(ends.0 == bytes[..3 * STEP + 8]);
        }
    }

    /// A file that was cut off is an error, where its mapping would end the process.
    #[test]
    fn what_is_gone_is_not_written() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![1; 2 * STEP]).unwrap();
        let inputs = [Content::Mapped(Mapped::new(file.try_clone().unwrap()).unwrap())];
        file.set_len(STEP as u64).unwrap();
        let mut steps = Steps::new(io::sink(), 0, &inputs);
        assert!(steps.write(&inputs[0]).is_err());
    }
}
