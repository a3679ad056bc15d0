//! `--format junit`: one test case for each import, and one for each diagnostic that is about no import.

use quick_junit::{NonSuccessKind, Property, Report as Junit, TestCase, TestCaseStatus, TestSuite};

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
        let mut case = TestCase::new(import.name.clone(), status);
        case.set_classname(import.instance.clone());
        suite.add_test_case(case);
    }
    for (problem, _) in report.diagnostics.iter().zip(told).filter(|(_, told)| !told) {
        let status = if problem.severity == "warning" { TestCaseStatus::success() } else { failure(problem) };
        let mut case = TestCase::new(problem.code, status);
        case.set_classname(problem.instance.clone().unwrap_or_else(|| "link".into()));
        suite.add_test_case(case);
    }
    let mut junit = Junit::new("wcompose");
    junit.add_test_suite(suite);
    junit.to_string().expect("a report of text is written to memory")
}

fn failure(problem: &Problem) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let details = problem.notes.iter().map(|note| format!("note: {note}"));
    let details = details.chain(problem.help.iter().map(|help| format!("help: {help}"))).collect::<Vec<_>>();
    status.set_type(problem.code).set_message(problem.message.clone()).set_description(details.join("\n"));
    status
}
