//! `--compile` of `link` and `check`: whether the runtime takes the composition, without running it.

use wcompose_run::{EngineChoice, Task};

use super::linking::{Delivered, Linking};
use super::sandboxing::{Choices, Sandboxing};
use crate::exit::Exit;
use crate::paint;

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
    /// What compiles.
    pub(super) fn engine(&self) -> EngineChoice {
        if self.optimize { EngineChoice::Cranelift } else { EngineChoice::WinchFirst }
    }

    /// Compiles the composition in `bytes`, which is called `file`.
    pub(super) fn compile(
        &self,
        bytes: &[u8],
        file: &str,
        linking: &Linking<'_>,
        sandboxing: &Sandboxing,
    ) -> Delivered {
        let choices = Choices { features: &linking.settings.features, timeout: None, engine: self.engine() };
        let outcome = match sandboxing.execute(bytes, Task::Compile, &sandboxing.options(&choices)) {
            Ok(outcome) => outcome,
            Err(exit) => return exit.into(),
        };
        let delivered = Delivered::of(&outcome, bytes, file);
        if let (Exit::Fine, Some(compiler), false) = (delivered.exit, outcome.compiler, linking.telling.quiet)
        {
            paint::line(&format!("compiled by {compiler}"));
        }
        delivered
    }
}
