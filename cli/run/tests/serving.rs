//! A handler is served over a real socket: whole answers, many at once, and a handler that fails takes down its own
//! request and not the server.

mod guests;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use wcompose_run::http::{Event, Exchange, Server, StartError};
use wcompose_run::{Limits, Options, Phase, Verdict};

const ANY_PORT: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// The head of a request whose body has ten bytes.
const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n";

/// More than a busy machine takes for what should happen at once.
const PATIENCE: Duration = Duration::from_secs(60);

fn served(component: &[u8], options: &Options) -> Server {
    Server::start(component, options, ANY_PORT.into()).expect("the server starts")
}

/// The whole answer to one request.
fn get(addr: SocketAddr) -> String {
    let mut connection = TcpStream::connect(addr).expect("the server listens");
    connection.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
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

const LIMIT: Duration = Duration::from_millis(300);

fn limited() -> Options {
    Options { limits: Limits { run_time: Some(LIMIT), ..Limits::default() }, ..Options::default() }
}

fn timed_out() -> Verdict {
    Verdict::TimedOut { phase: Phase::Running, limit: LIMIT }
}

#[test]
fn a_spinning_handler_is_given_up() {
    let server = served(&guests::http::handler_0_3("(loop (br 0))"), &limited());
    let answer = get(server.addr());
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert_eq!(server.failures(), [timed_out()]);
}

/// It waits for what never comes, and uses no processor meanwhile.
#[test]
fn a_handler_that_waits_for_ever_is_given_up() {
    let server = served(&guests::http::handler_0_3("(return (call $wait (call $new-set)))"), &limited());
    let answer = get(server.addr());
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert_eq!(server.failures(), [timed_out()]);
}

#[test]
fn what_cannot_be_served_is_an_error() {
    let start =
        |component: &[u8], addr: SocketAddr| Server::start(component, &Options::default(), addr).err();
    let refused = start(&guests::component("(component)"), ANY_PORT.into());
    assert!(matches!(refused, Some(StartError::Component(Verdict::Refused { .. }))), "{refused:?}");
    let busy = std::net::TcpListener::bind(SocketAddr::from(ANY_PORT)).expect("a port is free");
    let refused = start(&guests::http::handler_0_3(""), busy.local_addr().expect("it has an address"));
    assert!(matches!(refused, Some(StartError::Bind(_))), "{refused:?}");
}

/// A server whose events come out of a channel.
fn heard(component: &[u8], options: &Options) -> (Server, mpsc::Receiver<Event>) {
    let (sender, events) = mpsc::channel();
    let tell = move |event| _ = sender.send(event);
    let server = Server::start_heard(component, options, ANY_PORT.into(), tell).expect("the server starts");
    (server, events)
}

#[test]
fn what_happens_is_told() {
    let (server, events) = heard(&guests::http::handler_0_3(""), &Options::default());
    get(server.addr());
    let told = events.recv_timeout(PATIENCE).expect("the exchange is told");
    let Event::Exchanged(Exchange { method, path, status, sent, complete, error, .. }) = told else {
        panic!("{told:?}");
    };
    assert_eq!((method.as_str(), path.as_str(), status), ("GET", "/path", Some(200)));
    assert_eq!((sent, complete, error), (5, true, None));

    let (server, events) = heard(&guests::http::handler_0_3("unreachable"), &Options::default());
    get(server.addr());
    let mut told = [(); 2].map(|()| events.recv_timeout(PATIENCE).expect("there are two events"));
    told.sort_by_key(|event| matches!(event, Event::Exchanged(_)));
    let [Event::Failed(Verdict::Trapped { .. }), Event::Exchanged(exchange)] = told else {
        panic!("{told:?}");
    };
    assert_eq!(exchange.status, Some(500));
    assert!(exchange.error.is_some());
}

/// A body that is larger than all buffers comes back while it is still being sent, so that nobody has it whole.
#[test]
fn bodies_stream_both_ways() {
    let server = served(&guests::http::echo(), &Options::default());
    let mut connection = TcpStream::connect(server.addr()).expect("the server listens");
    connection.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    let (size, parts) = (64 << 10, 200);
    write!(
        connection,
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        size * parts
    )
    .expect("the server reads");
    let mut reader = BufReader::new(connection.try_clone().expect("the socket is cloned"));
    // The first part is back before the second is sent.
    connection.write_all(&part(0, size)).expect("the server reads");
    let mut received = vec![0; size * parts];
    head(&mut reader);
    reader.read_exact(&mut received[..size]).expect("the server answers");
    let rest = thread::spawn(move || {
        (1..parts).try_for_each(|i| connection.write_all(&part(i, size))).expect("the server reads");
    });
    reader.read_exact(&mut received[size..]).expect("the server answers");
    rest.join().expect("all is sent");
    assert!(received == (0..parts).flat_map(|i| part(i, size)).collect::<Vec<_>>());
    assert_eq!(server.failures(), []);
}

/// A handler need not read a body. The connection goes on: a client that sends its next request on it would lose that else.
#[test]
fn a_body_that_nobody_reads_does_not_end_the_connection() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/prebuilt/rust-service.wasm");
    let server = served(&std::fs::read(path).expect("the fixture is there"), &Options::default());
    let mut connection = TcpStream::connect(server.addr()).expect("the server listens");
    connection.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    let mut reader = BufReader::new(connection.try_clone().expect("the socket is cloned"));
    let body = part(1, 300 << 10);
    for _ in 0..5 {
        write!(connection, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len())
            .expect("the server reads");
        connection.write_all(&body).expect("the server reads");
        let mut line = String::new();
        reader.read_line(&mut line).expect("the server answers");
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        // The answer is in chunks: after the last one stands an empty line.
        while line != "0\r\n" {
            line.clear();
            reader.read_line(&mut line).expect("the server answers");
        }
        reader.read_line(&mut line).expect("the server answers");
    }
    server.stop();
}

