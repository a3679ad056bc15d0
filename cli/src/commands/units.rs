//! Durations, sizes, directories and numbers of jobs as options and suites spell them.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use wcompose_run::Directory;

/// Reads a duration: `60`, `1.5s`, `500ms`, `2m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let form = || "a duration is a number with a unit: 500ms, 60s, 2m".to_owned();
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| form()),
        Err(_) => humantime::parse_duration(text).map_err(|_| form()),
    }
}

/// Reads how much is done at a time. Far more than there are processors helps nobody, and thousands of threads take minutes to start.
pub(crate) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    const MOST: usize = 256;
    let jobs = text.parse::<NonZeroUsize>().ok().filter(|jobs| jobs.get() <= MOST);
    jobs.ok_or_else(|| format!("it is a number from 1 to {MOST}"))
}

/// Reads `HOST[::GUEST]`.
pub(crate) fn directory(text: &str) -> Result<Directory, String> {
    let (host, guest) = text.split_once("::").unwrap_or((text, text));
    if host.is_empty() || guest.is_empty() {
        return Err("a directory is HOST or HOST::GUEST".into());
    }
    Ok(Directory { host: PathBuf::from(host), guest: guest.to_owned() })
}

/// Reads a number of bytes: `65536`, `64KiB`, `256MiB`, `2GiB`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = match unit {
        "" | "B" => Some(0),
        "K" | "KiB" => Some(10),
        "M" | "MiB" => Some(20),
        "G" | "GiB" => Some(30),
        _ => None,
    };
    let bytes = shift.and_then(|shift| number.parse::<u64>().ok()?.checked_mul(1 << shift));
    bytes.ok_or_else(|| "a size is a number of bytes, KiB, MiB or GiB: 256MiB".into())
}

/// Reads a number of bytes with or without a unit, as budgets have it: `950kB`, `40MB`, `38MiB`.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let form = || "it is a number of bytes, with a unit or without: 950kB, 40MB, 38MiB".to_owned();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit.trim() {
        "" | "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        "GiB" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(form()),
    };
    number.parse::<f64>().map(|number| (number * unit) as usize).map_err(|_| form())
}
