//! Serves compositions of HTTP handlers and asks them over a real connection: middleware stands before a service, in
//! one language or two, and many requests are answered at once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::net::Ipv4Addr;
use std::thread;

use wcompose::{Consent, Request};
use wcompose_fixtures::Language;
use wcompose_run::http::Server;
use wcompose_tests::{Guest, get, is_built, link, link_fixtures, patient, post};

/// Many for one processor, few for a machine.
const AT_ONCE: usize = 12;

/// Serves the fixtures as they link by themselves.
fn serves(fixtures: &[&str], header: Option<&str>, body: impl Fn(&str) -> String) {
    answers(&link_fixtures(fixtures).unwrap(), header, body);
}

/// Serves a composition and asks for a path of its own at each of many connections at once.
fn answers(composition: &[u8], header: Option<&str>, body: impl Fn(&str) -> String) {
    let server = Server::start(composition, &patient(), (Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = server.addr();
    let clients = (0..AT_ONCE).map(|i| {
        let path = format!("/path/{i}?of=wcompose");
        (path.clone(), thread::spawn(move || get(address, &path).unwrap()))
    });
    for (path, client) in clients.collect::<Vec<_>>() {
        let answer = client.join().unwrap();
        let seen = String::from_utf8_lossy(&server.stderr()).into_owned();
        assert_eq!(answer.status, "HTTP/1.1 200 OK", "{:?}\n{seen}", server.failures());
        assert_eq!(answer.headers.get("x-wcompose").map(String::as_str), header, "{:?}", answer.headers);
        assert_eq!(answer.body, body(&path), "{seen}");
    }
    assert_eq!(server.failures(), []);
    server.stop();
}

#[test]
fn a_service_behind_middleware() {
    serves(&["rust-http-middleware", "rust-service"], Some("rust"), |path| {
        format!("hello from rust, you asked {path}\npassed through rust\n")
    });
}

/// The middleware speaks WASI 0.3 and its runtime WASI 0.2: one composition imports both.
#[test]
fn a_service_behind_middleware_in_javascript() {
    serves(&["js-http-middleware", "rust-service"], Some("js"), |path| {
        format!("hello from rust, you asked {path}\npassed through js\n")
    });
}

#[test]
fn a_service_behind_two_of_them() {
    serves(&["rust-http-middleware", "js-http-middleware", "rust-service"], Some("js, rust"), |path| {
        format!("hello from rust, you asked {path}\npassed through js\npassed through rust\n")
    });
}

/// A service in Python, with a chain behind it and middleware before it.
#[test]
fn a_service_in_python() {
    if is_built(Language::Python).unwrap() {
        serves(&["rust-http-middleware", "py-service", "go-middle", "rust-leaf"], Some("rust"), |path| {
            format!("go(rust({path}))\npassed through rust\n")
        });
    }
}

/// A service that asks another one with `wasi:http/client`, which a wire connects to the handler of that: no network is
/// between them, and the body comes through as it was, both ways.
#[test]
fn a_service_that_asks_another_in_the_same_composition() {
    let guests = ["rust-front-service", "rust-echo-service"].map(|name| Guest::fixture(name).unwrap());
    let wire = "rust-front-service:wasi:http/client@0.3.0=rust-echo-service:wasi:http/handler@0.3.0";
    let request = Request { wires: vec![wire.parse().unwrap()], ..Request::default() };
    let composition = link(&guests, &request).unwrap();
    let server = Server::start(&composition, &patient(), (Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = server.addr();
    // More than any buffer on the way holds.
    let body = (0..60_000).map(|n| format!("{n}\n")).collect::<String>();
    let clients = (0..AT_ONCE).map(|i| {
        let (path, body) = (format!("/path/{i}?of=wcompose"), body.clone());
        (path.clone(), thread::spawn(move || post(address, &path, &body).unwrap()))
    });
    for (path, client) in clients.collect::<Vec<_>>() {
        let answer = client.join().unwrap();
        assert_eq!(answer.status, "HTTP/1.1 200 OK", "{:?}", server.failures());
        assert_eq!(answer.headers.get("x-wcompose").map(String::as_str), Some("front"));
        assert_eq!(answer.headers.get("x-path"), Some(&path));
        assert!(answer.body == body, "{path}: the body came back changed");
    }
    assert_eq!(server.failures(), []);
    server.stop();
}

/// WASI 0.2's handler, whose composition is of one component: linking must not change what it does.
#[test]
fn a_service_of_wasi_0_2() {
    serves(&["rust-sync-service"], None, |path| format!("hello from rust 0.2, you asked {path}\n"));
}

/// A handler of WASI 0.2 over providers that block: its `handle` becomes async, and requests take turns.
#[test]
fn a_service_of_wasi_0_2_over_async_providers() {
    let mut providers = vec![("rust-async-provider", "rs")];
    if is_built(Language::Python).unwrap() {
        providers.push(("py-async-provider", "py"));
    }
    for (provider, tag) in providers {
        let guests = ["rust-sync-asking-service", provider].map(|name| Guest::fixture(name).unwrap());
        let request = Request { recolour: Consent::All, ..Request::default() };
        let composition = link(&guests, &request).unwrap();
        answers(&composition, None, |path| format!("{tag}({path})\n"));
    }
}
