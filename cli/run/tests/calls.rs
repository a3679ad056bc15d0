//! A test of a composition wants to call one export and see its result, whatever the export's effect, and wants the
//! same verdicts as for a command when there is no result.

mod guests;

use wcompose_run::{FunctionPath, Options, Value, Verdict, call};

fn component() -> Vec<u8> {
    guests::component(
        r#"(component
            (core module $m
                (import "" "return" (func $return (param i32)))
                (import "" "set" (func $set (result i32)))
                (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
                (func (export "async-add") (param i32 i32) (result i32)
                    (call $return (i32.add (local.get 0) (local.get 1)))
                    (i32.const 0))
                (func (export "hang") (param i32 i32) (result i32)
                    (i32.or (i32.shl (call $set) (i32.const 4)) (i32.const 2)))
                (func (export "trap") (param i32 i32) (result i32) unreachable)
                (func (export "resume") (param i32 i32 i32) (result i32) unreachable))
            (core func $return (canon task.return (result u32)))
            (core func $set (canon waitable-set.new))
            (core instance $i (instantiate $m (with "" (instance
                (export "return" (func $return))
                (export "set" (func $set))))))
            (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
            (func $trap (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "trap")))
            (func $async-add async (param "a" u32) (param "b" u32) (result u32)
                (canon lift (core func $i "async-add") async (callback (func $i "resume"))))
            (func $hang async (param "a" u32) (param "b" u32) (result u32)
                (canon lift (core func $i "hang") async (callback (func $i "resume"))))
            (instance $math (export "add" (func $add)) (export "async-add" (func $async-add)))
            (export "test:math/math@0.3.1" (instance $math))
            (export "add" (func $add))
            (export "trap" (func $trap))
            (export "hang" (func $hang)))"#,
    )
}

fn results(function: &FunctionPath, arguments: &[Value]) -> Result<Vec<Value>, Verdict> {
    call(&component(), function, arguments, &Options::default()).expect("the host works").results
}

#[test]
fn results_of_sync_and_async_functions() {
    let three = Ok(vec![Value::U32(3)]);
    let arguments = [Value::U32(1), Value::U32(2)];
    assert_eq!(results(&FunctionPath::of_component("add"), &arguments), three);
    let math = "test:math/math@0.3.0";
    assert_eq!(results(&FunctionPath::of_interface(math, "add"), &arguments), three);
    assert_eq!(results(&FunctionPath::of_interface(math, "async-add"), &arguments), three);
}

#[test]
fn verdicts_instead_of_results() {
    let arguments = [Value::U32(1), Value::U32(2)];
    let trapped = results(&FunctionPath::of_component("trap"), &arguments);
    assert!(matches!(trapped, Err(Verdict::Trapped { .. })), "{trapped:?}");
    let hung = results(&FunctionPath::of_component("hang"), &arguments);
    assert!(matches!(hung, Err(Verdict::Deadlocked(_))), "{hung:?}");
}

#[test]
fn calls_that_do_not_fit_are_refused() {
    let refused = |function: &FunctionPath, arguments: &[Value], reason: &str| {
        let Err(Verdict::Refused { message }) = results(function, arguments) else { panic!("{reason}") };
        assert_eq!(message, reason);
    };
    let absent = FunctionPath::of_interface("test:math/math@0.4.0", "add");
    refused(&absent, &[], "it does not export `test:math/math@0.4.0#add`");
    refused(&FunctionPath::of_component("add"), &[], "the function takes 2 arguments, not 0");
}
