//! Measures how long components that mean harm can go on, and with how much memory, and writes `docs/hostile.md`:
//!
//! ```text
//! cargo run -p wcompose-tests --example hostile
//! ```
//!
//! It is the program under test as well, when it is given arguments.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use wcompose_tests::hostile::{Hostile, Place, Run};
use wcompose_tests::machine;

/// How long after its limit a component may be gone.
const GRACE: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return wcompose_cli::main();
    }
    match measure() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether each ended as it must, and in time.
fn measure() -> Result<bool> {
    let program = std::env::current_exe()?;
    let (mut rows, mut good) = (String::new(), true);
    for guest in Hostile::all() {
        let place = Place::of(&guest)?;
        let first = Run::of(&guest, &place, &program)?;
        let run = Run::of(&guest, &place, &program)?;
        let Hostile { name, does, clock, ends: (code, message), .. } = guest;
        let late = run.wall > clock + GRACE;
        if late || !run.told.contains(&guest.diagnostic()) || !run.left.is_empty() {
            good = false;
            println!("{name}: {:.2?}, left {:?}, {}", run.wall, run.left, run.told);
        }
        let (wall, memory) = (run.wall.as_secs_f64(), first.peak_memory.max(run.peak_memory) >> 20);
        println!("{name}: {code}, {wall:.2} s, {memory} MiB");
        let memory = if memory == 0 { "-".to_owned() } else { format!("{memory} MiB") };
        writeln!(rows, "| `{name}` | {does} | `{code}` | {message} | {wall:.2} s | {memory} |")?;
    }
    if !good {
        // The page says that all is well.
        return Ok(false);
    }
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hostile.md");
    std::fs::write(document, head()? + &rows)?;
    Ok(true)
}

/// What stands above the rows.
fn head() -> Result<String> {
    Ok(format!(
        "# Hostile components

How components that mean harm end, measured by `cargo run -p wcompose-tests --example hostile`, which writes this page. Each runs with the
default limits, but for a clock of 1 s where the clock is to end it, and of 10 s elsewhere. Each ran twice: time is that of the second run, which
finds compiled what could be, from the start of `wcompose` to its end; memory is the most that the child was seen with in both, and `-` where there
was none, or none long enough to be seen. In no case did a process or a file stay, and none took longer than its clock and half a second.

{}

| component | what it does | verdict | what the component did, and the limit | time | memory |
| --- | --- | --- | --- | --- | --- |
",
        machine()?
    ))
}
