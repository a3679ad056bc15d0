//! A component that can never go on is told from one that waits for the world: the first ends with a verdict and not
//! with the time limit, the second is left alone.

mod guests;

use std::time::{Duration, Instant};
use wcompose_run::http::{Request, Response, ask};
use wcompose_run::{HostCall, Limits, Network, Options, Outcome, Verdict, run};

/// Runs with a limit that a deadlock must not need.
fn ended(component: &[u8]) -> Outcome {
    let options = Options {
        limits: Limits { run_time: Some(Duration::from_secs(60)), ..Limits::default() },
        ..Options::default()
    };
    run(component, &options).expect("the host works")
}

/// `callback code: wait` for the set on the stack.
const WAIT: &str = "(i32.or (i32.shl (local.get $set) (i32.const 4)) (i32.const 2))";

#[test]
fn waiting_for_an_empty_set() {
    let body = format!("(local $set i32) (local.set $set (call $set)) {WAIT}");
    let verdict = ended(&guests::command_0_3("", "", "", &body)).verdict;
    assert!(matches!(verdict, Verdict::Deadlocked(_)), "{verdict:?}");
}

#[test]
fn waiting_for_an_empty_set_after_returning() {
    let body = format!("(local $set i32) (call $return (i32.const 0)) (local.set $set (call $set)) {WAIT}");
    let verdict = ended(&guests::command_0_3("", "", "", &body)).verdict;
    assert!(matches!(verdict, Verdict::Deadlocked(_)), "{verdict:?}");
}

const STDOUT: &str = r#"
    (type $code (enum "io" "illegal-byte-sequence" "pipe"))
    (import "wasi:cli/types@0.3.0" (instance $types (export "error-code" (type (eq $code)))))
    (alias export $types "error-code" (type $error-code))
    (import "wasi:cli/stdout@0.3.0" (instance $stdout
        (export "error-code" (type $e (eq $error-code)))
        (export "write-via-stream" (func
            (param "data" (stream u8)) (result (future (result (error $e))))))))
    (type $bytes (stream u8))
    (type $done (future (result (error $error-code))))"#;

const STDOUT_LOWERED: &str = r#"
    (core func $write-via-stream (canon lower (func $stdout "write-via-stream")))
    (core func $stream-new (canon stream.new $bytes))
    (core func $stream-write (canon stream.write $bytes async (memory $libc "memory")))
    (core func $future-read (canon future.read $done async (memory $libc "memory")))"#;

const STDOUT_IMPORTS: &str = r#"
    (import "" "write-via-stream" (func $write-via-stream (param i32) (result i32)))
    (import "" "stream-new" (func $stream-new (result i64)))
    (import "" "stream-write" (func $stream-write (param i32 i32 i32) (result i32)))
    (import "" "future-read" (func $future-read (param i32 i32) (result i32)))
    (data (i32.const 0) "hello")"#;

/// Writes to standard output, keeps the stream open, and waits for the result of writing it.
fn waiting_for_its_own_output() -> Vec<u8> {
    let body = format!(
        r#"(local $ends i64) (local $set i32) (local $done i32)
        (local.set $ends (call $stream-new))
        (local.set $done (call $write-via-stream (i32.wrap_i64 (local.get $ends))))
        (drop (call $stream-write
            (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))) (i32.const 0) (i32.const 5)))
        (drop (call $future-read (local.get $done) (i32.const 16)))
        (local.set $set (call $set))
        (call $join (local.get $done) (local.get $set))
        {WAIT}"#
    );
    guests::command_0_3(STDOUT, STDOUT_LOWERED, STDOUT_IMPORTS, &body)
}

/// The host has a future pending here, which only the component can complete: wasmtime alone would wait for ever.
#[test]
fn waiting_for_the_end_of_an_output_stream_that_is_kept_open() {
    let outcome = ended(&waiting_for_its_own_output());
    let Verdict::Deadlocked(deadlock) = outcome.verdict else { panic!("{:?}", outcome.verdict) };
    assert_eq!(deadlock.exports, ["wasi:cli/run@0.3.0#run"]);
    let function = "wasi:cli/stdout#write-via-stream".to_owned();
    assert_eq!(deadlock.host_calls, [HostCall { task: 1, function }]);
    assert_eq!(outcome.stdout, b"hello");
}

