//! `--format junit`: one test case for each import, and one for each diagnostic that is about no import. Control
//! characters are escaped, because XML has no form for most of them.

use quick_junit::{NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::paint;
use crate::report::{Problem, Report, State, Target};

pub(super) fn text(report: &Report) -> String {
    let mut suite = TestSuite::new("imports");
    let Target { name, runtime, version, features } = &report.target;
    suite.add_property(Property::new("target", format!("{name} ({runtime} {version})")));
    suite.add_property(Property::new("features", features.join(" ")));
    suite.add_property(Property::new("bodies", report.bodies.as_str()));
    let mut told = vec![false; report.diagnostics.len()];
    for import in &report.imports {
        let about = |problem: &Problem| {
            problem.instance.as_ref() == Some(&import.instance) && problem.item.as_ref() == Some(&import.name)
        };
        let mut status = TestCaseStatus::success();
        if let State::Unsatisfied { .. } = import.state
            && let Some(place) = report.diagnostics.iter().position(about)
        {
            told[place] = true;
            status = failure(&report.diagnostics[place]);
        }
        let mut case = TestCase::new(paint::escape(&import.name), status);
        case.set_classname(import.instance.as_str());
        suite.add_test_case(case);
    }
    for (problem, _) in report.diagnostics.iter().zip(told).filter(|(_, told)| !told) {
        let status = if problem.severity == "warning" { TestCaseStatus::success() } else { failure(problem) };
        let mut case = TestCase::new(problem.code, status);
        case.set_classname(paint::escape(problem.instance.as_deref().unwrap_or("link")));
        suite.add_test_case(case);
    }
    let mut junit = Junit::new("wcompose");
    junit.add_test_suite(suite);
    junit.to_string().expect("a report of text is written to memory")
}

fn failure(problem: &Problem) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let details = problem.details().map(|line| paint::escape(&line)).collect::<Vec<_>>();
    status
        .set_type(problem.code)
        .set_message(paint::escape(&problem.message))
        .set_description(details.join("\n"));
    status
}
