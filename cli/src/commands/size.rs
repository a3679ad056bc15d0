//! `wcompose size`: shows where the bytes of a component are.

use std::path::PathBuf;

use wcompose::{Fault, Own, Size, Subject};

use super::linking::Telling;
use super::units;
use crate::exit::Exit;
use crate::{budget, files, paint};

/// Shows where the bytes of a component are: its modules and nested components, what is shared, and what they hold.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose size composed.wasm
  wcompose size composed.wasm --budget 40MB
  wcompose size composed.wasm --json | jq '.nested[] | [.name, .bytes]'")]
pub(crate) struct SizeOf {
    /// The component, `-` for standard input
    file: PathBuf,

    /// Fail if it has more bytes than this: 950kB, 40MB, 38MiB
    #[arg(long, value_name = "BYTES", value_parser = units::bytes)]
    budget: Option<usize>,

    /// Show also what is less than 0.5 % of it
    #[arg(long)]
    all: bool,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl SizeOf {
    pub(super) fn run(self) -> Exit {
        let file = self.file.display();
        let size = files::read_component(&self.file).map_err(|error| error.to_string()).and_then(|bytes| {
            Size::read(&bytes).map_err(|Fault { message, offset }| {
                format!("cannot read `{file}`: {message} at offset {offset:#x}")
            })
        });
        let size = match size {
            Ok(size) => size,
            Err(message) => {
                paint::error(message);
                return Exit::Failed;
            }
        };
        if self.json {
            let json =
                serde_json::to_string_pretty(&size).expect("a size holds only text, numbers and lists");
            paint::to_stdout(paint::json(&json).lines());
        } else {
            paint::to_stdout(self.rows(&size));
        }
        match self.budget {
            Some(budget) if size.bytes > budget => {
                let subject = Subject { file: Some(file.to_string()), ..Subject::default() };
                Telling::of_errors().add(&budget::exceeded(&format!("`{file}`"), subject, &size, budget));
                Exit::Failed
            }
            _ => Exit::Fine,
        }
    }

    /// The tree, one line each, and what all of it is for.
    fn rows(&self, size: &Size) -> Vec<String> {
        let mut rows = vec![row(size, size.bytes, 0)];
        let least = if self.all { 0 } else { size.bytes / 200 };
        nested(size, size.bytes, least, 1, &mut rows);
        let Own { code, data, custom, other } = size.all();
        for (what, bytes) in [("code", code), ("data", data), ("custom sections", custom), ("other", other)] {
            rows.push(line(bytes, size.bytes, what));
        }
        rows
    }
}

fn nested(size: &Size, of: usize, least: usize, depth: usize, rows: &mut Vec<String>) {
    let (mut large, small) = size.nested.iter().partition::<Vec<_>, _>(|nested| nested.bytes >= least.max(1));
    large.sort_by_key(|nested| std::cmp::Reverse(nested.bytes));
    for nested in large {
        rows.push(row(nested, of, depth));
        self::nested(nested, of, least, depth + 1, rows);
    }
    if !small.is_empty() {
        let bytes = small.iter().map(|nested| nested.bytes).sum();
        let what = format!("{}{} smaller", "  ".repeat(depth), small.len());
        rows.push(line(bytes, of, &what));
    }
}

fn row(size: &Size, of: usize, depth: usize) -> String {
    let name = size.name.as_deref().map(|name| format!(" {}", paint::escape(name))).unwrap_or_default();
    let shared = if size.aliases > 0 { format!(", {} aliases", size.aliases) } else { String::new() };
    let made = if size.instances > 1 { format!(", {} instances", size.instances) } else { String::new() };
    line(size.bytes, of, &format!("{}{}{name}{shared}{made}", "  ".repeat(depth), size.kind))
}

fn line(bytes: usize, of: usize, what: &str) -> String {
    format!("{bytes:>11} {:>5.1} %  {what}", 100.0 * bytes as f64 / of.max(1) as f64)
}
