//! Reads suites. What is wrong with one is told with the place in its file. The keys are `raw`, what they mean together
//! is `case`.

mod case;
mod raw;

use std::path::Path;

use super::Suite;
use crate::fault::{Fault, LoadError, TextFile, fault, from_toml};
use raw::RawSuite;

/// Reads the suite in `path`. Paths in it are relative to where it is.
pub(crate) fn load(path: &Path) -> Result<Suite, LoadError> {
    let file = TextFile::read(path)?;
    parse(&file, path.parent().unwrap_or(Path::new(""))).map_err(|faults| LoadError::Faulty(file, faults))
}

fn parse(file: &TextFile, folder: &Path) -> Result<Suite, Vec<Fault>> {
    let RawSuite { component, defaults, cases } =
        from_toml::<RawSuite>(&file.text).map_err(|fault| vec![fault])?;
    let defaults = defaults.within(folder);
    if cases.is_empty() {
        return Err(vec![fault(0..0, "the suite has no cases").help("a case begins with `[[case]]`")]);
    }
    let mut faults = Vec::new();
    for (place, case) in cases.iter().enumerate() {
        if let Some(first) = cases[..place].iter().find(|first| first.name == case.name) {
            let line = file.line(first.name.span().start);
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
