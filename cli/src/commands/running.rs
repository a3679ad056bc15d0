//! What the commands share that run a component from a file: which component, for how long, with which features.

use std::path::PathBuf;
use std::time::Duration;

use wcompose_run::{EngineChoice, Options};

use super::sandboxing::{Choices, Sandboxing};
use crate::exit::Exit;

/// The component that a command is for.
#[derive(clap::Args)]
pub(super) struct Given {
    /// The component, `-` for standard input
    file: PathBuf,
}

impl Given {
    /// The component's bytes, and what it is called. What is wrong with the file is told, and is the error.
    pub(super) fn read(&self) -> Result<(Vec<u8>, String), Exit> {
        Ok((super::read_component(&self.file)?, self.file.display().to_string()))
    }
}

/// How a component is run.
#[derive(clap::Args)]
pub(super) struct Running {
    /// The longest that running may take [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = super::duration)]
    timeout: Option<Duration>,

    /// Switch on a feature of the runtime that is off by default (repeatable)
    #[arg(long = "feature", value_name = "NAME", value_parser = super::feature)]
    features: Vec<&'static str>,

    #[command(flatten, next_help_heading = "Sandbox")]
    pub sandboxing: Sandboxing,
}

impl Running {
    /// The options of a run of the component called `file`, compiled by `engine`.
    pub(super) fn options(&self, engine: EngineChoice, file: &str) -> Options {
        let choices = Choices { features: &self.features, timeout: self.timeout, engine };
        Options { program: file.to_owned(), ..self.sandboxing.options(&choices) }
    }
}
