//! `wcompose doctor`: whether all that wcompose needs works on this machine, and what to do where it does not.

use super::sandboxing;
use crate::doctor::{self, Cache, Examination, Stream};
use crate::exit::Exit;
use crate::{paint, table};

/// Shows versions, targets, compilers, the sandbox and the cache, and whether they work on this machine.
///
/// The sandbox is tried on a component of our own: with each compiler, and against its limits. The exit status is 1 if
/// something is wrong.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose doctor
  wcompose doctor --format json | jq .problems")]
pub(crate) struct Doctor {
    /// How it is told
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = DoctorFormat::Human)]
    format: DoctorFormat,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum DoctorFormat {
    /// For people: findings on standard output, problems on standard error
    Human,
    /// An object with all findings, on standard output
    Json,
}

impl Doctor {
    pub(super) fn run(self) -> Exit {
        let examination = doctor::examine(sandboxing::cache_folder().as_deref(), std::env::current_exe());
        match self.format {
            DoctorFormat::Json => {
                let json = serde_json::to_string_pretty(&examination)
                    .expect("an examination holds only text, numbers and lists");
                paint::to_stdout(paint::json(&json).lines());
            }
            DoctorFormat::Human => {
                let rows = rows(&examination);
                let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
                paint::to_stdout(rows.iter().map(|(name, text)| format!("{name:width$}  {text}")));
                for problem in &examination.problems {
                    paint::error_with_help(&problem.message, &problem.help);
                }
            }
        }
        if examination.ok { Exit::Fine } else { Exit::Failed }
    }
}

/// What was found, a name and a text each.
fn rows(examination: &Examination) -> Vec<(&'static str, String)> {
    let none = |list: &[String]| if list.is_empty() { "none".into() } else { list.join(", ") };
    let mut rows = vec![
        ("wcompose", examination.wcompose.to_owned()),
        ("wasmtime", examination.wasmtime.to_owned()),
        ("wasm-tools", examination.wasm_tools.to_owned()),
    ];
    rows.extend(examination.targets.iter().map(|target| ("target", target.name.to_owned())));
    if let Some(target) = examination.targets.first() {
        rows.push(("features", target.features.join(", ")));
        rows.push(("--feature", target.optional.join(", ")));
    }
    let compilers = examination.compilers.iter().map(ToString::to_string).collect::<Vec<_>>();
    let limits = examination.limits.iter().map(ToString::to_string).collect::<Vec<_>>();
    rows.push(("compilers", none(&compilers)));
    rows.push(("limits", none(&limits)));
    rows.push(("cache", cache(examination.cache.as_ref())));
    rows.push(("processors", examination.processors.to_string()));
    rows.push(("terminal", terminal(examination)));
    rows
}

fn cache(cache: Option<&Cache>) -> String {
    let Some(Cache { folder, found }) = cache else {
        return "none: neither XDG_CACHE_HOME nor HOME is set".into();
    };
    let state = match found {
        None => "empty".into(),
        Some(found) => {
            let [bytes, most] = [found.bytes, found.most].map(|bytes| table::size(bytes as usize));
            format!("{} compiled components, {bytes} of {most}", found.files)
        }
    };
    format!("{}: {state}", folder.display())
}

fn terminal(examination: &Examination) -> String {
    let terminal = &examination.terminal;
    let [stdout, stderr] = [terminal.stdout, terminal.stderr].map(|stream| match stream {
        Stream::Terminal => "a terminal",
        Stream::Other => "no terminal",
    });
    let colour = if terminal.colour { "in colour" } else { "without colour" };
    format!("standard output {stdout}, standard error {stderr}, {colour}; --format is {}", terminal.format)
}
