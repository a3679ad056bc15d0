//! How large a composition may be.

use std::cmp::Reverse;

use wcompose::{Diagnostic, Size, Subject};

use crate::codes::OVER_BUDGET;
use crate::table;

/// How many parts are named.
const NAMED: usize = 3;

/// What is wrong with a component, which `what` names, that has more bytes than `budget`.
pub(crate) fn exceeded(what: &str, subject: Subject, size: &Size, budget: usize) -> Diagnostic {
    let more = size.bytes - budget;
    let [bytes, more, budget] = [size.bytes, more, budget].map(table::size);
    let message = format!("{what} has {bytes}, {more} more than the budget of {budget}");
    let notes = largest(size).into_iter().collect();
    Diagnostic { notes, ..Diagnostic::error(OVER_BUDGET, subject, message) }
}

/// The largest parts of a component in words, if it has any.
fn largest(size: &Size) -> Option<String> {
    let mut parts = size.nested.iter().collect::<Vec<_>>();
    parts.sort_by_key(|part| Reverse(part.bytes));
    let words = parts.iter().take(NAMED).map(|part| {
        let name = part.name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
        format!("{}{name} with {}", part.kind, table::size(part.bytes))
    });
    let words = words.collect::<Vec<_>>();
    match &words[..] {
        [] => None,
        [one] => Some(format!("its largest part is {one}")),
        several => Some(format!("its largest parts are {}", several.join(", "))),
    }
}
