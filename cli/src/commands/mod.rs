//! The commands: one file each, whose argument struct's doc comment is the help.

mod check;
mod compiling;
mod explain;
mod inspect;
mod invoke;
mod link;
mod linking;
mod run;
mod sandboxing;
mod serve;
mod size;

use crate::exit::Exit;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    Link(link::Link),
    Check(check::Check),
    Run(run::Run),
    Invoke(invoke::Invoke),
    Serve(serve::Serve),
    Inspect(inspect::Inspect),
    Size(size::SizeOf),
    Explain(explain::Explain),
}

impl Command {
    pub(crate) fn run(self) -> Exit {
        match self {
            Command::Link(link) => link.run(),
            Command::Check(check) => check.run(),
            Command::Run(run) => run.run(),
            Command::Invoke(invoke) => invoke.run(),
            Command::Serve(serve) => serve.run(),
            Command::Inspect(inspect) => inspect.run(),
            Command::Size(size) => size.run(),
            Command::Explain(explain) => explain.run(),
        }
    }
}

/// Reads a duration for `--timeout`: `60`, `1.5s`, `500ms`, `2m`.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let form = || "a duration is a number with a unit: 500ms, 60s, 2m".to_owned();
    match text.parse::<f64>() {
        Ok(seconds) => std::time::Duration::try_from_secs_f64(seconds).map_err(|_| form()),
        Err(_) => humantime::parse_duration(text).map_err(|_| form()),
    }
}

/// Reads the name of an optional feature for `--feature`.
fn feature(name: &str) -> Result<&'static str, String> {
    let known = wcompose::Target::optional_features().find(|known| *known == name);
    known.ok_or_else(|| wcompose::UnknownFeature(name.into()).to_string())
}
