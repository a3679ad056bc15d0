//! How `link` and `check` tell their outcome: to people, as a report, on standard output.

use std::io::Write;
use std::path::{Path, PathBuf};

use wcompose::{Diagnostic, Linked};

use crate::exit::Exit;
use crate::files;
use crate::format::Format;
use crate::paint;
use crate::report::Report;
use crate::table;

#[derive(clap::Args)]
pub(in crate::commands) struct Telling {
    /// Write what became of every import as JSON, `-` for standard output
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    pub(super) report: Option<PathBuf>,

    /// How to tell the outcome; github by itself under GitHub Actions, else human
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "all")]
    format: Option<Format>,

    /// Show what became of every import
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Say nothing but errors; a report has the warnings all the same
    #[arg(short, long)]
    pub quiet: bool,
}

impl Telling {
    /// Tells what is wrong, and nothing else.
    pub(in crate::commands) fn of_errors() -> Telling {
        Telling { report: None, format: None, verbose: false, quiet: true }
    }

    /// Who wants standard output, beside what the caller puts there; two at once cannot have it.
    pub(in crate::commands) fn stdout_claims(&self) -> Vec<&'static str> {
        let report = self.report.as_deref() == Some(Path::new("-"));
        let format = self.format().takes_stdout().then_some("--format");
        format.into_iter().chain(report.then_some("--report -")).collect()
    }

    /// Tells what is for standard error.
    pub(super) fn show(&self, linked: &Linked<'_>, report: &Report) {
        self.format().show(linked, report, self.quiet);
        if self.verbose {
            table::imports(report).iter().for_each(|line| paint::line(line));
            let rest = [table::left_out(report), table::shared(report)];
            rest.iter().flatten().for_each(|line| paint::line(line));
        }
    }

    /// Tells one diagnostic more, if the others are on standard error.
    pub(in crate::commands) fn add(&self, diagnostic: &Diagnostic) {
        self.format().add(diagnostic);
    }

    /// Gives out what is for standard output, and the report.
    pub(super) fn publish(&self, report: &Report) -> Exit {
        let text = self.format().text(report);
        // A reader that has seen enough and closed the pipe is no failure.
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        let Some(path) = &self.report else { return Exit::Fine };
        match files::write_bytes(path, report.to_json().as_bytes()) {
            Ok(()) => Exit::Fine,
            Err(error) => {
                paint::error(error);
                Exit::Failed
            }
        }
    }

    fn format(&self) -> Format {
        self.format.unwrap_or_else(Format::by_environment)
    }
}
