//! `--format junit`: one test case for each case of the suite. Control characters are escaped, because XML has no form
//! for most of them.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::super::{CaseResult, Ended, Failure, Tested};
use super::words;
use crate::paint;

pub(super) fn text(tested: &Tested, file: &str) -> String {
    let mut suite = TestSuite::new(paint::escape(file));
    suite.add_test_cases(tested.results.iter().map(case));
    let mut report = Report::new("wcompose");
    report.set_time(Duration::from_secs_f64(tested.results.iter().map(|result| result.seconds).sum()));
    report.add_test_suite(suite);
    report.to_string().expect("a report of text is written to memory")
}

fn case(result: &CaseResult) -> TestCase {
    let mut case = TestCase::new(paint::escape(&result.name), status(&result.ended));
    case.set_time(Duration::from_secs_f64(result.seconds));
    let wrote = |text: &str| !result.passed() && !text.is_empty();
    if wrote(&result.stdout) {
        case.set_system_out(paint::escape_lines(&result.stdout));
    }
    if wrote(&result.stderr) {
        case.set_system_err(paint::escape_lines(&result.stderr));
    }
    case
}

fn status(ended: &Ended) -> TestCaseStatus {
    match ended {
        Ended::Passed => TestCaseStatus::success(),
        Ended::Broken { message } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("sandbox").set_message(paint::escape(message));
            status
        }
        Ended::Failed(Failure { differences, reason }) => {
            let kind = reason.as_ref().and_then(|reason| reason.code).unwrap_or("failed");
            let message = match (reason, differences.first()) {
                (Some(reason), _) => reason.message.clone(),
                (None, Some(first)) => format!("{} is not as expected", first.of),
                (None, None) => String::new(),
            };
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(kind)
                .set_message(paint::escape(&message))
                .set_description(paint::escape_lines(&words::why(ended).join("\n")));
            status
        }
    }
}
