//! Why a case failed, in lines of text.

use similar::TextDiff;

use super::super::{Difference, Ended, Failure, Reason};

/// Lines around what differs.
const CONTEXT: usize = 3;

/// Nothing if it passed.
pub(super) fn why(ended: &Ended) -> Vec<String> {
    match ended {
        Ended::Passed => Vec::new(),
        Ended::Broken { message } => vec![format!("error: {message}")],
        Ended::Failed(Failure { differences, reason }) => {
            differences.iter().flat_map(difference).chain(reason.iter().flat_map(reasoned)).collect()
        }
    }
}

fn reasoned(reason: &Reason) -> Vec<String> {
    let code = reason.code.map_or(String::new(), |code| format!("[{code}]"));
    let message = format!("error{code}: {}", reason.message);
    let notes = reason.notes.iter().map(|note| format!("  {note}"));
    [message].into_iter().chain(notes).collect()
}

fn difference(Difference { of, expected, found, whole }: &Difference) -> Vec<String> {
    if *whole && !expected.contains('\n') && !found.contains('\n') {
        return vec![format!("{of}:"), format!("  expected: {expected}"), format!("  found:    {found}")];
    }
    let indented = |text: &str| text.lines().map(|line| format!("  | {line}")).collect::<Vec<_>>();
    if !whole {
        let expected = [format!("{of}: expected to contain")].into_iter().chain(indented(expected));
        let title = if found.is_empty() { "found nothing" } else { "found" };
        return expected.chain([format!("{of}: {title}")]).chain(indented(found)).collect();
    }
    let diff =
        TextDiff::from_lines(expected.as_str(), found).unified_diff().context_radius(CONTEXT).to_string();
    let lines = diff.lines().filter(|line| !line.starts_with("@@")).map(|line| format!("  {line}"));
    [format!("{of}: expected (-), found (+)")].into_iter().chain(lines).collect()
}
