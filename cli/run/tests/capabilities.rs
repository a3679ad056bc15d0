//! What is not granted is denied, what is granted works, and waiting for it is no deadlock. The guest is the worker of
//! the fixtures: it sleeps, reads a file and talks over a socket.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::Duration;
use wcompose_run::{Directory, FunctionPath, Limits, Network, Options, Value, call};

/// Longer than it takes to find a deadlock.
const PAUSE: Duration = Duration::from_millis(700);

/// What the worker's function says, as `ok: ...` or `error: ...`.
fn asked(function: &str, argument: Value, options: &Options) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/prebuilt/rust-io-worker.wasm");
    let component = std::fs::read(path).expect("the fixture is there");
    let function = FunctionPath::of_interface("demo:io/worker@0.1.0", function);
    let called = call(&component, &function, &[argument], options).expect("the host works");
    let results = called.results.expect("the worker returns");
    let [Value::Result(result)] = &results[..] else { unreachable!("{results:?}") };
    let (kind, text) = match result {
        Ok(text) => ("ok", text),
        Err(text) => ("error", text),
    };
    let Some(Value::String(text)) = text.as_deref() else { unreachable!("{text:?}") };
    format!("{kind}: {text}")
}

fn granting(host: &Path) -> Options {
    let directory = Directory { host: host.to_owned(), guest: "/data".to_owned() };
    Options { directories: vec![directory], ..limited() }
}

fn limited() -> Options {
    Options {
        limits: Limits { run_time: Some(Duration::from_secs(60)), ..Limits::default() },
        ..Options::default()
    }
}

#[test]
fn sleeping_needs_no_grant() {
    let milliseconds = Value::U32(PAUSE.as_millis() as u32);
    assert_eq!(asked("nap", milliseconds, &limited()), "ok: slept 700 ms");
}

#[test]
fn a_directory_is_open_only_if_granted() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    std::fs::write(directory.path().join("file"), "text").expect("a file can be written");
    let name = || Value::String("file".to_owned());
    assert_eq!(asked("read-file", name(), &limited()), "error: no directory is open");
    assert_eq!(asked("read-file", name(), &granting(directory.path())), "ok: text");
    let outside = Value::String("../file".to_owned());
    assert_eq!(
        asked("read-file", outside, &granting(directory.path())),
        "error: open: ErrorCode::NotPermitted"
    );
}

/// Opening a pipe waits for its other end, on a thread of the host.
#[cfg(unix)]
#[test]
fn waiting_for_the_file_system_is_no_deadlock() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let pipe = directory.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
    assert!(made.success());
    let writer = thread::spawn(move || {
        thread::sleep(PAUSE);
        std::fs::write(pipe, "text").expect("the pipe is open at its other end");
    });
    // A pipe cannot be read from an offset; that it was opened is enough.
    let answer = asked("read-file", Value::String("pipe".to_owned()), &granting(directory.path()));
    assert!(answer.starts_with("error: read") || answer == "ok: text", "{answer}");
    // It may fail if the component was done with the pipe before.
    _ = writer.join();
}

#[test]
fn the_network_is_reached_only_if_granted() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    assert_eq!(asked("ping", Value::U16(port), &limited()), "error: socket: ErrorCode::AccessDenied");

    thread::spawn(move || {
        let (mut peer, _) = listener.accept().expect("the component connects");
        let mut line = String::new();
        BufReader::new(&peer).read_line(&mut line).expect("the component sends");
        thread::sleep(PAUSE);
        peer.write_all(line.replace("ping", "pong").as_bytes()).expect("the component receives");
    });
    let options = Options { network: Network::Inherited, ..limited() };
    assert_eq!(asked("ping", Value::U16(port), &options), "ok: pong");
}
