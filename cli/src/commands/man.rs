//! `wcompose man`: the manual, made from the same texts as `--help`.

use std::path::PathBuf;

use clap::builder::Resettable;
use clap_mangen::roff::{Roff, roman};

use crate::exit::Exit;
use crate::{files, paint, versions};

/// Writes the manual: one page for wcompose and one for each command.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose man ~/.local/share/man/man1
  wcompose man | man -l -")]
pub(crate) struct Man {
    /// The folder, which must exist [default: the page of wcompose goes to standard output]
    folder: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self) -> Exit {
        let mut program = crate::command_line().disable_help_subcommand(true);
        program.build();
        let Some(folder) = self.folder else {
            paint::raw_to_stdout(&page(&program));
            return Exit::Fine;
        };
        for command in std::iter::once(&program).chain(program.get_subcommands()) {
            if let Err(error) = files::write_bytes(&folder.join(file_name(command)), page(command).as_bytes())
            {
                paint::error(error);
                return Exit::Failed;
            }
        }
        Exit::Fine
    }
}

/// The name of a command's page: `wcompose-link.1`.
fn file_name(command: &clap::Command) -> String {
    clap_mangen::Man::new(command.clone()).get_filename()
}

/// The page of a command in roff.
fn page(command: &clap::Command) -> String {
    let man = clap_mangen::Man::new(command.clone().after_help(Resettable::Reset))
        .source(format!("wcompose {}", versions::WCOMPOSE))
        .manual("wcompose");
    let mut text = Vec::new();
    man.render(&mut text).expect("memory takes whatever is written to it");
    String::from_utf8_lossy(&text).into_owned() + &last_section(command)
}

/// What the help of a command ends with, examples or exit codes. A manual keeps its lines only if it is told to.
fn last_section(command: &clap::Command) -> String {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let Some((heading, lines)) = text.split_once(":\n") else { return String::new() };
    let mut roff = Roff::new();
    roff.control("SH", [heading.to_uppercase().as_str()]).control("nf", []);
    for line in lines.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.render()
}
