//! What a command uses: time on the clock, time of processors, and the most memory. Each command is run by a process of
//! its own that holds little, because Linux counts what a process held before it became another program.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use wait4::Wait4;

use crate::repository;

/// A command to measure.
pub(crate) struct Contestant {
    /// What the page calls it.
    pub name: String,
    pub command: Vec<String>,
}

/// What one run used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Seconds on the clock.
    pub wall: f64,
    /// Seconds of all processors.
    pub cpu: f64,
    /// Bytes.
    pub peak: u64,
}

/// What came of a contestant: the medians, or why it failed.
pub(crate) struct Measured {
    pub name: String,
    pub outcome: Result<Usage, String>,
}

impl Usage {
    /// Runs a command whose output nobody wants to see. Fails if it fails, with its last words.
    pub(crate) fn of(command: &[String]) -> Result<Usage> {
        let (program, arguments) = command.split_first().context("no command")?;
        let told = tempfile::tempfile()?;
        let start = Instant::now();
        let child = Command::new(program)
            .args(arguments)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(told.try_clone()?)
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let used = child.wait4()?;
        let wall = start.elapsed().as_secs_f64();
        if !used.status.success() {
            use std::io::{Read, Seek};
            let (mut told, mut text) = (told, String::new());
            told.rewind()?;
            told.read_to_string(&mut text)?;
            // The page is for other machines too.
            let text = text.replace(&format!("{}/", repository().display()), "");
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let words = lines.take(4).collect::<Vec<_>>().join(" ");
            ensure!(used.status.success(), "{}", words.chars().take(200).collect::<String>());
        }
        let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
        Ok(Usage { wall, cpu, peak: used.rusage.maxrss })
    }

    /// Tells the process that asked.
    pub(crate) fn print(&self) -> Result<()> {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }

    /// The same, in a process that holds little.
    fn apart(command: &[String]) -> Result<Usage, String> {
        let run = || -> Result<_> {
            let measuring =
                Command::new(std::env::current_exe()?).args(["measure", "--"]).args(command).output()?;
            let told = String::from_utf8_lossy(&measuring.stderr).trim().to_owned();
            ensure!(measuring.status.success(), "{}", told.strip_prefix("error: ").unwrap_or(&told));
            Ok(serde_json::from_slice(&measuring.stdout)?)
        };
        run().map_err(|error| format!("{error:#}"))
    }
}

/// Runs the contestants in turn, `runs` times each and once before that does not count. One that fails runs no more.
pub(crate) fn alternating(contestants: &[Contestant], runs: usize) -> Result<Vec<Measured>> {
    let mut all = contestants.iter().map(|_| Ok(Vec::new())).collect::<Vec<Result<Vec<Usage>, String>>>();
    for _ in 0..=runs {
        for (contestant, used) in contestants.iter().zip(&mut all) {
            if let Ok(so_far) = used {
                match Usage::apart(&contestant.command) {
                    Ok(usage) => so_far.push(usage),
                    Err(told) => *used = Err(told),
                }
            }
        }
    }
    let measured = contestants.iter().zip(all).map(|(contestant, used)| Measured {
        name: contestant.name.clone(),
        outcome: used.map(|used| medians(&used[1..])),
    });
    Ok(measured.collect())
}

fn medians(used: &[Usage]) -> Usage {
    let median = |of: fn(&Usage) -> f64| {
        let mut values = used.iter().map(of).collect::<Vec<_>>();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Usage {
        wall: median(|usage| usage.wall),
        cpu: median(|usage| usage.cpu),
        peak: median(|usage| usage.peak as f64) as u64,
    }
}
