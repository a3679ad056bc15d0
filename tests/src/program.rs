//! Calling the program as a user does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// The program under test.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    cache: PathBuf,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Program {
    /// The program at `path`; tests name it with `env!("CARGO_BIN_EXE_wcompose-subject")`.
    pub fn new(path: impl Into<PathBuf>) -> Program {
        let path = path.into();
        // Beside the program: what it compiles is no matter of this user.
        Program { cache: path.with_file_name("wcompose-tests-cache"), path }
    }

    /// The same with a cache of its own. Which compiler is told of depends on what is in there already.
    pub fn with_cache(self, cache: impl Into<PathBuf>) -> Program {
        Program { cache: cache.into(), ..self }
    }

    /// Calls it in `directory` with empty standard input.
    pub fn call(&self, directory: &Path, arguments: &[String]) -> Result<Ended> {
        let output = Command::new(&self.path)
            .args(arguments)
            .current_dir(directory)
            .env_remove("GITHUB_ACTIONS")
            .env("XDG_CACHE_HOME", &self.cache)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", self.path.display()))?;
        Ok(Ended {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}
