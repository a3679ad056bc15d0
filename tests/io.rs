//! Runs a clock, a file and a TCP connection behind components in other languages: what the host grants reaches the one
//! that imports it, through a composition, and what it does not grant does not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::Duration;

use wcompose_run::{Directory, Network, Options, Sandbox, Task, Verdict};
use wcompose_tests::{link_fixtures, patient, printed};

/// Several times what a component must be quiet for to be looked at.
const PAUSE: Duration = Duration::from_millis(1000);

/// The answers, one a line, of the command when told to ask for this port and this file.
fn answers(port: u16, file: &str, grants: Options) -> Vec<String> {
    let composition = link_fixtures(&["rust-io-app", "c-io-middle", "rust-io-worker"]).unwrap();
    let options = Options { args: vec![port.to_string(), file.into()], ..grants };
    printed(&composition, &options).unwrap().lines().map(str::to_owned).collect()
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn granting(directory: &Path) -> Options {
    let directory = Directory { host: directory.into(), guest: "/data".into() };
    Options { directories: vec![directory], ..patient() }
}

#[test]
fn what_is_granted_reaches_the_worker() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("note.txt"), "written by the test: Ω\n").unwrap();
    let (listener, port) = listener();
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&connection).read_line(&mut line).unwrap();
        connection.write_all(b"pong of the test\n").unwrap();
        line
    });
    let grants = Options { network: Network::Inherited, ..granting(directory.path()) };
    assert_eq!(
        answers(port, "note.txt", grants),
        ["nap: slept 20 ms", "file: written by the test: Ω", "ping: pong of the test"]
    );
    assert_eq!(server.join().unwrap(), "ping\n");
}

/// A peer that takes its time keeps the component waiting, which is no deadlock. In a process of its own: sockets of this
/// one would count as well.
#[test]
fn a_slow_peer_is_no_deadlock() {
    let directory = tempfile::tempdir().unwrap();
    let (listener, port) = listener();
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        thread::sleep(PAUSE);
        connection.write_all(b"pong at last\n").unwrap();
    });
    let composition = link_fixtures(&["rust-io-app", "c-io-middle", "rust-io-worker"]).unwrap();
    let options = Options {
        args: vec![port.to_string(), "note.txt".into()],
        network: Network::Inherited,
        ..granting(directory.path())
    };
    let sandbox = Sandbox::new(env!("CARGO_BIN_EXE_wcompose-subject").into());
    let outcome = sandbox.run(&sandbox.subject(&composition), Task::Run, &options, &mut |_, _| ()).unwrap();
    assert_eq!(outcome.verdict, Verdict::Exited { status: 0 });
    let stdout = String::from_utf8(outcome.stdout).unwrap();
    assert!(stdout.ends_with("ping: pong at last\n"), "{stdout}");
    server.join().unwrap();
}

#[test]
fn nothing_is_granted_by_default() {
    let (listener, port) = listener();
    listener.set_nonblocking(true).unwrap();
    assert_eq!(
        answers(port, "note.txt", patient()),
        [
            "nap: slept 20 ms",
            "file failed: no directory is open",
            "ping failed: socket: ErrorCode::AccessDenied"
        ]
    );
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_directory_ends_at_its_edge() {
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("inside");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(directory.path().join("secret.txt"), "secret").unwrap();
    let [_, file, _] = answers(1, "../secret.txt", granting(&inside)).try_into().unwrap();
    assert_eq!(file, "file failed: open: ErrorCode::NotPermitted");
}
