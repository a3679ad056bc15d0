//! `wcompose completions`: scripts that complete commands and options in a shell.

use clap_complete::Shell;

use crate::exit::Exit;
use crate::paint;

/// Prints the script that completes commands, options and files of wcompose in a shell.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  wcompose completions bash > ~/.local/share/bash-completion/completions/wcompose
  wcompose completions zsh > ~/.zfunc/_wcompose
  wcompose completions fish > ~/.config/fish/completions/wcompose.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Exit {
        let mut command = crate::command_line();
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        paint::raw_to_stdout(&String::from_utf8_lossy(&script));
        Exit::Fine
    }
}
