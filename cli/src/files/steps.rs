//! Large writes in steps that the kernel has memory for.

use std::io::{self, Write};

/// Where a step ends: at each multiple of this in the file.
///
/// A kernel that keeps files in large pages takes one of the size of what is written, from where that stands in the file.
/// One of megabytes it may have to make room for first, which takes longer than to write the rest; one of this it has.
const STEP: usize = 1 << 16;

/// Writes to another writer, never more at once than up to the end of a step.
pub(super) struct Steps<W> {
    to: W,
    /// How many bytes the file has.
    at: usize,
}

impl<W: Write> Steps<W> {
    /// Goes on with a file that has `at` bytes.
    pub(super) fn new(to: W, at: usize) -> Steps<W> {
        Steps { to, at }
    }
}

impl<W: Write> Write for Steps<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let step = bytes.len().min(STEP - self.at % STEP);
        let written = self.to.write(&bytes[..step])?;
        self.at += written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel is given: no write goes beyond the end of a step, wherever the file was, and nothing is lost.
    #[test]
    fn no_write_crosses_the_end_of_a_step() {
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
        let bytes = (0..3 * STEP).map(|i| (i % 251) as u8).collect::<Vec<_>>();
        let begun = STEP + 5;
        let mut ends = Ends(bytes[..begun].to_vec(), vec![]);
        let mut steps = Steps::new(&mut ends, begun);
        steps.write_all(&bytes[begun..begun + 1]).unwrap();
        steps.write_all(&bytes[begun + 1..]).unwrap();
        assert_eq!(ends.1, [begun + 1, 2 * STEP, 3 * STEP]);
        assert_eq!(ends.0, bytes);
    }
}
