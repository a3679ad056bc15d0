//! A handler is served over a real socket: whole answers, many at once, and a handler that fails takes down its own
//! request and not the server.

mod guests;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;
use wcompose_run::http::{Server, StartError};
use wcompose_run::{Limits, Options, Phase, Verdict};

const ANY_PORT: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

fn served(component: &[u8], options: &Options) -> Server {
    Server::start(component, options, ANY_PORT.into()).expect("the server starts")
}

/// The whole answer to one request.
fn get(addr: SocketAddr) -> String {
    let mut connection = TcpStream::connect(addr).expect("the server listens");
    connection.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
    connection
        .write_all(b"GET /path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .expect("the server reads");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("the server answers");
    answer
}

#[test]
fn a_0_3_handler_streams_its_body() {
    let server = served(&guests::http::handler_0_3(""), &Options::default());
    for _ in 0..3 {
        let answer = get(server.addr());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("\r\n\r\n5\r\nhello\r\n0\r\n"), "{answer}");
    }
    assert_eq!(server.failures(), []);
    server.stop();
}

#[test]
fn requests_are_answered_at_once() {
    let server = served(&guests::http::handler_0_3(""), &Options::default());
    let addr = server.addr();
    let clients: Vec<_> = (0..40).map(|_| thread::spawn(move || get(addr))).collect();
    for client in clients {
        let answer = client.join().expect("the client ends");
        assert!(answer.contains("hello"), "{answer}");
    }
    server.stop();
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn a_0_2_handler_answers() {
    let server = served(&guests::http::handler_0_2(), &Options::default());
    for _ in 0..2 {
        let answer = get(server.addr());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert_eq!(server.failures(), []);
}

/// What a guest of a real toolchain answers, at 0.3 and at 0.2.
#[test]
fn rust_services_answer() {
    for (file, version) in [("rust-service", "rust"), ("rust-sync-service", "rust 0.2")] {
        let path = format!("{}/../../fixtures/prebuilt/{file}.wasm", env!("CARGO_MANIFEST_DIR"));
        let component = std::fs::read(&path).expect("the fixture is there");
        let server = served(&component, &Options::default());
        let addr = server.addr();
        let clients: Vec<_> = (0..20).map(|_| thread::spawn(move || get(addr))).collect();
        for client in clients {
            let answer = client.join().expect("the client ends");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(answer.contains(&format!("hello from {version}, you asked /path\n")), "{answer}");
        }
        assert_eq!(server.failures(), []);
        server.stop();
    }
}

#[test]
fn a_trap_is_an_answer_and_a_failure() {
    let server = served(&guests::http::handler_0_3("unreachable"), &Options::default());
    for _ in 0..2 {
        let answer = get(server.addr());
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    }
    let failures = server.failures();
    assert!(matches!(&failures[..], [Verdict::Trapped { .. }, Verdict::Trapped { .. }]), "{failures:?}");
    server.stop();
}

/// Enough to compile a small handler on a busy machine.
const LIMIT: Duration = Duration::from_secs(4);

#[test]
fn a_spinning_handler_is_given_up() {
    let options =
        Options { limits: Limits { run_time: Some(LIMIT), ..Limits::default() }, ..Options::default() };
    let server = served(&guests::http::handler_0_3("(loop (br 0))"), &options);
    let answer = get(server.addr());
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    let timed_out = Verdict::TimedOut { phase: Phase::Running, limit: LIMIT };
    assert_eq!(server.failures(), [timed_out]);
}

#[test]
fn what_cannot_be_served_is_an_error() {
    let start =
        |component: &[u8], addr: SocketAddr| Server::start(component, &Options::default(), addr).err();
    let refused = start(&guests::component("(component)"), ANY_PORT.into());
    assert!(matches!(refused, Some(StartError::Refused { .. })), "{refused:?}");
    let addr = SocketAddr::from(([0, 0, 0, 0], 0));
    let everywhere = start(&guests::http::handler_0_3(""), addr);
    assert!(matches!(everywhere, Some(StartError::NotLoopback(_))), "{everywhere:?}");
}
