//! `cargo instructions`: how many instructions small pieces of work take, counted by valgrind's callgrind and compared with
//! `tests/bench/instructions.toml`, so that what gets slower is seen without a clock. It is what it counts as well: with the name
//! of a work it does that, on components that were made before.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for the terminal")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use wcompose::{Composition, Linked, Request};
use wcompose_bench::{Made, generated, inputs, read};
use wcompose_wit::World;

/// By how much a count may differ from what is kept.
const MARGIN: f64 = 0.03;

/// What is counted: its name, its components, what is done with them.
const WORKS: [Work; 5] = [
    Work { name: "start", make: || Ok(Vec::new()), act: |_| Ok(()) },
    Work { name: "link-chain-of-20", make: || generated::chain(20), act: link },
    Work { name: "link-two-fixtures", make: || read(&["rust-app", "c-leaf"]), act: link },
    Work {
        name: "link-five-fixtures",
        make: || read(&["rust-app", "c-middle", "zig-middle", "rust-middle", "c-leaf"]),
        act: link,
    },
    Work { name: "inspect", make: || read(&["rust-app"]), act: inspect },
];

struct Work {
    name: &'static str,
    make: fn() -> Result<Vec<Made>>,
    act: fn(&[Made]) -> Result<()>,
}

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1) {
        Some(name) => act(&name),
        None => count(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Counts all works and compares. With `WCOMPOSE_BLESS`, the counts are kept as they are.
fn count() -> Result<()> {
    let kept = wcompose_fixtures::repository_dir().join("tests/bench/instructions.toml");
    let mut counts = BTreeMap::new();
    for work in &WORKS {
        let count = counted(work)?;
        println!("{}: {count} instructions", work.name);
        counts.insert(work.name.to_owned(), count);
    }
    if std::env::var_os("WCOMPOSE_BLESS").is_some() {
        let head = "# Instructions of each work, counted by `cargo instructions`; WCOMPOSE_BLESS=1 writes them anew.\n\
            # valgrind's processor has no instructions for SHA-256, so the digests of the inputs count for 7 to 22 % of a link here:\n\
            # many times what they take on a processor that has them.\n";
        return Ok(fs::write(kept, head.to_owned() + &toml::to_string(&counts)?)?);
    }
    compare(&counts, &toml::from_str(&fs::read_to_string(kept)?)?)
}

fn compare(counts: &BTreeMap<String, u64>, kept: &BTreeMap<String, u64>) -> Result<()> {
    let mut faults = Vec::new();
    for (name, count) in counts {
        let Some(before) = kept.get(name) else {
            faults.push(format!("{name}: {count}, and none is kept"));
            continue;
        };
        let change = *count as f64 / *before as f64 - 1.0;
        if change.abs() > MARGIN {
            faults.push(format!("{name}: {count} instead of {before}, {:+.1} %", 100.0 * change));
        }
    }
    ensure!(
        faults.is_empty(),
        "instructions differ by more than 3 % from tests/bench/instructions.toml:\n  {}\nif that is meant: WCOMPOSE_BLESS=1 cargo instructions",
        faults.join("\n  ")
    );
    Ok(())
}

/// Runs this program once more, under callgrind.
fn counted(work: &Work) -> Result<u64> {
    let folder = folder(work.name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    for (place, Made { name, bytes }) in (work.make)()?.iter().enumerate() {
        fs::write(folder.join(format!("{place:03}.{name}")), bytes)?;
    }
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .arg(work.name)
        // The loader looks at each variable, so whoever has more of them would count more.
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        // Nothing but what every processor has: libc chooses its copying by what it finds.
        .env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_2")
        // One thread beside the first, or waiting for work would count as well.
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .context("cannot start valgrind (apt-get install valgrind)")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} failed under valgrind:\n{told}", work.name);
    let collected =
        told.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count.trim());
    collected
        .and_then(|count| count.parse().ok())
        .with_context(|| format!("valgrind counts nothing:\n{told}"))
}

/// Does the work of that name with the components in its folder.
fn act(name: &str) -> Result<()> {
    let Some(work) = WORKS.iter().find(|work| work.name == name) else { bail!("there is no work `{name}`") };
    let mut files = fs::read_dir(folder(name))?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.sort();
    let made = files.iter().map(|file| {
        let name = file.extension().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Made { name, bytes: fs::read(file)? })
    });
    (work.act)(&made.collect::<Result<Vec<_>>>()?)
}

fn link(made: &[Made]) -> Result<()> {
    match wcompose::link(&inputs(made)?, &Request::default()) {
        Linked::Done { output, .. } => Ok(fs::write("/dev/null", output.to_vec())?),
        linked => bail!("{:?}", linked.diagnostics()),
    }
}

fn inspect(made: &[Made]) -> Result<()> {
    for Made { name, bytes } in made {
        let world = World::decode(bytes)?.to_wit()?;
        let composition = Composition::read(bytes).map_err(|fault| anyhow::anyhow!(fault.message))?;
        ensure!(!world.is_empty() && composition.instances.len() < world.len(), "{name} has no world");
    }
    Ok(())
}

fn folder(name: &str) -> PathBuf {
    Path::new(wcompose_fixtures::repository_dir()).join("target/instructions").join(name)
}
