//! Depfiles: which files an output is made of, as rules that make and ninja read. Which files these are is said elsewhere.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The rules for `output`, which is made of `files`. Each file has a rule without a recipe, too: make then takes one that
/// is gone for changed, instead of giving up.
///
/// # Errors
///
/// If a rule cannot name one of the paths.
pub(crate) fn rules(output: &Path, files: &[PathBuf]) -> Result<Vec<u8>, String> {
    if output.as_os_str().as_bytes().contains(&b'%') {
        return Err(format!("a depfile cannot name `{}`: make takes `%` for a pattern", output.display()));
    }
    let mut text = escaped(output)?;
    text.push(b':');
    let files = files.iter().map(|file| escaped(file)).collect::<Result<Vec<_>, _>>()?;
    for file in &files {
        text.extend_from_slice(b" \\\n  ");
        text.extend_from_slice(file);
    }
    text.push(b'\n');
    for file in files.iter().filter(|file| !file.contains(&b'%')) {
        text.push(b'\n');
        text.extend_from_slice(file);
        text.extend_from_slice(b":\n");
    }
    Ok(text)
}

/// A path as GCC writes it into its depfiles, which both programs read.
fn escaped(path: &Path) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'\n' | b'\r' => {
                return Err(format!("a depfile cannot name `{}`: it has a line break", path.display()));
            }
            b' ' | b'\t' => {
                // Backslashes count as such only before what they would escape.
                let backslashes = text.iter().rev().take_while(|byte| **byte == b'\\').count();
                text.extend(std::iter::repeat_n(b'\\', backslashes + 1));
            }
            b'#' | b':' => text.push(b'\\'),
            b'$' => text.push(b'$'),
            _ => {}
        }
        text.push(byte);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What these characters mean to make is in its manual, 4.2 "Rule Syntax" and 6.1 "Basics of Variable References".
    #[test]
    fn names_are_escaped() {
        let files = [r"a b.wasm", r"c$d#e.wasm", r"f:g.wasm", r"h\ i.wasm"].map(PathBuf::from);
        let text = String::from_utf8(rules(Path::new("out.wasm"), &files[..3]).unwrap()).unwrap();
        let rule = "out.wasm: \\\n  a\\ b.wasm \\\n  c$$d\\#e.wasm \\\n  f\\:g.wasm\n";
        assert_eq!(text, format!("{rule}\na\\ b.wasm:\n\nc$$d\\#e.wasm:\n\nf\\:g.wasm:\n"));
        assert_eq!(escaped(&files[3]).unwrap(), br"h\\\ i.wasm");
    }

    /// A rule that means something else is worse than none.
    #[test]
    fn names_that_no_rule_can_have_are_refused() {
        for (output, file) in [("a%b.wasm", "c"), ("a\nb.wasm", "c"), ("a", "b\nc.wasm")] {
            assert!(rules(Path::new(output), &[file.into()]).is_err(), "{output:?} {file:?}");
        }
    }
}
