//! The table of the components that mean harm.

use std::time::Duration;

use anyhow::Result;

use super::{Ending, Hostile, made, text};
use crate::link_fixtures;

/// All of them, by what they do it to: time, memory, handles, the rules, the output, the compiler.
pub(super) fn all() -> Vec<Hostile> {
    let all = [time(), memory(), handles(), rules(), output(), before_running()];
    all.into_iter().flatten().collect()
}

const SPINS: Ending = ("timed-out", "was still running after 1s, the limit set by --timeout");
const DEADLOCKS: Ending =
    ("deadlocked", "deadlocked: every task waits, and nothing outside can wake any of them");
const LINEAR: Ending = ("exceeded", "took more than 256 MiB of linear memory, the limit set by --max-memory");
const PROCESS: Ending =
    ("exceeded", "took more than 2 GiB of process memory, the limit set by --max-process-memory");
const FUEL: Ending =
    ("exceeded", "took more than 128 MiB of data in one call of the host, the limit set by --hostcall-fuel");
const HANDLES: Ending = ("exceeded", "took more than 10000 handles, the limit set by --max-handles");
const OUTPUT: Ending = ("exceeded", "took more than 1 MiB of output, the limit set by --max-output");
const INSTANCES: Ending = ("exceeded", "has more than 10000 instances, the limit set by --max-instances");

/// A component in `tests/hostile/` whose function is called. The clock is not what ends it.
fn called(name: &'static str, does: &'static str, ends: Ending) -> Hostile {
    let command = "invoke FILE go() --timeout 10s";
    Hostile { name, does, command, ends, clock: Duration::from_secs(10), make: text }
}

/// The same, and a clock of 1 s is what ends it.
fn timed(name: &'static str, does: &'static str) -> Hostile {
    let command = "invoke FILE go() --timeout 1s";
    Hostile { command, clock: Duration::from_secs(1), ..called(name, does, SPINS) }
}

/// The fixture in Rust that misbehaves as its argument says, with the component that it calls.
fn rust(command: &'static str, guest: Hostile) -> Hostile {
    Hostile { command, make: misbehave, ..guest }
}

fn misbehave(_: &str) -> Result<Vec<u8>> {
    link_fixtures(&["rust-misbehave-app", "rust-stall-leaf"])
}

fn time() -> Vec<Hostile> {
    vec![
        timed("spin", "computes for ever"),
        timed("spin-start", "computes for ever in a start function"),
        Hostile {
            command: "invoke FILE 'go(\"x\")' --timeout 1s",
            ..timed("spin-realloc", "computes for ever when asked for room")
        },
        timed("yields", "gives the host a turn again and again"),
        timed("long-timer", "waits for a timer of 146 years"),
        rust("run FILE --timeout 1s -- spin", timed("rust-spin", "computes for ever, in Rust")),
        rust("run FILE --timeout 1s -- tick", timed("rust-tick", "sets a timer again and again")),
        called("empty-set", "waits for one of no events", DEADLOCKS),
        called("never-returns", "waits for a call that never returns", DEADLOCKS),
        rust(
            "run FILE --timeout 10s -- stall",
            called("rust-stall", "the same, with standard output open", DEADLOCKS),
        ),
        rust(
            "run FILE --timeout 10s -- deadlock",
            called(
                "rust-deadlock",
                "waits for a future that nobody writes, with standard output open",
                DEADLOCKS,
            ),
        ),
    ]
}

fn memory() -> Vec<Hostile> {
    vec![
        called("memory", "grows its memory without end", LINEAR),
        called("memories", "grows twelve memories of three instances", LINEAR),
        called("memory64", "asks for 256 TiB at once", LINEAR),
        called("memory-at-once", "declares a memory of 4 GiB", LINEAR),
        Hostile {
            make: made::small_memories,
            ..called("small-memories", "has 9,000 instances with a memory each", LINEAR)
        },
        rust("run FILE --timeout 10s -- hog", called("rust-hog", "allocates without end, in Rust", LINEAR)),
        called("garbage", "makes objects of a collected heap without end", LINEAR),
        called("table", "grows a table without end", PROCESS),
        called("table-at-once", "declares tables of 5 GiB", PROCESS),
        called("endless-stream", "gives a stream that never ends", FUEL),
        called("host-memory", "has the host keep 20 kB in each of its resources", HANDLES),
        called("big-result", "gives a list of 250 MiB", FUEL),
    ]
}

