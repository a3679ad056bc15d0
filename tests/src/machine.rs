//! What measurements say of where they were made.

use std::process::Command;

use anyhow::{Context, Result};

/// The day, the processor, the memory and the profile, for the head of a page.
pub fn machine() -> Result<String> {
    let line = |file: &str, key: &str| -> Result<String> {
        let text = std::fs::read_to_string(file)?;
        let line =
            text.lines().find(|line| line.starts_with(key)).with_context(|| format!("{file}: {key}"))?;
        Ok(line.split_once(':').unwrap_or_default().1.trim().to_owned())
    };
    let day = Command::new("date").arg("+%Y-%m-%d").output()?;
    let cores = std::thread::available_parallelism()?;
    let kibibytes = line("/proc/meminfo", "MemTotal")?;
    let kibibytes = kibibytes.trim_end_matches(" kB").parse::<u64>()?;
    let profile = if cfg!(debug_assertions) { "a development build" } else { "a release build" };
    Ok(format!(
        "{}, {cores} cores of {}, {} GiB of memory, Linux, {profile}.",
        String::from_utf8(day.stdout)?.trim(),
        line("/proc/cpuinfo", "model name")?,
        kibibytes >> 20
    ))
}
