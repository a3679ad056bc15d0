//! `wcompose serve` as a user calls it: it says where it listens, answers under load, tells of each request and of what
//! fails, and ends when it is told to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

use wcompose_fixtures::Language;
use wcompose_tests::{Answer, from_wit_after, get, is_built, link_fixtures};

/// A server as a process.
struct Serving {
    process: Child,
    address: SocketAddr,
    /// What it says after where it listens.
    told: JoinHandle<Vec<String>>,
    _folder: tempfile::TempDir,
}

impl Serving {
    /// Serves `component` on any port.
    fn start(component: &[u8]) -> Serving {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("served.wasm"), component).unwrap();
        let mut process = serve(folder.path(), "127.0.0.1:0").spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{first}"));
        let address = address.parse().unwrap();
        let told = thread::spawn(move || lines.map(Result::unwrap).collect());
        Serving { process, address, told, _folder: folder }
    }

    /// Tells it to stop. Its exit code, and what it said.
    fn stop(mut self) -> (Option<i32>, Vec<String>) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let ended = self.process.wait().unwrap();
        (ended.code(), self.told.join().unwrap())
    }
}

fn serve(folder: &Path, address: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    command.args(["serve", "--addr", address, "--compile-timeout", "10m", "served.wasm"]);
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Each of `clients` asks `times` for a path of its own; all answers.
fn asked(address: SocketAddr, clients: usize, times: usize) -> Vec<(String, Answer)> {
    let clients = (0..clients).map(|client| {
        thread::spawn(move || {
            let paths = (0..times).map(|time| format!("/client/{client}?time={time}"));
            paths.map(|path| (path.clone(), get(address, &path).unwrap())).collect::<Vec<_>>()
        })
    });
    let clients = clients.collect::<Vec<_>>();
    clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
}

/// More clients at once than a server has instances. Every body is the one that was asked for.
fn holds(fixtures: &[&str], body: impl Fn(&str) -> String) {
    let (clients, times) = (60, 5);
    let serving = Serving::start(&link_fixtures(fixtures).unwrap());
    for (path, answer) in asked(serving.address, clients, times) {
        assert_eq!(answer.status, "HTTP/1.1 200 OK");
        assert_eq!(answer.headers.get("x-wcompose").map(String::as_str), Some("rust"));
        assert_eq!(answer.body, body(&path));
    }
    let (code, told) = serving.stop();
    assert_eq!(code, Some(0), "{told:?}");
    assert_eq!(told.len(), clients * times, "{told:?}");
    let whole = |line: &String| line.starts_with("GET /client/") && line.ends_with(" bytes");
    assert!(told.iter().all(whole), "{told:?}");
}

#[test]
fn a_service_behind_middleware_holds() {
    holds(&["rust-http-middleware", "rust-service"], |path| {
        format!("hello from rust, you asked {path}\npassed through rust\n")
    });
}

#[test]
fn a_service_in_python_behind_middleware_in_rust_holds() {
    if is_built(Language::Python).unwrap() {
        holds(&["rust-http-middleware", "py-service", "rust-leaf"], |path| {
            format!("rust({path})\npassed through rust\n")
        });
    }
}

/// The verdict on the instance is told, the client gets a 500 without it, and the next request is answered.
#[test]
fn a_trap_takes_down_its_request_only() {
    let serving = Serving::start(&traps());
    for _ in 0..2 {
        let answer = get(serving.address, "/path").unwrap();
        assert_eq!(answer.status, "HTTP/1.1 500 Internal Server Error");
        assert_eq!(answer.body, "the component failed to answer\n");
    }
    let (code, told) = serving.stop();
    assert_eq!(code, Some(0), "{told:?}");
    let count = |start: &str| told.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("error[trapped]: "), count("GET /path 500 ")), (2, 2), "{told:?}");
}

/// A handler of WASI 0.3 whose functions trap.
fn traps() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fixtures/wit/wasi-0.3.2");
    let files = ["clocks", "random", "filesystem", "sockets", "cli", "http"];
    let texts = files.map(|file| std::fs::read_to_string(folder.join(format!("{file}.wit"))).unwrap());
    let world = "// abi: callback\npackage demo:traps; world traps { export wasi:http/handler@0.3.2; }";
    from_wit_after(&texts, world).unwrap()
}

#[test]
fn a_busy_port_and_a_missing_directory_are_plain_errors() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("served.wasm"), traps()).unwrap();
    let refused = |mut command: Command, message: &str| {
        let ended = command.output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{told}");
        assert!(told.starts_with(message), "{told}");
    };
    let address = address.to_string();
    refused(serve(folder.path(), &address), &format!("error: cannot listen on `{address}`: "));
    let mut command = serve(folder.path(), "127.0.0.1:0");
    command.args(["--dir", "missing"]);
    refused(command, "error: cannot open directory `missing`: ");
}
