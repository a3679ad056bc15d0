//! `--compile` of `link` and `check`: whether the runtime takes the composition, without running it.

use wcompose::Output;
use wcompose_run::Task;

use super::linking::{Delivered, Linking};
use super::sandboxing::{Choices, Sandboxing};
use crate::exit::Exit;
use crate::paint;
use crate::settings::Settings;

#[derive(clap::Args)]
pub(super) struct Compiling {
    /// Compile the composition too, in the sandbox, and say what compiled it
    #[arg(long)]
    pub compile: bool,

    /// Compile with Cranelift at once: it takes longer, and the composition runs faster. Otherwise Winch is tried first
    #[arg(long)]
    optimize: bool,
}

impl Compiling {
    /// The settings with what is said here.
    pub(super) fn over(&self, base: Settings) -> Settings {
        Settings { optimize: base.optimize || self.optimize, ..base }
    }

    /// Compiles the composition in `output`, which is called `file`.
    pub(super) fn compile(
        &self,
        output: &Output<'_>,
        file: &str,
        linking: &Linking<'_>,
        sandboxing: &Sandboxing,
    ) -> Delivered {
        let Settings { features, .. } = linking.settings;
        let choices = Choices { features, timeout: None, engine: linking.settings.engine() };
        let options = sandboxing.options(&choices);
        let (composition, outcome) = match sandboxing.execute_output(output, Task::Compile, &options) {
            Ok(compiled) => compiled,
            Err(exit) => return exit.into(),
        };
        let delivered = Delivered::of(&outcome, &composition, file);
        if let (Exit::Fine, Some(compiler), false) = (delivered.exit, outcome.compiler, linking.telling.quiet)
        {
            paint::line(&format!("compiled by {compiler}"));
        }
        delivered
    }
}
