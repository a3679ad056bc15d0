//! The formats in which the outcome of a suite is told. To add one: a file like the others, and its line here.

mod human;
mod json;
mod junit;
mod words;

use super::Tested;

pub(crate) use human::Human;

/// What `--format` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum SuiteFormat {
    /// A line for each case, on standard error
    Human,
    /// What became of each case, on standard output
    Json,
    /// JUnit XML, on standard output
    Junit,
}

impl SuiteFormat {
    /// What is for standard output: everything in a format for machines, else nothing.
    pub(crate) fn text(self, tested: &Tested, file: &str) -> String {
        match self {
            SuiteFormat::Human => String::new(),
            SuiteFormat::Json => json::text(tested, file),
            SuiteFormat::Junit => junit::text(tested, file),
        }
    }
}
