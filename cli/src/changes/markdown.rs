//! `--format markdown`: what changed, for a comment on a pull request.

use wcompose::{Changes, Level};

use super::{Line, sections, sizes, word};

pub(super) fn text(changes: &Changes, [old, new]: [&str; 2]) -> String {
    let (old, new) = (code(old), code(new));
    if changes.level == Level::Same {
        return format!("### {old} and {new} are the same");
    }
    let mut text = format!("### {}: from {old} to {new}\n\n", word(changes.level));
    text += &format!("Size: {}\n", sizes(changes.bytes));
    for (title, changed) in sections(changes).into_iter().filter(|(_, changed)| !changed.is_empty()) {
        text += &format!("\n**{title}**\n\n");
        for Line { sign, name, level, details } in changed {
            let verb = match sign {
                '+' => "added",
                '-' => "removed",
                _ => "changed",
            };
            let level = level.map_or(String::new(), |level| format!(" ({})", word(level)));
            text += &format!("- {verb} {}{level}\n", code(&name));
            text.extend(details.iter().map(|detail| format!("  - {}\n", plain(detail))));
        }
    }
    text
}

/// Text as code: no name of a file or an input ends it.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Words with WIT between backquotes, in which Markdown means nothing outside of them.
fn plain(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => part.replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_").replace("->", "→"),
        _ => format!("`{part}`"),
    });
    parts.collect()
}
