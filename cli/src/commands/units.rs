//! Durations, sizes and directories as options and suites spell them.

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
