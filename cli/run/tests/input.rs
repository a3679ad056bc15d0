//! Waiting for somebody to type is no deadlock. It takes the standard input of a whole process to see that, so this
//! test runs itself again as a child.

mod guests;

use std::io::Write;
use std::process::{Command, Stdio as Pipe};
use std::thread;
use std::time::Duration;
use wcompose_run::{Limits, Options, Stdio, Verdict, run};

/// Set in the child.
const CHILD: &str = "WCOMPOSE_RUN_TEST_CHILD";

/// Longer than it takes to find a deadlock.
const PAUSE: Duration = Duration::from_millis(700);

#[test]
fn waiting_for_input_is_no_deadlock() {
    if std::env::var_os(CHILD).is_some() {
        let options = Options {
            stdio: Stdio::Inherit,
            limits: Limits { run_time: Some(Duration::from_secs(60)), ..Limits::default() },
            ..Options::default()
        };
        let outcome = run(&reader(), &options).expect("the host works");
        assert_eq!(outcome.verdict, Verdict::Exited { status: 0 });
        return;
    }
    let mut child = Command::new(std::env::current_exe().expect("a test has a path"))
        .args(["--exact", "waiting_for_input_is_no_deadlock"])
        .env(CHILD, "1")
        .stdin(Pipe::piped())
        .stdout(Pipe::null())
        .spawn()
        .expect("a test can run again");
    thread::sleep(PAUSE);
    assert!(child.try_wait().expect("a child can be asked").is_none(), "it ended without input");
    let mut input = child.stdin.take().expect("its input is a pipe");
    input.write_all(b"x").expect("it reads");
    assert!(child.wait().expect("a child ends").success());
}

/// Reads one byte of standard input and returns.
fn reader() -> Vec<u8> {
    guests::command_0_3(
        r#"(type $code (enum "io" "illegal-byte-sequence" "pipe"))
        (import "wasi:cli/types@0.3.0" (instance $types (export "error-code" (type (eq $code)))))
        (alias export $types "error-code" (type $error-code))
        (import "wasi:cli/stdin@0.3.0" (instance $stdin
            (export "error-code" (type $e (eq $error-code)))
            (export "read-via-stream" (func
                (result (tuple (stream u8) (future (result (error $e)))))))))
        (type $bytes (stream u8))"#,
        r#"(core func $input (canon lower (func $stdin "read-via-stream") (memory $libc "memory")))
        (core func $read (canon stream.read $bytes async (memory $libc "memory")))"#,
        r#"(import "" "input" (func $input (param i32)))
        (import "" "read" (func $read (param i32 i32 i32) (result i32)))"#,
        "(local $set i32)
        (call $input (i32.const 16))
        (drop (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1)))
        (local.set $set (call $set))
        (call $join (i32.load (i32.const 16)) (local.get $set))
        (i32.or (i32.shl (local.get $set) (i32.const 4)) (i32.const 2))",
    )
}
