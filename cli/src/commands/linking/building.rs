//! What `link` and `check` offer to build systems: how many threads link, and which files a composition is made of.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use super::{Made, usage};
use crate::commands::units;
use crate::exit::Exit;
use crate::files::FileError;
use crate::metadata::{Metadata, Times};
use crate::settings::Settings;
use crate::{depfile, files, paint};

/// How much is done at a time.
#[derive(Default, clap::Args)]
pub(in crate::commands) struct Jobs {
    /// How many threads link, and how many cases of a suite run at a time [default: as many as there are processors, and
    /// one to link less than a megabyte where nothing else follows]
    #[arg(short, long, value_name = "NUMBER", value_parser = units::jobs)]
    pub(super) jobs: Option<NonZeroUsize>,
}

/// From so many bytes of inputs on, a second thread is worth what it costs: its start, memory of its own, and work that is
/// passed on. Below, a link with it takes a tenth more processor time, and no less time.
const WORTH_THREADS: usize = 1_000_000;

impl Jobs {
    /// Starts the threads that link, for all that this process does from now on: only the first call does anything, and says
    /// what is wrong. `all`: the bytes of all inputs that the process will link, if that is known.
    pub(in crate::commands) fn start(&self, all: Option<usize>) -> Result<(), Exit> {
        static STARTED: OnceLock<Result<(), Exit>> = OnceLock::new();
        *STARTED.get_or_init(|| {
            // This thread links too: one less is started, and what it links is allocated where that costs least.
            let pool = rayon::ThreadPoolBuilder::new().use_current_thread();
            pool.num_threads(self.threads(all)).build_global().map_err(|error| {
                let threads = self.jobs.map_or("threads".to_owned(), |jobs| format!("{jobs} threads"));
                paint::error(format!("cannot start {threads}: {error}"));
                Exit::Failed
            })
        })
    }

    /// How many threads link; 0 stands for as many as there are processors.
    fn threads(&self, all: Option<usize>) -> usize {
        match self.jobs {
            Some(jobs) => jobs.get(),
            None if all.is_some_and(|bytes| bytes < WORTH_THREADS) => 1,
            None => 0,
        }
    }
}

/// What `link` writes for build systems beside the composition.
#[derive(clap::Args)]
pub(in crate::commands) struct Building {
    /// Write which files the composition is made of, as rules that make and ninja read
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "all"])]
    pub(super) depfile: Option<PathBuf>,

    /// Write digests and sizes of the composition and the inputs, and how long each phase took, as JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "all"])]
    pub(super) metadata_file: Option<PathBuf>,
}

impl Building {
    /// What these options write, each with its option.
    pub(super) fn outputs(&self) -> Vec<(&Path, &'static str)> {
        let options = [(&self.depfile, "--depfile"), (&self.metadata_file, "--metadata-file")];
        options.into_iter().filter_map(|(path, option)| Some((path.as_deref()?, option))).collect()
    }

    /// Which of these options want standard output.
    pub(super) fn stdout_claims(&self) -> Vec<&'static str> {
        let outputs = self.outputs().into_iter();
        outputs.filter(|(path, _)| *path == Path::new("-")).map(|(_, option)| option).collect()
    }

    /// Fails if what is asked cannot be given for a link by `settings`.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), Exit> {
        if self.depfile.is_none() {
            return Ok(());
        }
        if settings.output == Path::new("-") {
            return Err(usage("--depfile needs a file to write rules for, and -o - is none"));
        }
        depfile::rules(&settings.output, &[]).map(drop).map_err(usage)
    }

    /// Writes the depfile, before the composition: a new composition with an old depfile would not be linked again when
    /// it should. `others` are files beside those of the settings that decide what comes of it.
    pub(super) fn write_depfile(&self, settings: &Settings, others: Vec<PathBuf>) -> Result<(), String> {
        let Some(path) = &self.depfile else { return Ok(()) };
        let rules = depfile::rules(&settings.output, &sources(settings, others)?)?;
        files::write_bytes(path, &rules).map_err(|error| error.to_string())
    }

    /// Writes what there is to say of a composition that was written within `write`, as what `output` gives.
    pub(super) fn write_metadata(
        &self,
        settings: &Settings,
        made: &Made<'_>,
        output: impl FnOnce() -> Vec<u8>,
        write: Duration,
    ) -> Result<(), FileError> {
        let Some(path) = &self.metadata_file else { return Ok(()) };
        let times = Times { write, ..made.times };
        let metadata = Metadata::new(settings, made.inputs, made.report, &output(), times);
        files::write_bytes(path, metadata.to_json().as_bytes())
    }
}

/// The files that a link by `settings` reads, each once.
fn sources(settings: &Settings, others: Vec<PathBuf>) -> Result<Vec<PathBuf>, String> {
    let inputs = settings.inputs.iter().map(|input| input.path.clone());
    let mut sources = inputs.filter(|path| path != Path::new("-")).collect::<Vec<_>>();
    if let Some(world) = &settings.world {
        sources.extend(world.files()?);
    }
    sources.extend(others);
    sources.sort();
    sources.dedup();
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody sees how many threads made a composition, so nobody would miss the one that should not have been started.
    #[test]
    fn small_inputs_are_linked_by_one_thread_unless_more_are_asked_for_or_may_come() {
        let threads = |jobs, all| Jobs { jobs: NonZeroUsize::new(jobs) }.threads(all);
        assert_eq!(threads(0, Some(WORTH_THREADS - 1)), 1);
        assert_eq!(threads(0, Some(WORTH_THREADS)), 0);
        assert_eq!(threads(0, None), 0);
        assert_eq!(threads(3, Some(1)), 3);
        assert_eq!(threads(3, None), 3);
    }
}
