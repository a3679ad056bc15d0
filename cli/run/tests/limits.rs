//! A run ends when its limits say so, whatever the component does meanwhile: compiles for ages, spins, or eats memory.

mod guests;

use std::time::{Duration, Instant};
use wcompose_run::{Limits, Options, Phase, Quantity, Verdict, run};

/// Far more than any limit below, for slow machines.
const SOON: Duration = Duration::from_secs(20);

fn within(limit: Duration, component: &[u8]) -> Verdict {
    let limits = Limits { compile_time: Some(limit), run_time: Some(limit), ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let started = Instant::now();
    let verdict = run(component, &options).expect("the host works").verdict;
    assert!(started.elapsed() < SOON, "took {:?}", started.elapsed());
    verdict
}

#[test]
fn a_spinning_component_is_stopped() {
    let limit = Duration::from_millis(500);
    let timed_out = Verdict::TimedOut { phase: Phase::Running, limit };
    assert_eq!(within(limit, &guests::command_0_2("(loop (br 0)) unreachable")), timed_out);
    assert_eq!(within(limit, &guests::command_0_3("", "", "", "(loop (br 0)) unreachable")), timed_out);
}

#[test]
fn a_spinning_start_function_is_stopped() {
    let limit = Duration::from_millis(500);
    let component = guests::component(
        r#"(component
            (core module $m
                (func $spin (loop (br 0)))
                (start $spin)
                (func (export "run") (result i32) unreachable))
            (core instance $i (instantiate $m))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $command)))"#,
    );
    assert_eq!(within(limit, &component), Verdict::TimedOut { phase: Phase::Running, limit });
}

#[test]
fn an_endless_compilation_is_given_up() {
    let limit = Duration::from_millis(500);
    // One function of many blocks that share many values: what register allocation is slowest at.
    let locals = "(local i32 i32 i32 i32 i32 i32 i32 i32)";
    let block: String = (0..8)
        .map(|i| {
            format!(
                "(if (local.get {i}) (then (local.set {} (i32.mul (local.get {i}) (i32.load (local.get {}))))))",
                (i + 3) % 8,
                (i + 1) % 8,
            )
        })
        .collect();
    let component = guests::command_0_2(&format!("{locals} {} (i32.const 0)", block.repeat(12_000)));
    assert_eq!(within(limit, &component), Verdict::TimedOut { phase: Phase::Compiling, limit });
}

/// The run ends with what it exceeded, and not with whatever a component does that is told no.
#[test]
fn growing_past_the_memory_limit_ends_the_run() {
    // Grows by 100 pages, beside the one that it has, and says whether that failed.
    let component = guests::command_0_2("(i32.eq (memory.grow (i32.const 100)) (i32.const -1))");
    let verdict = |pages: u64| {
        let limits = Limits { linear_memory: Some(pages << 16), ..Limits::default() };
        run(&component, &Options { limits, ..Options::default() }).expect("the host works").verdict
    };
    assert_eq!(verdict(101), Verdict::Exited { status: 0 });
    let exceeded = Verdict::Exceeded { quantity: Quantity::LinearMemory, limit: 100 << 16 };
    assert_eq!(verdict(100), exceeded);
}

/// Handles are memory of the host's.
#[test]
fn handles_have_a_limit() {
    let component = guests::command_0_3("", "", "", "(loop (drop (call $set)) (br 0)) unreachable");
    let limits = Limits { handles: 100, ..Limits::default() };
    let outcome = run(&component, &Options { limits, ..Options::default() }).expect("the host works");
    assert_eq!(outcome.verdict, Verdict::Exceeded { quantity: Quantity::Handles, limit: 100 });
}
