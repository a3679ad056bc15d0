//! Digests of files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Nobody, Watcher};

/// The SHA-256 of a file. As text and in JSON, 64 digits of lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        let [digest, _] = Digest::of_two([bytes, &[]], &Nobody);
        digest
    }

    /// The digests of two files, as `watcher` reads them.
    ///
    /// Each step of a digest waits for the one before, and a processor has time for another's meanwhile: two files in turn
    /// take less than one after the other.
    pub(crate) fn of_two(files: [&[u8]; 2], watcher: &impl Watcher) -> [Digest; 2] {
        /// How much is read of a file before the other has its turn: both should stay in a core's cache.
        const BLOCK: usize = 1 << 17;
        /// What a step of SHA-256 takes in.
        const STEP: usize = 64;
        let mut digests = [Sha256::new(), Sha256::new()];
        let [one, other] = &mut digests;
        let (mut buffer_of_one, mut buffer_of_other) = (Vec::new(), Vec::new());
        let [mut blocks_of_one, mut blocks_of_other] = files.map(|file| file.chunks(BLOCK));
        loop {
            let (a, b) = (blocks_of_one.next(), blocks_of_other.next());
            if a.or(b).is_none() {
                return digests.map(|digest| Digest(digest.finalize().into()));
            }
            let a = a.map_or(&[][..], |a| watcher.read(a, &mut buffer_of_one));
            let b = b.map_or(&[][..], |b| watcher.read(b, &mut buffer_of_other));
            let both = a.len().min(b.len());
            for (a, b) in a[..both].chunks(STEP).zip(b[..both].chunks(STEP)) {
                one.update(a);
                other.update(b);
            }
            one.update(&a[both..]);
            other.update(&b[both..]);
        }
    }

    /// The digest itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
        let digits = self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
        f.write_str(&digits.collect::<String>())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

/// A text that is no digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidDigest(String);

impl fmt::Display for InvalidDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no SHA-256: that has 64 digits, 0 to 9 and a to f", self.0.escape_debug())
    }
}

impl std::error::Error for InvalidDigest {}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Digest, InvalidDigest> {
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        });
        let bytes = pairs.collect::<Option<Vec<_>>>();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Digest).ok_or_else(|| InvalidDigest(text.into()))
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Digest, InvalidDigest> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In turn, files must come to what they come to alone, also where they end at different places in a step or a block, and
    /// whether they are in memory or read.
    #[test]
    fn files_in_turn_come_to_what_they_come_to_alone() {
        #[derive(Default)]
        struct Reading(std::sync::atomic::AtomicUsize);
        impl Watcher for Reading {
            fn read<'b>(&self, part: &'b [u8], buffer: &'b mut Vec<u8>) -> &'b [u8] {
                self.0.fetch_add(part.len(), std::sync::atomic::Ordering::Relaxed);
                buffer.clear();
                buffer.extend_from_slice(part);
                buffer
            }
        }
        let bytes = (0..(1 << 18) + 200).map(|i| (i % 253) as u8).collect::<Vec<_>>();
        let lengths = [0, 1, 63, 64, 65, 1000, 1 << 17, (1 << 17) + 1, bytes.len()];
        let alone = lengths.map(|length| Digest(Sha256::digest(&bytes[..length]).into()));
        for (a, one) in lengths.into_iter().zip(alone) {
            for (b, other) in lengths.into_iter().zip(alone) {
                let (files, reading) = ([&bytes[..a], &bytes[..b]], Reading::default());
                assert!(Digest::of_two(files, &Nobody) == [one, other], "{a} and {b}");
                assert!(Digest::of_two(files, &reading) == [one, other], "{a} and {b}");
                assert_eq!(reading.0.into_inner(), a + b);
            }
        }
    }

    /// The digest of three letters is in FIPS 180-2: one of our own making would compare with no other tool's.
    #[test]
    fn digests_are_those_of_others() {
        let digest = Digest::of(b"abc");
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse(), Ok(digest));
        for wrong in ["", "ba78", &text[1..], &text.to_uppercase(), &format!("{text}00")] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}
