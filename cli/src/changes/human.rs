//! `--format human`: what changed, in lines.

use wcompose::{Changes, Level};

use super::{Line, sections, sizes, word};

pub(super) fn text(changes: &Changes, [old, new]: [&str; 2]) -> String {
    if changes.level == Level::Same {
        return format!("{old} and {new} are the same");
    }
    let mut lines = vec![format!("{}: from {old} to {new}", word(changes.level))];
    for (title, changed) in sections(changes).into_iter().filter(|(_, changed)| !changed.is_empty()) {
        lines.push(title.into());
        for Line { sign, name, level, details } in changed {
            let level = level.map_or(String::new(), |level| format!(" ({})", word(level)));
            lines.push(format!("  {sign} {name}{level}"));
            lines.extend(details.into_iter().map(|detail| format!("      {detail}")));
        }
    }
    lines.push(format!("size {}", sizes(changes.bytes)));
    lines.join("\n")
}
