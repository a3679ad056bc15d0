//! What is wrong in a file of TOML that a person writes, and where: suites, manifests and locks tell it alike.

use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::files::{self, FileError};
use crate::paint;

/// Something in a file that must be changed.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Bytes of the file.
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

/// A fault without help.
pub(crate) fn fault(span: Range<usize>, message: impl Into<String>) -> Fault {
    Fault { span, message: message.into(), help: None }
}

impl Fault {
    /// The fault with what to do about it.
    pub(crate) fn help(self, help: impl Into<String>) -> Fault {
        Fault { help: Some(help.into()), ..self }
    }

    /// The fault, with this to do about it if there is nothing better.
    pub(crate) fn or_help(self, help: &str) -> Fault {
        Fault { help: self.help.or_else(|| Some(help.to_owned())), ..self }
    }
}

/// A file of text, and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    pub name: String,
    pub text: String,
}

impl TextFile {
    /// Reads the file at `path`, which must be UTF-8.
    pub(crate) fn read(path: &Path) -> Result<TextFile, LoadError> {
        let name = path.display().to_string();
        let bytes = files::read(path).map_err(LoadError::Unread)?;
        // To show where it is no text would fill the terminal with it.
        if bytes.starts_with(b"\0asm") {
            return Err(LoadError::Unread(FileError::new(
                "read",
                path,
                "it is WebAssembly, and text is wanted",
            )));
        }
        let error = match String::from_utf8(bytes) {
            Ok(text) => return Ok(TextFile { name, text }),
            Err(error) => error,
        };
        let start = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let span = start..start + char::REPLACEMENT_CHARACTER.len_utf8();
        Err(LoadError::Faulty(TextFile { name, text }, vec![fault(span, "this is not UTF-8")]))
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, byte: usize) -> usize {
        self.text.as_bytes()[..byte].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    /// Prints what is wrong in it.
    pub(crate) fn tell(&self, faults: &[Fault]) {
        for Fault { span, message, help } in faults {
            paint::error_at(&self.name, &self.text, span.clone(), message, help.as_deref());
        }
    }
}

/// Why a file cannot be used.
pub(crate) enum LoadError {
    Unread(FileError),
    Faulty(TextFile, Vec<Fault>),
}

impl LoadError {
    pub(crate) fn tell(&self) {
        match self {
            LoadError::Unread(error) => paint::error(error),
            LoadError::Faulty(file, faults) => file.tell(faults),
        }
    }
}

/// Tables deeper than this are no file of ours. A parser bounds brackets, but not the dots of a key.
const DEEPEST: usize = 64;

/// Reads TOML. Of what is wrong, the first is told: a key or a word that is not known with the one that was likely meant.
pub(crate) fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    too_deep(text).map_or(Ok(()), Err)?;
    toml::from_str(text).map_err(|error| {
        // A key that is missing has no place but that of the table.
        let span = error.span().unwrap_or_default();
        worded(span, error.message())
    })
}

/// The first key with more dots than any of ours has. To drop what a parser makes of such a key takes a stack as deep.
fn too_deep(text: &str) -> Option<Fault> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.bytes().filter(|byte| *byte == b'.').count() > DEEPEST
            && let key = line.split(['=', '#']).next().unwrap_or(line).trim_end()
            && key.bytes().filter(|byte| *byte == b'.').count() > DEEPEST
        {
            return Some(fault(start..start + key.len().min(DEEPEST), "the tables of this key are too deep"));
        }
        start += line.len();
    }
    None
}

/// What the parser says of a key or a word, as we say it, with what was likely meant.
fn worded(span: Range<usize>, message: &str) -> Fault {
    if message == "duplicate key" {
        return fault(span, message)
            .help("a name or key stands once in its table: give one of them another name");
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return fault(span, format!("the key {key} is missing"));
    }
    if let Some(message) = of_another_type(message) {
        return fault(span, message);
    }
    let unknown = [("unknown field `", "key"), ("unknown variant `", "word")]
        .into_iter()
        .find_map(|(start, what)| Some((message.strip_prefix(start)?.split_once('`')?, what)));
    let Some(((wrong, rest), what)) = unknown else { return fault(span, message) };
    let known = rest.split('`').skip(1).step_by(2).collect::<Vec<_>>();
    let told = fault(span, format!("unknown {what} `{wrong}`"));
    match (wcompose::suggestion(wrong, known.iter().copied()), known.is_empty()) {
        (Some(near), _) => told.help(format!("did you mean `{near}`?")),
        (None, true) => told,
        (None, false) => told.help(format!("known here: {}", known.join(", "))),
    }
}

/// The message that a value is of another type, in the words of TOML and not of Rust.
fn of_another_type(message: &str) -> Option<String> {
    if message.starts_with("invalid length") {
        // A list in the place of a table: its values would be those of the keys, in their order.
        return Some("invalid type: list, expected a table".to_owned());
    }
    let (found, expected) = message.strip_prefix("invalid type: ")?.split_once(", expected ")?;
    let found = match found {
        "sequence" => "list",
        "map" => "table",
        other => other,
    };
    let expected = match expected {
        "a sequence" => "a list",
        "u32" | "u64" => "a number",
        table if table == "a map" || table.starts_with("struct ") => "a table",
        other => other,
    };
    Some(format!("invalid type: {found}, expected {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words are serde's, and taken apart: if it says them otherwise, nobody would be told what was meant.
    #[test]
    fn the_key_that_was_meant_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            #[serde(rename = "components")]
            _components: String,
            #[serde(rename = "world")]
            _world: String,
        }
        let fault = from_toml::<Keys>("component = 'a'\n").unwrap_err();
        assert_eq!(fault.message, "unknown key `component`");
        assert_eq!(fault.help.as_deref(), Some("did you mean `components`?"));
        let fault = from_toml::<Keys>("frob = 'a'\n").unwrap_err();
        assert_eq!(fault.help.as_deref(), Some("known here: components, world"));
        assert_eq!(
            from_toml::<Keys>("world = 'a'\n").unwrap_err().message,
            "the key `components` is missing"
        );
        let types =
            |text: &str| from_toml::<std::collections::BTreeMap<String, Keys>>(text).unwrap_err().message;
        assert_eq!(types("a = 5"), "invalid type: integer `5`, expected a table");
        assert_eq!(types("a = []"), "invalid type: list, expected a table");
        assert_eq!(types("[a]\nworld = {}"), "invalid type: table, expected a string");
        let twice = from_toml::<Keys>("world = 'a'\nworld = 'b'\n").unwrap_err();
        assert!(twice.help.is_some(), "{twice:?}");
    }

    /// What stands for bytes that are no text would name another file, and nobody would say so.
    #[test]
    fn files_are_utf_8() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a = 1\nb = '\xff.wasm'\n").unwrap();
        let Err(LoadError::Faulty(read, faults)) = TextFile::read(file.path()) else { panic!("it is read") };
        assert_eq!(read.line(faults[0].span.start), 2);
        assert_eq!(&read.text[faults[0].span.clone()], "\u{fffd}");
    }

    /// A file may be made to end the process: by brackets, and by dots, which the parser does not count.
    #[test]
    fn depth_is_bounded() {
        for (open, close) in [("a = ", ""), ("[", "]"), ("", " = 1")] {
            for inner in ["[".repeat(100_000), "a.".repeat(100_000) + "a", "{ a = ".repeat(100_000)] {
                assert!(from_toml::<toml::Table>(&format!("{open}{inner}{close}\n")).is_err());
            }
        }
    }
}
