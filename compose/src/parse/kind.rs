//! What a file is, told from its first bytes, so that a file of the wrong kind is named as what it is.

use std::fmt;

/// The version field of the component binary format.
pub(super) const COMPONENT_VERSION: u16 = 0x0d;

/// What a file turned out to be instead of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// No bytes at all.
    Empty,
    /// The text format of WebAssembly.
    Text,
    /// WIT, as people write it.
    Wit,
    /// A core module.
    CoreModule,
    /// A WIT package in its binary form.
    WitPackage,
    /// A component of a version of the binary format that no release of the standard has.
    OtherVersion(u16),
    /// Fewer bytes than a header.
    Truncated,
    /// Anything else.
    Unknown,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileKind::Empty => f.write_str("an empty file"),
            FileKind::Text => f.write_str("text, not a binary"),
            FileKind::Wit => f.write_str("WIT text, not a component"),
            FileKind::CoreModule => f.write_str("a core module, not a component"),
            FileKind::WitPackage => f.write_str("a WIT package, not a component"),
            FileKind::OtherVersion(version) => {
                write!(f, "a component of the unknown format version {version:#x}")
            }
            FileKind::Truncated => f.write_str("cut off within the header"),
            FileKind::Unknown => f.write_str("not a WebAssembly binary"),
        }
    }
}

impl FileKind {
    /// What `bytes` are instead of a component, as far as their header tells; `None` if it is that of a component.
    pub fn of(bytes: &[u8]) -> Option<FileKind> {
        component(bytes).err()
    }
}

/// Fails with what `bytes` is if its header is not that of a component.
pub(super) fn component(bytes: &[u8]) -> Result<(), FileKind> {
    const MAGIC: &[u8] = b"\0asm";
    if bytes.is_empty() {
        return Err(FileKind::Empty);
    }
    if !bytes.starts_with(&MAGIC[..bytes.len().min(4)]) {
        let start = bytes.trim_ascii_start();
        let text = start.starts_with(b"(") || start.starts_with(b";;");
        return Err(match text {
            true => FileKind::Text,
            false if is_wit(start) => FileKind::Wit,
            false => FileKind::Unknown,
        });
    }
    let Some(header) = bytes.get(4..8) else {
        return Err(FileKind::Truncated);
    };
    let (version, layer) =
        (u16::from_le_bytes([header[0], header[1]]), u16::from_le_bytes([header[2], header[3]]));
    match (version, layer) {
        (COMPONENT_VERSION, 1) => Ok(()),
        (1, 0) => Err(FileKind::CoreModule),
        (version, 1) => Err(FileKind::OtherVersion(version)),
        _ => Err(FileKind::Unknown),
    }
}

/// Whether the first word after comments is one that WIT begins with.
fn is_wit(mut text: &[u8]) -> bool {
    while text.starts_with(b"//") {
        let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
        text = text[end..].trim_ascii_start();
    }
    let word = text.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    [&b"package"[..], b"interface", b"world"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each kind of wrong file has its own words in the diagnostic, so none may be taken for another.
    #[test]
    fn headers_are_told_apart() {
        assert_eq!(component(b""), Err(FileKind::Empty));
        assert_eq!(component(b"\0as"), Err(FileKind::Truncated));
        assert_eq!(component(b"\0asm\x0d\0"), Err(FileKind::Truncated));
        assert_eq!(component(b"\0asm\x01\0\0\0"), Err(FileKind::CoreModule));
        assert_eq!(component(b"\0asm\x0c\0\x01\0"), Err(FileKind::OtherVersion(0x0c)));
        assert_eq!(component(b"  (component)"), Err(FileKind::Text));
        assert_eq!(component(b"#!/bin/sh"), Err(FileKind::Unknown));
        assert_eq!(component(b"/// Of a demo.\n\npackage a:b;"), Err(FileKind::Wit));
        assert_eq!(component(b"// no end"), Err(FileKind::Unknown));
        assert_eq!(component(b"\0asm\x0d\0\x01\0"), Ok(()));
    }
}
