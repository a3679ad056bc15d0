//! The formats in which a link or check tells its outcome. To add one: a file like the others, and its line here.

mod github;
mod human;
mod junit;
mod sarif;

use clap::ValueEnum;
use wcompose::{Diagnostic, Linked};

use crate::paint;
use crate::report::Report;

/// What `--format` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people, on standard error
    Human,
    /// The report: every import and every diagnostic, on standard output
    Json,
    /// For people, and annotations of GitHub Actions, on standard error
    Github,
    /// SARIF 2.1.0, on standard output
    Sarif,
    /// JUnit XML, one test case an import, on standard output
    Junit,
}

impl Format {
    /// The format where none is asked for: `github` under GitHub Actions.
    pub(crate) fn by_environment() -> Format {
        let github = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        if github { Format::Github } else { Format::Human }
    }

    /// The name that `--format` takes.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned())
    }

    /// Whether it takes standard output.
    pub(crate) fn takes_stdout(self) -> bool {
        matches!(self, Format::Json | Format::Sarif | Format::Junit)
    }

    /// Prints what is for standard error, without the warnings if `quiet`.
    pub(crate) fn show(self, linked: &Linked<'_>, report: &Report, quiet: bool) {
        match self {
            Format::Human => human::tell(linked, report, quiet),
            Format::Github => github::tell(linked, report, quiet),
            Format::Json | Format::Sarif | Format::Junit => {}
        }
    }

    /// Prints one diagnostic more to standard error, if the others are there.
    pub(crate) fn add(self, diagnostic: &Diagnostic) {
        match self {
            Format::Human => paint::diagnostic(diagnostic),
            Format::Github => {
                paint::diagnostic(diagnostic);
                github::add(diagnostic);
            }
            Format::Json | Format::Sarif | Format::Junit => {}
        }
    }

    /// What is for standard output.
    pub(crate) fn text(self, report: &Report) -> String {
        match self {
            Format::Human | Format::Github => String::new(),
            Format::Json => report.to_json(),
            Format::Sarif => sarif::text(report),
            Format::Junit => junit::text(report),
        }
    }
}
