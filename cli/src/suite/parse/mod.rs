//! Reads suites. What is wrong with one is told with the place in its file. The keys are `raw`, what they mean together
//! is `case`.

mod case;
mod raw;

use std::ops::Range;
use std::path::Path;

use super::Suite;
use crate::files::{self, FileError};
use crate::paint;
use raw::RawSuite;

/// Why a suite cannot be used.
pub(crate) enum LoadError {
    Unread(FileError),
    Faulty { file: String, text: String, faults: Vec<Fault> },
}

/// Something in a suite's file that must be changed.
pub(crate) struct Fault {
    /// Bytes of the file.
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl Fault {
    fn help(self, help: impl Into<String>) -> Fault {
        Fault { help: Some(help.into()), ..self }
    }
}

fn fault(span: Range<usize>, message: impl Into<String>) -> Fault {
    Fault { span, message: message.into(), help: None }
}

impl LoadError {
    pub(crate) fn tell(&self) {
        match self {
            LoadError::Unread(error) => paint::error(error),
            LoadError::Faulty { file, text, faults } => {
                for Fault { span, message, help } in faults {
                    paint::error_at(file, text, span.clone(), message, help.as_deref());
                }
            }
        }
    }
}

/// Reads the suite in `path`. Paths in it are relative to where it is.
pub(crate) fn load(path: &Path) -> Result<Suite, LoadError> {
    let bytes = files::read(path).map_err(LoadError::Unread)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match parse(&text, path.parent().unwrap_or(Path::new(""))) {
        Ok(suite) => Ok(suite),
        Err(faults) => Err(LoadError::Faulty { file: path.display().to_string(), text, faults }),
    }
}

fn parse(text: &str, folder: &Path) -> Result<Suite, Vec<Fault>> {
    let RawSuite { component, defaults, cases } = toml::from_str(text).map_err(|error| {
        // A key that is missing has no place but that of the table.
        vec![fault(error.span().unwrap_or_default(), error.message())]
    })?;
    let defaults = defaults.within(folder);
    if cases.is_empty() {
        return Err(vec![fault(0..0, "the suite has no cases").help("a case begins with `[[case]]`")]);
    }
    let mut faults = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        if let Some(first) = cases[..place].iter().find(|first| first.name == case.name) {
            let line = text[..first.name.span().start].lines().count().max(1);
            let name = case.name.get_ref();
            let help = format!("the first stands in line {line}: give them different names");
            faults.push(fault(case.name.span(), format!("there are two cases `{name}`")).help(help));
        }
    }
    let mut read = Vec::new();
    for raw in cases {
        match case::case(raw, &defaults) {
            Ok(case) => read.push(case),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(Suite { component: component.map(|component| folder.join(component)), cases: read })
    } else {
        Err(faults)
    }
}
