//! `--format human`: a line for each case, below it why it failed, and how many did in the end. A bar on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::{CaseResult, Tested};
use super::words;
use crate::paint;

/// Lines shown of what a component wrote; the other formats have all.
const MOST_LINES: usize = 20;

/// Tells of cases while they run.
pub(crate) struct Human {
    bar: ProgressBar,
    quiet: bool,
}

impl Human {
    /// Says what begins. If `quiet`, nothing is said but of cases that fail.
    pub(crate) fn begin(file: &str, cases: usize, quiet: bool) -> Human {
        if quiet {
            return Human { bar: ProgressBar::hidden(), quiet };
        }
        paint::line(&format!("testing {file}: {}", counted(cases, "case")));
        // Nothing is drawn where standard error is no terminal.
        let bar = ProgressBar::with_draw_target(Some(cases as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        bar.tick();
        Human { bar, quiet }
    }

    /// Tells of one case.
    pub(crate) fn tell(&self, result: &CaseResult) {
        self.bar.suspend(|| {
            let time = format!("[{:>8.3}s] {}", result.seconds, result.name);
            if result.passed() && !self.quiet {
                paint::good("PASS", &time);
            } else if !result.passed() {
                paint::bad("FAIL", &time);
                why(result).iter().for_each(|line| paint::line(&format!("    {line}")));
            }
        });
        self.bar.inc(1);
    }

    /// Says how many passed.
    pub(crate) fn end(self, tested: &Tested) {
        self.bar.finish_and_clear();
        if self.quiet {
            return;
        }
        let passed = tested.results.iter().filter(|result| result.passed()).count();
        let failed = tested.results.len() - passed;
        let compiler = tested.compiler.map_or(String::new(), |compiler| format!(", compiled by {compiler}"));
        paint::line(&format!("{passed} passed, {failed} failed{compiler}"));
    }
}

fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// Why a case failed, and what the component wrote.
fn why(result: &CaseResult) -> Vec<String> {
    let written = [("stdout", &result.stdout), ("stderr", &result.stderr)];
    words::why(&result.ended)
        .into_iter()
        .chain(written.into_iter().flat_map(|(name, text)| self::written(name, text)))
        .collect()
}

/// The end of what a component wrote.
fn written(name: &str, text: &str) -> Vec<String> {
    let lines = text.lines().collect::<Vec<_>>();
    let skipped = lines.len().saturating_sub(MOST_LINES);
    let title = match skipped {
        _ if text.is_empty() => return Vec::new(),
        0 => format!("{name}:"),
        _ => format!("{name}, the last {MOST_LINES} of {} lines:", lines.len()),
    };
    let shown = lines[skipped..].iter().map(|line| format!("  | {line}"));
    [title].into_iter().chain(shown).collect()
}
