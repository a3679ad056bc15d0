//! What `wcompose doctor` finds out: what is built in, and whether it works on this machine. How it is printed is the
//! command's.

mod trial;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anstream::ColorChoice;
use serde::Serialize;
use wcompose::Target;
use wcompose_run::{CacheFolder, Compiler, Sandbox, Trust};

use crate::format::Format;
use crate::versions;

/// All that was found out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Examination {
    /// The version of this form; it grows when a reader could be misled by a change.
    pub version: u32,
    /// Whether nothing is wrong.
    pub ok: bool,
    /// The release of wcompose.
    pub wcompose: &'static str,
    /// The release of wasmtime.
    pub wasmtime: &'static str,
    /// The release of wasm-tools.
    pub wasm_tools: &'static str,
    /// What `--target` takes.
    pub targets: Vec<TargetView>,
    /// How many threads run at once.
    pub processors: usize,
    /// The compilers that work.
    pub compilers: Vec<Compiler>,
    /// The limits of the sandbox that hold.
    pub limits: Vec<&'static str>,
    /// Where compiled components are kept; `null` if nowhere.
    pub cache: Option<Cache>,
    /// Where output goes.
    pub terminal: Terminal,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// A target and its features.
#[derive(Debug, Serialize)]
pub(crate) struct TargetView {
    /// The name that `--target` takes.
    pub name: &'static str,
    /// The features that are on.
    pub features: Vec<String>,
    /// The features that `--feature` switches on.
    pub optional: Vec<&'static str>,
}

/// A place for compiled components.
#[derive(Debug, Serialize)]
pub(crate) struct Cache {
    /// The folder.
    pub folder: PathBuf,
    /// What is there; `null` if it does not exist yet, or cannot be read.
    pub found: Option<CacheFolder>,
}

/// Where output goes.
#[derive(Debug, Serialize)]
pub(crate) struct Terminal {
    /// Where standard output goes.
    pub stdout: Stream,
    /// Where standard error goes.
    pub stderr: Stream,
    /// Whether standard error has colours.
    pub colour: bool,
    /// What `--format` of `link` and `check` is if it is not given.
    pub format: String,
}

/// Where a standard stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stream {
    /// To a terminal.
    Terminal,
    /// To a file, a pipe or nowhere.
    Other,
}

/// Something that is wrong, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// What is wrong.
    pub message: String,
    /// What to type or change.
    pub help: String,
}

impl Problem {
    fn of_sandbox(message: String) -> Problem {
        Problem {
            message: format!("the sandbox does not work: {message}"),
            help:
                "allow wcompose to start itself as a child process, and give it 2 GiB of memory: `ulimit -a` \
                   shows what bounds it"
                    .into(),
        }
    }
}

/// Finds out all there is. Components are kept in `cache`; `program` is what the sandbox starts.
pub(crate) fn examine(cache: Option<&Path>, program: std::io::Result<PathBuf>) -> Examination {
    let mut problems = Vec::new();
    let (compilers, limits) = match program.map(Sandbox::new) {
        Ok(sandbox) => (trial::compilers(&sandbox, &mut problems), trial::limits(&sandbox, &mut problems)),
        Err(error) => {
            problems.push(Problem::of_sandbox(format!("cannot find the program to run it with: {error}")));
            (Vec::new(), Vec::new())
        }
    };
    let cache = cache.map(|folder| examine_cache(folder, &mut problems));
    let (_, wasmtime) = Target::default().runtime();
    Examination {
        version: 1,
        ok: problems.is_empty(),
        wcompose: versions::WCOMPOSE,
        wasmtime,
        wasm_tools: versions::WASM_TOOLS,
        targets: Target::NAMES.iter().filter_map(|name| Target::by_name(name)).map(target).collect(),
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        compilers,
        limits,
        cache,
        terminal: terminal(),
        problems,
    }
}

fn target(target: Target) -> TargetView {
    let spelled = |name: &str| name.to_lowercase().replace('_', "-").replace("cm-", "component-model-");
    TargetView {
        name: target.name(),
        features: target.features().iter_names().map(|(name, _)| spelled(name)).collect(),
        optional: Target::optional_features().collect(),
    }
}

fn examine_cache(folder: &Path, problems: &mut Vec<Problem>) -> Cache {
    let found = CacheFolder::examine(folder);
    let shown = folder.display();
    let unused = match &found {
        Ok(None | Some(CacheFolder { trust: Trust::Trusted, .. })) => None,
        Ok(Some(CacheFolder { trust: Trust::Open, .. })) => {
            Some(("others may write there".to_owned(), format!("chmod go-w '{shown}'")))
        }
        Ok(Some(CacheFolder { trust: Trust::Foreign, .. })) => Some((
            "it belongs to another user".to_owned(),
            "set XDG_CACHE_HOME to a folder of your own".to_owned(),
        )),
        Err(error) => Some((error.to_string(), format!("rm '{shown}'; it is made anew"))),
    };
    problems.extend(unused.map(|(why, help)| Problem {
        message: format!("the cache `{shown}` is not used, and each run compiles anew: {why}"),
        help,
    }));
    Cache { folder: folder.to_owned(), found: found.unwrap_or_default() }
}

fn terminal() -> Terminal {
    let stream = |is_terminal| if is_terminal { Stream::Terminal } else { Stream::Other };
    Terminal {
        stdout: stream(std::io::stdout().is_terminal()),
        stderr: stream(std::io::stderr().is_terminal()),
        colour: anstream::AutoStream::choice(&std::io::stderr()) != ColorChoice::Never,
        format: Format::by_environment().name(),
    }
}
