//! The command line of wcompose: arguments, files, terminal, exit codes. One file per command under `commands/`.
//!
//! Only this crate touches files, terminal and environment. What a link is, is in the crate `wcompose`; what a run is,
//! in `wcompose-run`.

mod budget;
mod changes;
mod codes;
mod commands;
mod depfile;
mod doctor;
mod exit;
mod fault;
mod files;
mod format;
mod lock;
mod manifest;
mod metadata;
mod paint;
mod report;
mod sbom;
#[cfg(test)]
mod schema;
mod settings;
mod signals;
mod suite;
mod table;
mod verdict;
mod versions;
mod watch;
mod world;

use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, Parser};

pub use codes::CODES;
pub use exit::Exit;
pub use versions::WASM_TOOLS;

/// Links WebAssembly components written in different languages into one, and runs it.
#[derive(Parser)]
#[command(
    name = "wcompose",
    bin_name = "wcompose",
    version,
    long_version = versions::ALL.as_str(),
    max_term_width = 100,
    after_help = Exit::table()
)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

/// All commands and options.
fn command_line() -> clap::Command {
    Arguments::command()
}

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    // Before all else: a child has its orders, and no command line.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == wcompose_run::CHILD) {
        return wcompose_run::child();
    }
    let exit = match Arguments::try_parse() {
        Ok(arguments) => arguments.command.run(),
        Err(error) => {
            // Help and version are results: they go to standard output, and are no failure.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Fine };
            // Nowhere is left to complain to if this fails.
            let _ = escaped(error).print();
            exit
        }
    };
    exit.into()
}

/// The same error without control characters of arguments: the shell may have put the names of strange files there.
fn escaped(mut error: clap::Error) -> clap::Error {
    let escape = |text: &String| paint::escape(text);
    let styled = |text: &StyledStr| match text.to_string() {
        plain if plain.contains(char::is_control) => StyledStr::from(paint::escape(&plain)),
        _ => text.clone(),
    };
    let contexts = error.context().filter(|(kind, _)| *kind != ContextKind::Usage);
    let contexts = contexts.map(|(kind, value)| match value {
        ContextValue::String(text) => (kind, ContextValue::String(escape(text))),
        ContextValue::Strings(texts) => (kind, ContextValue::Strings(texts.iter().map(escape).collect())),
        ContextValue::StyledStr(text) => (kind, ContextValue::StyledStr(styled(text))),
        ContextValue::StyledStrs(texts) => {
            (kind, ContextValue::StyledStrs(texts.iter().map(styled).collect()))
        }
        other => (kind, other.clone()),
    });
    for (kind, value) in contexts.collect::<Vec<_>>() {
        error.insert(kind, value);
    }
    error
}
