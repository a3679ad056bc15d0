//! The table of `-v`: what became of every import, one line each, and what the inputs share.

use crate::paint;
use crate::report::{Dropped, Import, Rename, Report, Shared, SharedDefinition, State};

/// One line an import: instance, import, and what serves it. What is left out of the composition has no such lines.
pub(crate) fn imports(report: &Report) -> Vec<String> {
    let kept = report.imports.iter().filter(|import| !report.unused.contains(&import.instance));
    let rows = kept.map(|import| [import.instance.clone(), import.name.clone(), outcome(import)]);
    // Escaped here already, because the width counts.
    let rows = rows.map(|row| row.map(|cell| paint::escape(&cell))).collect::<Vec<_>>();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (instances, names) = (width(0), width(1));
    let lines = rows
        .iter()
        .map(|[instance, name, outcome]| format!("{instance:instances$}  {name:names$}  {outcome}"));
    lines.collect()
}

/// The inputs that are not in the composition, and the exports of its roots that it does not have, if there are any.
pub(crate) fn left_out(report: &Report) -> Option<String> {
    let exports = report.dropped.iter().map(|Dropped { instance, export }| format!("{export} of {instance}"));
    let names = report.unused.iter().cloned().chain(exports);
    let names = names.map(|name| paint::escape(&name)).collect::<Vec<_>>();
    (report.ok && !names.is_empty()).then(|| format!("left out: {}", names.join(", ")))
}

/// What is stored once for several, if anything: what that saves, and the names of what saves most.
pub(crate) fn shared(report: &Report) -> Option<String> {
    const NAMED: usize = 4;
    let Shared { saved, definitions } = &report.shared;
    if definitions.is_empty() {
        return None;
    }
    let mut by_size = definitions.iter().collect::<Vec<_>>();
    by_size.sort_by_key(|definition| std::cmp::Reverse(definition.saved));
    let name = |definition: &&SharedDefinition| definition.name.as_deref().map(paint::escape);
    let mut words = by_size.iter().filter_map(name).take(NAMED).collect::<Vec<_>>();
    let rest = definitions.len() - words.len();
    if rest > 0 {
        let what = if words.is_empty() { "" } else { "more " };
        words.push(format!("{rest} {what}definition{}", if rest == 1 { "" } else { "s" }));
    }
    Some(format!("shared {}: {}", size(*saved), words.join(", ")))
}

/// A number of bytes as people read it: `950 bytes`, `12.3 kB`, `7.1 MB`.
pub(crate) fn size(bytes: usize) -> String {
    match bytes {
        1 => "1 byte".into(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn outcome(import: &Import) -> String {
    match &import.state {
        State::Connected { provider, export, matched, bridge, renames } => {
            let export = if *export == import.name { String::new() } else { format!(":{export}") };
            let bridge = bridge.map_or(String::new(), |bridge| format!(", {bridge}"));
            let renames = renames.iter().map(|Rename { needed, offered }| format!(", {needed} <- {offered}"));
            format!("connected to {provider}{export} ({matched}{bridge}{})", renames.collect::<String>())
        }
        State::Host { reason } => format!("host ({reason})"),
        State::Substituted => "an equal type".into(),
        State::Unsatisfied { reason } => format!("unsatisfied ({reason})"),
    }
}
