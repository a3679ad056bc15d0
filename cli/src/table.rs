//! The table of `-v`: what became of every import, one line each.

use crate::paint;
use crate::report::{Import, Report, State};

/// One line an import: instance, import, and what serves it.
pub(crate) fn imports(report: &Report) -> Vec<String> {
    let rows =
        report.imports.iter().map(|import| [import.instance.clone(), import.name.clone(), outcome(import)]);
    // Escaped here already, because the width counts.
    let rows = rows.map(|row| row.map(|cell| paint::escape(&cell))).collect::<Vec<_>>();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (instances, names) = (width(0), width(1));
    let lines = rows
        .iter()
        .map(|[instance, name, outcome]| format!("{instance:instances$}  {name:names$}  {outcome}"));
    lines.collect()
}

fn outcome(import: &Import) -> String {
    match &import.state {
        State::Connected { provider, export, matched, bridge } => {
            let export = if *export == import.name { String::new() } else { format!(":{export}") };
            let bridge = bridge.map_or(String::new(), |bridge| format!(", {bridge}"));
            format!("connected to {provider}{export} ({matched}{bridge})")
        }
        State::Host { reason } => format!("host ({reason})"),
        State::Substituted => "an equal type".into(),
        State::Unsatisfied { reason } => format!("unsatisfied ({reason})"),
    }
}
