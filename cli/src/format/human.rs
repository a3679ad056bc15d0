//! `--format human`: diagnostics as people read them.

use wcompose::{Diagnostic, Linked, Severity};

use crate::paint;
use crate::report::{Bodies, Report};

pub(super) fn tell(linked: &Linked<'_>, report: &Report, quiet: bool) {
    told(linked, quiet).for_each(paint::diagnostic);
    if report.bodies == Bodies::Unvalidated && !quiet {
        paint::line("note: function bodies and segments were not validated (--no-check)");
    }
}

/// What there is to tell: without the warnings if `quiet`.
fn told<'l>(linked: &'l Linked<'_>, quiet: bool) -> impl Iterator<Item = &'l Diagnostic> {
    linked.diagnostics().iter().filter(move |told| !quiet || told.severity != Severity::Warning)
}

#[cfg(test)]
mod tests {
    use wcompose::Request;

    use super::*;

    /// `-q` is for people: a report that lacked warnings would say that there are none.
    #[test]
    fn quiet_takes_warnings_from_people_and_not_from_reports() {
        let diagnostic = |severity| Diagnostic {
            code: wcompose::CODES[0],
            severity,
            subject: wcompose::Subject::default(),
            message: "something is odd".into(),
            comparisons: Vec::new(),
            calls: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
        };
        let linked = Linked::Unparsed([Severity::Warning, Severity::Error].map(diagnostic).into());
        assert_eq!(told(&linked, true).count(), 1);
        assert_eq!(told(&linked, false).count(), 2);
        assert_eq!(Report::new(&linked, &Request::default()).diagnostics.len(), 2);
    }
}
