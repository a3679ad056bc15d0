//! `wcompose link --watch` as a process: it links anew when a file changes, goes on after a failure, and ends when it is
//! asked to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wcompose_tests::from_wit;

/// Far longer than anything here takes: what is waited for either comes, or the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

const APP: &str = "package demo:case; world app { import step: func(); export go: func(); }";
const LEAF: &str = "package demo:case; world leaf { export step: func(); }";
const MORE: &str = "package demo:case; world leaf { export step: func(); export more: func(); }";
const OTHER: &str = "package demo:case; world leaf { export other: func(); }";

/// A process that is ended with the test.
struct Watching(Child);

impl Watching {
    /// Begins to watch, with a log of what it says.
    fn start(folder: &Path, options: &[&str]) -> Watching {
        Watching(wcompose(folder, &[&["link", "--watch"], options].concat()))
    }

    /// Asks it to end, and gives its exit code.
    fn stop(mut self) -> Option<i32> {
        let asked = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program, which adds what it says to a log.
fn wcompose(folder: &Path, arguments: &[&str]) -> Child {
    let log = fs::File::options().append(true).create(true).open(folder.join("log")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_wcompose-subject"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .stdin(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// How often the log has it.
fn said(folder: &Path, what: &str) -> usize {
    fs::read_to_string(folder.join("log")).unwrap().matches(what).count()
}

fn write(folder: &Path, name: &str, wit: &str) {
    // As tools do it: a file is replaced when it is whole.
    fs::write(folder.join("new"), from_wit(wit).unwrap()).unwrap();
    fs::rename(folder.join("new"), folder.join(name)).unwrap();
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_change_is_linked_and_tested_and_the_end_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "app.wasm", APP);
    write(folder, "leaf.wasm", LEAF);
    fs::write(
        folder.join("wcompose.toml"),
        "[composition.shop]\ncomponents = [\"app.wasm\", { glob = \"l*.wasm\" }]\nsuites = [\"suite.toml\"]\nallow-unused = true\n",
    )
    .unwrap();
    let suite = |traps: &str| format!("[[case]]\nname = \"it ends\"\ninvoke = \"go()\"\n{traps}\n");
    fs::write(folder.join("suite.toml"), suite("traps = true")).unwrap();
    let watching = Watching::start(folder, &["--test", "--jobs", "2"]);
    let said = |what: &str| said(folder, what);
    until("the first link", || said("linked; watching 4 files") == 1);
    let first = fs::read(folder.join("shop.wasm")).unwrap();

    write(folder, "leaf.wasm", MORE);
    until("a link with the new input", || said("linked; watching 4 files") == 2);
    assert_eq!(said("changed: leaf.wasm"), 1);
    let second = fs::read(folder.join("shop.wasm")).unwrap();
    assert_ne!(first, second);

    // What does not link leaves what is there, and is watched all the same.
    write(folder, "leaf.wasm", OTHER);
    until("a failure", || said("failed; watching 4 files") == 1);
    assert_eq!(fs::read(folder.join("shop.wasm")).unwrap(), second);
    write(folder, "leaf.wasm", LEAF);
    until("a link after the failure", || said("linked; watching 4 files") == 3);
    assert_eq!(fs::read(folder.join("shop.wasm")).unwrap(), first);

    // A file that a pattern finds, a suite and the manifest itself count too.
    write(folder, "late.wasm", OTHER);
    until("a link with the new file", || said("linked; watching 5 files") == 1);
    fs::write(folder.join("suite.toml"), suite("")).unwrap();
    until("the case that fails", || said("failed; watching 5 files") == 1);
    fs::write(folder.join("wcompose.toml"), "[composition.shop]\ncomponents = \"\"\n").unwrap();
    until("the manifest that is wrong", || said("invalid type: string") == 1);
    fs::write(
        folder.join("wcompose.toml"),
        "[composition.shop]\ncomponents = [\"app.wasm\", \"leaf.wasm\"]\nsuites = [\"suite.toml\"]\n",
    )
    .unwrap();
    until("the manifest that is right", || said("failed; watching 4 files") == 2);

    assert_eq!(watching.stop(), Some(0));
}

/// Builds remove what they make again, and editors what they save: no such moment ends the watch, or blinds it.
#[test]
fn what_is_gone_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let manifest = folder.join("wcompose.toml");
    let text = "[composition.shop]\ncomponents = [\"app.wasm\", \"leaf.wasm\"]\n";
    fs::write(&manifest, text).unwrap();
    write(folder, "app.wasm", APP);
    let watching = Watching::start(folder, &["--locked", "-p", "shop"]);
    let said = |what: &str| said(folder, what);

    // Neither the second component nor the lock is there at first.
    until("the failure without a component", || said("failed; watching 3 files") == 1);
    write(folder, "leaf.wasm", LEAF);
    until("the failure without a lock", || said("failed; watching 4 files") == 1);
    let locked = wcompose(folder, &["lock"]).wait().unwrap();
    assert!(locked.success());
    until("the first link", || said("linked; watching 4 files") == 1);

    fs::remove_file(folder.join("leaf.wasm")).unwrap();
    until("the failure without the component that went", || said("failed; watching 3 files") == 2);
    write(folder, "leaf.wasm", LEAF);
    until("the link with it", || said("linked; watching 4 files") == 2);

    fs::remove_file(&manifest).unwrap();
    until("the failure without a manifest", || said("failed; watching 4 files") == 2);
    fs::write(&manifest, "").unwrap();
    until("the failure with an empty manifest", || said("failed; watching 1 file\n") == 1);
    fs::write(&manifest, text.replace("shop", "store")).unwrap();
    until("the failure without the composition", || said("has no composition `shop`") == 1);
    fs::write(&manifest, text).unwrap();
    until("the link with the manifest", || said("linked; watching 4 files") == 3);
    assert_eq!(watching.stop(), Some(0));
}

/// What is wrong from the start with the command line, no change of a file mends.
#[test]
fn a_wrong_command_line_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut watching = Watching::start(folder.path(), &["-p", "shop"]);
    until("the end", || watching.0.try_wait().unwrap().is_some());
    assert_eq!(watching.0.wait().unwrap().code(), Some(2));
}

/// Nor does it mend what the machine refuses; a later link would otherwise begin with threads that ended.
#[cfg(target_os = "linux")]
#[test]
fn threads_that_cannot_be_started_end_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "leaf.wasm", LEAF);
    // Room for the program, but not for so many stacks. They are large, so that what is left has room for the words of the error.
    let script = "ulimit -v 600000; RUST_MIN_STACK=67108864 exec \"$0\" link leaf.wasm --watch --jobs 256";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_wcompose-subject")]).current_dir(&folder);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: cannot start 256 threads: ") && said.lines().count() == 1, "{said}");
}
