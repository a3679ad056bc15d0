//! One run of the program on a component that means harm: in folders of its own, under a mark by which its processes are
//! known. Needs `/proc`.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::Hostile;
use crate::words;

/// What is read of standard output; then its reader goes away, as `head` does.
const HEAD: u64 = 64 << 10;

/// The suite in the folder of a run.
const SUITE: &str = "component = 'guest.wasm'\n[[case]]\nname = 'guest'\nrun = []\n";

/// The folders in one of a run.
const FOLDERS: [&str; 3] = ["work", "tmp", "cache"];

/// How often the memory of the child is looked at.
const SAMPLE: Duration = Duration::from_millis(3);

/// The variable that marks the processes of a run.
const MARK: &str = "WCOMPOSE_HOSTILE";

/// How a run ended.
pub struct Run {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard error, and after that the beginning of what it wrote to standard output.
    pub told: String,
    /// From its start to its end.
    pub wall: Duration,
    /// The most memory that its child was seen with, in bytes; 0 if there was none.
    pub peak_memory: u64,
    /// What it left behind: processes, and files.
    pub left: Vec<String>,
}

impl Run {
    /// Runs `guest` with the program at `program`, to its end, at its place.
    pub fn of(guest: &Hostile, place: &Place, program: &Path) -> Result<Run> {
        let started = Instant::now();
        let child = place.command(program, guest.command).spawn()?;
        let (code, told, peak_memory) = watch(child, place)?;
        let wall = started.elapsed();
        Ok(Run { code, told, wall, peak_memory, left: place.left() })
    }
}

/// The folders of a run.
pub struct Place(TempDir);

impl Place {
    /// New ones, with the component of `guest` and a suite that runs it.
    pub fn of(guest: &Hostile) -> Result<Place> {
        let place = Place(tempfile::tempdir()?);
        for name in FOLDERS {
            fs::create_dir(place.path(name))?;
        }
        fs::write(place.path("work/guest.wasm"), guest.component()?)?;
        fs::write(place.path("work/suite.toml"), SUITE)?;
        Ok(place)
    }

    /// The program at `program` with the words of `command`, in which `FILE` is the component. Its output is piped.
    pub fn command(&self, program: &Path, command: &str) -> Command {
        let word = |word| if word == "FILE" { "guest.wasm".to_owned() } else { word };
        let mut called = Command::new(program);
        called
            .args(words(command).into_iter().map(word))
            .current_dir(self.path("work"))
            .env(MARK, self.0.path())
            .env("TMPDIR", self.path("tmp"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        called
    }

    /// The processes that were started here and have not ended.
    pub fn living(&self) -> Vec<u32> {
        let variable = format!("{MARK}={}", self.0.path().display());
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let ours = processes.filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            environment.split(|byte| *byte == 0).any(|found| found == variable.as_bytes()).then_some(process)
        });
        ours.collect()
    }

    /// What is there that was not put there: processes, and files, but for whole ones of the cache.
    pub fn left(&self) -> Vec<String> {
        let processes = self.living().into_iter().map(|process| format!("process {process}"));
        let files = FOLDERS.iter().flat_map(|name| files(&self.path(name)));
        let put = |name: &String| ["guest.wasm", "suite.toml"].contains(&name.as_str());
        processes.chain(files.filter(|name| !put(name))).collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Waits for the end: the exit code, what was told, and the most memory of the child.
fn watch(mut parent: Child, place: &Place) -> Result<(Option<i32>, String, u64)> {
    let stdout = parent.stdout.take().context("it is piped")?;
    let stderr = parent.stderr.take().context("it is piped")?;
    let (process, ended) = (parent.id(), AtomicBool::new(false));
    thread::scope(|scope| {
        let stdout = scope.spawn(move || text(stdout.take(HEAD)));
        let stderr = scope.spawn(move || text(stderr));
        let memory = scope.spawn(|| sample(process, place, &ended));
        let status = parent.wait();
        ended.store(true, Ordering::SeqCst);
        let told = stderr.join().unwrap_or_default() + &stdout.join().unwrap_or_default();
        Ok((status?.code(), told, memory.join().unwrap_or_default()))
    })
}

/// All that can be read.
fn text(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    // An error is an end.
    _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The most memory that a process other than `parent` has there until it has `ended`.
fn sample(parent: u32, place: &Place, ended: &AtomicBool) -> u64 {
    let (mut child, mut most) = (None, 0);
    while !ended.load(Ordering::SeqCst) {
        child = child.or_else(|| place.living().into_iter().find(|process| *process != parent));
        let status = child.and_then(|child| fs::read_to_string(format!("/proc/{child}/status")).ok());
        let kibibytes = status.as_deref().and_then(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        });
        most = most.max(kibibytes.unwrap_or_default() << 10);
        thread::sleep(SAMPLE);
    }
    most
}

/// The files below `folder`, by name, but for whole ones of the cache.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path if path.ends_with(Path::new("cache/wcompose").join(&name)) && !name.starts_with('.') => {}
            _ => found.push(name),
        }
    }
    found
}
