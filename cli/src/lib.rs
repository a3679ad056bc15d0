//! The command line of wcompose: arguments, files, terminal, exit codes. One file per command under `commands/`.
//!
//! Only this crate touches files, terminal and environment. What a link is, is in the crate `wcompose`; what a run is,
//! in `wcompose-run`.

mod commands;
mod exit;
mod files;
mod format;
mod paint;
mod report;
mod signals;
mod table;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

pub use exit::Exit;
/// Every code of a verdict, by name.
pub use verdict::CODES as VERDICT_CODES;

/// Links WebAssembly components written in different languages into one, and runs it.
#[derive(Parser)]
#[command(
    name = "wcompose",
    bin_name = "wcompose",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
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
            let _ = error.print();
            exit
        }
    };
    exit.into()
}