fn handles() -> Vec<Hostile> {
    vec![
        called("resources", "makes resources without end", HANDLES),
        called("streams", "makes streams without end", HANDLES),
        called("futures", "makes futures without end", HANDLES),
        called("sets", "makes waitable sets without end", HANDLES),
        called("subtasks", "calls without end a function that never returns", HANDLES),
        Hostile {
            command: "invoke FILE go() --timeout 10s --feature component-model-async-stackful",
            ..called("stacks", "the same, each call waiting on a stack of its own", PROCESS)
        },
        called("host-resources", "makes resources of the host without end", HANDLES),
        called("host-timers", "starts timers without end", HANDLES),
    ]
}

fn rules() -> Vec<Hostile> {
    let with_text = |guest| Hostile { command: "invoke FILE 'go(\"x\")' --timeout 10s", ..guest };
    vec![
        called("unreachable", "traps", ("trapped", "trapped: wasm `unreachable` instruction executed")),
        called("recursion", "calls itself without end", ("trapped", "trapped: call stack exhausted")),
        called(
            "no-result",
            "ends without the result that it owes",
            ("trapped", "trapped: async-lifted export failed to produce a result"),
        ),
        called(
            "wild-result",
            "gives a list of 4 GiB that is not there",
            ("trapped", "trapped: list pointer/length out of bounds of memory"),
        ),
        called(
            "trap-post-return",
            "traps when it is to free its result",
            ("trapped", "trapped: wasm `unreachable` instruction executed"),
        ),
        with_text(called(
            "trap-realloc",
            "traps when asked for room",
            ("trapped", "trapped: wasm `unreachable` instruction executed"),
        )),
        with_text(called(
            "wild-realloc",
            "gives room where no memory is",
            ("trapped", "trapped: realloc return: beyond end of memory"),
        )),
        called(
            "random",
            "asks the host for 2^60 random bytes",
            ("trapped", "trapped: requested len 1152921504606846976 exceeds limit 67108864"),
        ),
    ]
}

fn output() -> Vec<Hostile> {
    let test = |guest| Hostile { command: "test suite.toml --timeout 10s", ..guest };
    vec![
        Hostile {
            command: "run FILE --timeout 1s",
            ..timed("flood", "writes for ever to a reader that goes away")
        },
        test(called("flood", "writes for ever in `wcompose test`", OUTPUT)),
        test(called("flood-stderr", "the same, to standard error", OUTPUT)),
    ]
}

fn before_running() -> Vec<Hostile> {
    let slow = |guest| Hostile {
        command: "invoke FILE go() --compile-timeout 1s",
        make: made::slow_function,
        clock: Duration::from_secs(1),
        ..guest
    };
    vec![
        slow(called(
            "slow-function",
            "has a function on which Cranelift is still at work when the clock ends",
            ("timed-out", "was still compiling after 1s, the limit set by --compile-timeout"),
        )),
        Hostile {
            command: "invoke FILE go() --max-process-memory 256MiB --compile-timeout 10s",
            make: made::large_function,
            clock: Duration::from_secs(10),
            ..called(
                "large-function",
                "has a function for which Cranelift takes more memory than there may be",
                (
                    "exceeded",
                    "took more than 256 MiB of process memory, the limit set by --max-process-memory",
                ),
            )
        },
        Hostile { make: made::doubling, ..called("doubling", "has 2^28 instances in 600 bytes", INSTANCES) },
        Hostile { make: made::instances, ..called("instances", "has 11,000 instances", INSTANCES) },
        Hostile {
            make: made::nested,
            ..called(
                "nested",
                "has 80,000 components within each other",
                (
                    "exceeded",
                    "has more than 100 components within each other, the limit set by --max-nesting",
                ),
            )
        },
        called(
            "atomic-wait",
            "waits for another thread, of which there is none",
            (
                "refused",
                "cannot run: shared memory support is disabled for this engine -- see `Config::shared_memory`",
            ),
        ),
    ]
}
