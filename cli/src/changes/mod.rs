//! How changes are told. To add a format: a file like the others, and its line here.

mod human;
mod markdown;

use wcompose::{Changes, InsideChange, ItemChange, Level};

use crate::paint;
use crate::table;

/// What `--format` takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    #[default]
    Human,
    /// Markdown, for a comment on a pull request
    Markdown,
    /// JSON
    Json,
}

impl DiffFormat {
    /// The text of what changed between the two files.
    pub(crate) fn text(self, changes: &Changes, files: [&str; 2]) -> String {
        match self {
            DiffFormat::Human => human::text(changes, files),
            DiffFormat::Markdown => markdown::text(changes, files),
            DiffFormat::Json => {
                let json =
                    serde_json::to_string_pretty(changes).expect("changes hold only text, numbers and lists");
                paint::json(&json)
            }
        }
    }
}

/// The word for a level.
fn word(level: Level) -> &'static str {
    match level {
        Level::Same => "same",
        Level::Patch => "patch",
        Level::Minor => "minor",
        Level::Major => "major",
    }
}

/// The sections that both texts have: a title, and its lines, each with what it does to a version if that is known.
fn sections(changes: &Changes) -> Vec<(&'static str, Vec<Line>)> {
    let items = |items: &[ItemChange]| items.iter().map(item).collect();
    let by_name = |changes: &[InsideChange]| changes.iter().map(named).collect();
    let connections = |changes: &[InsideChange]| changes.iter().map(connection).collect();
    vec![
        ("imports", items(&changes.imports)),
        ("exports", items(&changes.exports)),
        ("instances", by_name(&changes.inside.instances)),
        ("connections", connections(&changes.inside.connections)),
        ("inputs", by_name(&changes.inside.inputs)),
    ]
}

/// One change: a sign, what changed, and details.
struct Line {
    sign: char,
    name: String,
    level: Option<Level>,
    details: Vec<String>,
}

fn sign<T>(old: &Option<T>, new: &Option<T>) -> char {
    match (old, new) {
        (None, _) => '+',
        (_, None) => '-',
        _ => '~',
    }
}

fn item(change: &ItemChange) -> Line {
    let ItemChange { old, new, level, parts } = change;
    let name = match (old, new) {
        (Some(old), Some(new)) if old != new => format!("{old} -> {new}"),
        (old, new) => new.as_ref().or(old.as_ref()).cloned().unwrap_or_default(),
    };
    let details = parts.iter().map(|part| {
        let place = if part.place.is_empty() { String::new() } else { format!("{}: ", part.place) };
        match (&part.old, &part.new) {
            (Some(old), Some(new)) => format!("{place}`{}` -> `{}`", one_line(old), one_line(new)),
            (None, Some(new)) => format!("{place}added: `{}`", one_line(new)),
            (Some(old), None) => format!("{place}removed: `{}`", one_line(old)),
            (None, None) => format!("{place}differs"),
        }
    });
    Line { sign: sign(old, new), name, level: Some(*level), details: details.collect() }
}

/// By its name alone: of an input, the digests are in JSON.
fn named(InsideChange { name, old, new }: &InsideChange) -> Line {
    Line { sign: sign(old, new), name: name.clone(), level: None, details: Vec::new() }
}

fn connection(InsideChange { name, old, new }: &InsideChange) -> Line {
    let name = match (old, new) {
        (Some(old), Some(new)) => format!("{name} <- {old}, now {new}"),
        (old, new) => format!("{name} <- {}", new.as_ref().or(old.as_ref()).map_or("", |from| from)),
    };
    Line { sign: sign(old, new), name, level: None, details: Vec::new() }
}

/// `12.3 kB -> 12.5 kB (+200 bytes)`.
fn sizes([old, new]: [usize; 2]) -> String {
    let sign = if new < old { '-' } else { '+' };
    format!("{} -> {} ({sign}{})", table::size(old), table::size(new), table::size(new.abs_diff(old)))
}

/// What WIT writes in several lines.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