fn part(index: usize, size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 7 + index) as u8).collect()
}

/// Reads the head of a response.
fn head(reader: &mut impl BufRead) {
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).expect("the server answers");
    }
}

/// There are more of them than instances, and of 0.2 each takes one.
#[test]
fn more_requests_than_instances_wait_their_turn() {
    for component in [guests::http::handler_0_3(""), guests::http::handler_0_2()] {
        let server = served(&component, &Options::default());
        let addr = server.addr();
        let clients: Vec<_> = (0..200).map(|_| thread::spawn(move || get(addr))).collect();
        for client in clients {
            let answer = client.join().expect("the client ends");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        assert_eq!(server.failures(), []);
    }
}

/// Clients that stop in the middle take all the room that there is. When they go away, there is room again.
#[test]
fn clients_that_go_away_leave_room() {
    let server = served(&guests::http::echo(), &Options::default());
    let room = Server::INSTANCES * 16;
    let half = |_| {
        let mut connection = TcpStream::connect(server.addr()).expect("the server listens");
        connection.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        connection.write_all(&[POST, b"first"].concat()).expect("the server reads");
        head(&mut BufReader::new(&connection));
        connection
    };
    for _ in 0..2 {
        drop((0..room).map(half).collect::<Vec<_>>());
    }
    assert_eq!(server.failures(), []);
}

/// What stops waits for the exchanges that are under way.
#[test]
fn a_stop_lets_exchanges_end() {
    let server = served(&guests::http::echo(), &Options::default());
    let mut connection = TcpStream::connect(server.addr()).expect("the server listens");
    connection.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    connection.write_all(&[POST, b"first"].concat()).expect("the server reads");
    let mut reader = BufReader::new(connection.try_clone().expect("the socket is cloned"));
    let mut half = [0; 5];
    head(&mut reader);
    reader.read_exact(&mut half).expect("the server answers");
    assert_eq!(&half, b"first");
    let stopping = thread::spawn(|| server.stop());
    connection.write_all(b"later").expect("the server still reads");
    reader.read_exact(&mut half).expect("the server still answers");
    assert_eq!(&half, b"later");
    stopping.join().expect("the server stops");
}
