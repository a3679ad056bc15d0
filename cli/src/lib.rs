//! The command line of wcompose: arguments, files, terminal, exit codes. One file per command under `commands/`.
//!
//! Only this crate touches files, terminal and environment. What a link is, is in the crate `wcompose`; what a run is,
//! in `wcompose-run`.

mod commands;
mod exit;
mod files;
mod format;
mod mapped;
mod paint;
mod report;
mod table;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

pub use exit::Exit;

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
