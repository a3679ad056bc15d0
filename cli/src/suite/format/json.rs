//! `--format json`: what became of each case. The guide describes it.

use serde::Serialize;

use super::super::{CaseResult, Tested};
use crate::paint;

#[derive(Serialize)]
struct Report<'r> {
    component: &'r str,
    engine: Option<wcompose_run::Compiler>,
    passed: usize,
    failed: usize,
    cases: &'r [CaseResult],
}

pub(super) fn text(tested: &Tested, file: &str) -> String {
    let passed = tested.results.iter().filter(|result| result.passed()).count();
    let report = Report {
        component: file,
        engine: tested.compiler,
        passed,
        failed: tested.results.len() - passed,
        cases: &tested.results,
    };
    let text = serde_json::to_string_pretty(&report).expect("a report of text is written to memory");
    paint::json(&text) + "\n"
}
