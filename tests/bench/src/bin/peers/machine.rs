//! What the figures were measured on.

use std::fs;
use std::process::Command;

/// One line each: processor, memory, kernel, compiler, date.
pub(crate) fn lines() -> Vec<String> {
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_default();
    let memory = memory.trim_end_matches(" kB").trim().parse::<u64>().unwrap_or_default() >> 20;
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    vec![
        format!("processor: {cpu}, {cores} cores; memory: {memory} GiB"),
        format!("kernel: {}; compiler: {}", said("uname", &["-sr"]), said("rustc", &["--version"])),
        format!("date: {}; load when it began: {load}", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
    ]
}

/// What stands behind `name:` in a file of the kernel.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// What a program prints, in one line.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
