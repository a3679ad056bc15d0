//! Components for the tests, as text: small enough to see why each does what it does.
#![allow(dead_code)] // each test file uses some of them

pub(crate) mod http;

/// Turns the text of a component into bytes.
pub(crate) fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text of a test component parses")
}

/// A `wasi:cli/run@0.2` command whose `run` is `body`, which leaves 0 for ok and 1 for an error.
pub(crate) fn command_0_2(body: &str) -> Vec<u8> {
    component(&format!(
        r#"(component
            (core module $m
                (memory 1)
                (func $run (export "run") (result i32) {body}))
            (core instance $i (instantiate $m))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.2.3" (instance $command)))"#
    ))
}

/// A `wasi:cli/run@0.3` command, lifted with a callback, whose `run` is `body` and leaves a callback code.
///
/// `types` are in the component before anything else, `imports` in the core module; each core import's component side
/// is in `lowered`. Available are `$return`, `$set` (a new waitable set) and, on resumption, exit with status 0.
pub(crate) fn command_0_3(types: &str, lowered: &str, imports: &str, body: &str) -> Vec<u8> {
    component(&format!(
        r#"(component
            {types}
            (core module $libc (memory (export "memory") 1))
            (core instance $libc (instantiate $libc))
            (core module $m
                (import "libc" "memory" (memory 1))
                (import "" "return" (func $return (param i32)))
                (import "" "set" (func $set (result i32)))
                (import "" "join" (func $join (param i32 i32)))
                {imports}
                (func $run (export "run") (result i32) {body})
                (func (export "resume") (param i32 i32 i32) (result i32)
                    (call $return (i32.const 0))
                    (i32.const 0)))
            (core func $return (canon task.return (result (result))))
            (core func $set (canon waitable-set.new))
            (core func $join (canon waitable.join))
            {lowered}
            (core instance $i (instantiate $m
                (with "libc" (instance $libc))
                (with "" (instance
                    (export "return" (func $return))
                    (export "set" (func $set))
                    (export "join" (func $join))
                    {exports}))))
            (func $run async (result (result))
                (canon lift (core func $i "run") async (callback (func $i "resume"))))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.3.2" (instance $command)))"#,
        exports = exports_of(lowered),
    ))
}

/// `(core func $name ...` for each line becomes `(export "name" (func $name))`.
fn exports_of(lowered: &str) -> String {
    lowered
        .split("(core func $")
        .skip(1)
        .filter_map(|rest| rest.split_whitespace().next())
        .map(|name| format!(r#"(export "{name}" (func ${name}))"#))
        .collect()
}
