//! Each way in which a component can end by itself gets the verdict that says so: its status, its trap with the place,
//! or why it was never run.

mod guests;

use wcompose_run::{Features, Options, Verdict, run};

fn verdict(component: &[u8]) -> Verdict {
    run(component, &Options::default()).expect("the host works").verdict
}

#[test]
fn statuses_of_a_0_2_command() {
    assert_eq!(verdict(&guests::command_0_2("(i32.const 0)")), Verdict::Exited { status: 0 });
    assert_eq!(verdict(&guests::command_0_2("(i32.const 1)")), Verdict::Exited { status: 1 });
}

#[test]
fn statuses_of_a_0_3_command_of_a_newer_patch_version() {
    for status in [0u8, 1] {
        let body = format!("(call $return (i32.const {status})) (i32.const 0)");
        assert_eq!(verdict(&guests::command_0_3("", "", "", &body)), Verdict::Exited { status });
    }
}

#[test]
fn status_given_to_exit() {
    let component = guests::command_0_3(
        r#"(import "wasi:cli/exit@0.3.0" (instance $exit
            (export "exit-with-code" (func (param "status-code" u8)))))"#,
        r#"(core func $exit (canon lower (func $exit "exit-with-code")))"#,
        r#"(import "" "exit" (func $exit (param i32)))"#,
        "(call $exit (i32.const 42)) unreachable",
    );
    assert_eq!(verdict(&component), Verdict::Exited { status: 42 });
}

#[test]
fn a_trap_names_its_place() {
    let Verdict::Trapped { kind, message, frames, .. } = verdict(&guests::command_0_2("unreachable")) else {
        panic!("it traps");
    };
    assert_eq!(kind, "unreachable");
    assert_eq!(message, "wasm trap: wasm `unreachable` instruction executed");
    assert_eq!(frames[0].function.as_deref(), Some("run"));
    assert_eq!(frames[0].module.as_deref(), Some("m"));
}

#[test]
fn an_exit_without_a_result_traps() {
    let verdict = verdict(&guests::command_0_3("", "", "", "(i32.const 0)"));
    assert!(matches!(verdict, Verdict::Trapped { .. }), "{verdict:?}");
}

#[test]
fn what_cannot_run_is_refused_with_the_reason() {
    let refused = |component: &[u8], reason: &str| {
        let Verdict::Refused { message } = verdict(component) else { panic!("refused: {reason}") };
        assert!(message.contains(reason), "{message}");
    };
    refused(b"not a component", "magic");
    refused(&guests::component("(component)"), "wasi:cli/run@0.3");
    refused(
        &guests::component(
            r#"(component (import "a:b/c" (instance (export "f" (func)))) (instance $command)
                (export "wasi:cli/run@0.3.0" (instance $command)))"#,
        ),
        "wasi:cli/run@0.3",
    );
    refused(
        &guests::command_0_3(r#"(import "a:b/c" (instance (export "f" (func))))"#, "", "", "unreachable"),
        "a:b/c",
    );
}

#[test]
fn a_run_of_another_type_is_refused_before_it_runs() {
    let component = guests::component(
        r#"(component
            (core module $m (func (export "run") (result i32) unreachable))
            (core instance $i (instantiate $m))
            (func $run (result u32) (canon lift (core func $i "run")))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $command)))"#,
    );
    let message = "the function does not return a `result`".to_owned();
    assert_eq!(verdict(&component), Verdict::Refused { message });
}

#[test]
fn a_stackful_lift_needs_the_extended_features() {
    let component = guests::component(
        r#"(component
            (core module $m
                (import "" "return" (func $return (param i32)))
                (func (export "run") (call $return (i32.const 0))))
            (core func $return (canon task.return (result (result))))
            (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
            (func $run async (result (result)) (canon lift (core func $i "run") async))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.3.0" (instance $command)))"#,
    );
    assert!(matches!(verdict(&component), Verdict::Refused { .. }));
    let options = Options { features: Features::Extended, ..Options::default() };
    let outcome = run(&component, &options).expect("the host works");
    assert_eq!(outcome.verdict, Verdict::Exited { status: 0 });
}