/// The network is granted and not used: nobody there can wake the component.
#[test]
fn a_network_that_is_not_used_wakes_nobody() {
    let limits = Limits { run_time: Some(Duration::from_secs(60)), ..Limits::default() };
    let options = Options { network: Network::Inherited, limits, ..Options::default() };
    let body = format!("(local $set i32) (local.set $set (call $set)) {WAIT}");
    for component in [guests::command_0_3("", "", "", &body), waiting_for_its_own_output()] {
        let verdict = run(&component, &options).expect("the host works").verdict;
        assert!(matches!(verdict, Verdict::Deadlocked(_)), "{verdict:?}");
    }
}

/// What becomes of one request to a handler that runs `first` before it answers.
fn asked(first: &str) -> Result<Response, Verdict> {
    let limits = Limits { run_time: Some(Duration::from_secs(60)), ..Limits::default() };
    let (method, path) = ("GET".to_owned(), "/".to_owned());
    let request = Request { method, path, headers: Vec::new(), body: Vec::new() };
    let options = Options { limits, ..Options::default() };
    let handler = guests::http::handler_0_3(first);
    ask(&handler, &request, &options).expect("the host works").response
}

/// One request is all that there will be, so nobody else can wake the handler.
#[test]
fn a_handler_that_never_answers() {
    assert_eq!(asked("").expect("it answers").body, b"hello");
    let verdict = asked("(return (call $wait (call $new-set)))").expect_err("it never answers");
    let Verdict::Deadlocked(deadlock) = verdict else { panic!("{verdict:?}") };
    assert_eq!(deadlock.exports, ["wasi:http/handler@0.3.0#handle"]);
}

/// The host reads the body, and thus waits for the component alone.
#[test]
fn a_handler_that_never_ends_its_body() {
    let verdict = asked(
        r#"(local.set $body (call $stream-new))
        (local.set $trailers (call $future-new))
        (call $response (call $fields)
            (i32.const 1) (i32.wrap_i64 (local.get $body)) (i32.wrap_i64 (local.get $trailers)) (i32.const 64))
        (call $return (i32.const 0) (i32.load (i32.const 64))
            (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        (return (call $wait (call $new-set)))"#,
    );
    assert!(matches!(verdict, Err(Verdict::Deadlocked(_))), "{verdict:?}");
}

const PAUSE: Duration = Duration::from_millis(700);

#[test]
fn a_0_3_timer_is_no_deadlock() {
    let body = format!(
        r#"(local $set i32) (local $timer i32)
        (local.set $timer (i32.shr_u (call $wait-for (i64.const {})) (i32.const 4)))
        (local.set $set (call $set))
        (call $join (local.get $timer) (local.get $set))
        {WAIT}"#,
        PAUSE.as_nanos(),
    );
    let component = guests::command_0_3(
        r#"(import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock
            (export "wait-for" (func async (param "how-long" u64)))))"#,
        r#"(core func $wait-for (canon lower (func $clock "wait-for") async))"#,
        r#"(import "" "wait-for" (func $wait-for (param i64) (result i32)))"#,
        &body,
    );
    let started = Instant::now();
    assert_eq!(ended(&component).verdict, Verdict::Exited { status: 0 });
    assert!(started.elapsed() >= PAUSE);
}

#[test]
fn a_0_2_timer_is_no_deadlock() {
    let component = guests::component(&format!(
        r#"(component
            (import "wasi:io/poll@0.2.0" (instance $poll
                (export "pollable" (type $p (sub resource)))
                (export "[method]pollable.block" (func (param "self" (borrow $p))))))
            (alias export $poll "pollable" (type $pollable))
            (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
                (export "pollable" (type $p (eq $pollable)))
                (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
            (core func $block (canon lower (func $poll "[method]pollable.block")))
            (core func $subscribe (canon lower (func $clock "subscribe-duration")))
            (core module $m
                (import "" "block" (func $block (param i32)))
                (import "" "subscribe" (func $subscribe (param i64) (result i32)))
                (func (export "run") (result i32)
                    (call $block (call $subscribe (i64.const {})))
                    (i32.const 0)))
            (core instance $i (instantiate $m (with "" (instance
                (export "block" (func $block))
                (export "subscribe" (func $subscribe))))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $command)))"#,
        PAUSE.as_nanos(),
    ));
    let started = Instant::now();
    assert_eq!(ended(&component).verdict, Verdict::Exited { status: 0 });
    assert!(started.elapsed() >= PAUSE);
}
