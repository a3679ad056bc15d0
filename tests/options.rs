//! Each option of the sandbox has its effect: what a component may not take without it, or may not see.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use wcompose_tests::{Program, from_wat, link_fixtures, words};

/// A folder with a component that takes a hundred of everything, one that tries what it may, and a suite.
fn place() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let modest = fs::read_to_string(tests.join("options/modest.wat")).unwrap();
    fs::write(place.path().join("modest.wasm"), from_wat(&modest).unwrap()).unwrap();
    let worker = tests.join("../fixtures/prebuilt/rust-io-worker.wasm");
    fs::copy(worker, place.path().join("worker.wasm")).unwrap();
    fs::write(place.path().join("file"), "text").unwrap();
    place
}

/// What `invoke` with these words prints, to standard output or to standard error.
fn invoked(command: &str) -> String {
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let ended = program.call(place().path(), &words(&format!("invoke {command}"))).unwrap();
    String::from_utf8(ended.stdout).unwrap() + &ended.stderr
}

/// With the first value of the option the call ends as told, with the second it comes to its own end.
fn bounds(call: &str, option: &str, [tight, wide]: [&str; 2], message: &str) {
    let command = |value| format!("modest.wasm {call} {option} {value}");
    assert_eq!(
        invoked(&command(tight)),
        format!("{message}, the limit set by {option}\n"),
        "{}",
        command(tight)
    );
    let fine = invoked(&command(wide));
    assert!(!fine.contains("error"), "{}: {fine}", command(wide));
}

#[test]
fn max_memory() {
    let message = "error[exceeded]: `modest.wasm` took more than 4 MiB of linear memory";
    bounds("pages()", "--max-memory", ["4MiB", "8MiB"], message);
}

#[test]
fn max_process_memory() {
    let message = "error[exceeded]: `modest.wasm` took more than 16 MiB of process memory";
    bounds("pages()", "--max-process-memory", ["16MiB", "1GiB"], message);
}

#[test]
fn max_handles() {
    let message = "error[exceeded]: `modest.wasm` took more than 50 handles";
    bounds("handles()", "--max-handles", ["50", "150"], message);
}

#[test]
fn max_instances() {
    let message = "error[exceeded]: `modest.wasm` has more than 2 instances";
    bounds("nothing()", "--max-instances", ["2", "3"], message);
}

#[test]
fn max_nesting() {
    let message = "error[exceeded]: `modest.wasm` has more than 0 components within each other";
    bounds("nothing()", "--max-nesting", ["0", "1"], message);
}

#[test]
fn hostcall_fuel() {
    let message = "error[exceeded]: `modest.wasm` took more than 99 bytes of data in one call of the host";
    bounds("bytes()", "--hostcall-fuel", ["99", "1MiB"], message);
}

#[test]
fn compile_timeout() {
    let message = "error[timed-out]: `modest.wasm` was still compiling after 1us";
    bounds("nothing()", "--compile-timeout", ["1us", "10m"], message);
}

#[test]
fn timeout() {
    let message = "error[timed-out]: `modest.wasm` was still running after 100ms";
    let ended = invoked("modest.wasm seconds() --timeout 100ms");
    assert_eq!(ended, format!("{message}, the limit set by --timeout\n"));
}

#[test]
fn max_output() {
    let place = place();
    let component = link_fixtures(&["rust-app", "c-leaf"]).unwrap();
    fs::write(place.path().join("prints.wasm"), component).unwrap();
    let suite = "component = 'prints.wasm'\n[[case]]\nname = 'prints'\nrun = []\n";
    fs::write(place.path().join("suite.toml"), suite).unwrap();
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let test = |most: &str| {
        let ended =
            program.call(place.path(), &words(&format!("test suite.toml --max-output {most}"))).unwrap();
        (ended.code, String::from_utf8(ended.stdout).unwrap() + &ended.stderr)
    };
    let (code, told) = test("20");
    assert_eq!(code, Some(4), "{told}");
    let message = "`prints.wasm` took more than 20 bytes of output, the limit set by --max-output";
    assert!(told.contains(message), "{told}");
    let (code, told) = test("1KiB");
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn no_cache() {
    let place = place();
    let kept = |option: &str| {
        let words = words(&format!("invoke modest.wasm nothing() {option}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wcompose-subject"));
        command.args(words).current_dir(place.path()).env("XDG_CACHE_HOME", place.path());
        assert!(command.status().unwrap().success());
        fs::read_dir(place.path().join("wcompose")).map_or(0, Iterator::count)
    };
    assert_eq!(kept("--no-cache"), 0);
    assert!(kept("") > 0);
}

#[test]
fn env() {
    assert_eq!(invoked("modest.wasm environment()"), "[]\n");
    assert_eq!(invoked("modest.wasm environment() --env A=1 --env B="), "[(\"A\", \"1\"), (\"B\", \"\")]\n");
    let given = std::env::var("PATH").unwrap();
    assert_eq!(invoked("modest.wasm environment() --env PATH"), format!("[(\"PATH\", {given:?})]\n"));
}

#[test]
fn inherit_env() {
    let all = invoked("modest.wasm environment() --inherit-env");
    assert!(all.contains("(\"PATH\", "), "{all}");
}

#[test]
fn dir() {
    let read = "worker.wasm 'read-file(\"file\")'";
    assert_eq!(invoked(read), "err(\"no directory is open\")\n");
    assert_eq!(invoked(&format!("{read} --dir .")), "ok(\"text\")\n");
    assert_eq!(invoked(&format!("{read} --dir .::/data")), "ok(\"text\")\n");
}

#[test]
fn inherit_network() {
    // A port that nobody listens at.
    let ping = "worker.wasm ping(1)";
    assert_eq!(invoked(ping), "err(\"socket: ErrorCode::AccessDenied\")\n");
    let refused = invoked(&format!("{ping} --inherit-network"));
    assert!(refused.contains("ConnectionRefused"), "{refused}");
}
