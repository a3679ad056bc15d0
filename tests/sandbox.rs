//! What the sandbox promises whatever a component does: a verdict, and nothing left behind. The verdicts of single
//! programs are in the cases and in `hostile`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use wcompose::Request;
use wcompose_run::{
    Compiler, EngineChoice, Limits, Options, Outcome, Quantity, Sandbox, Stdio, Task, Verdict,
};
use wcompose_tests::{Guest, link_fixtures};

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_wcompose-subject").into())
}

fn run(sandbox: &Sandbox, component: &[u8], options: &Options) -> Outcome {
    sandbox.run(&sandbox.subject(component), Task::Run, options, &mut |_, _| ()).unwrap()
}

fn exceeded(quantity: Quantity, limit: u64) -> Verdict {
    Verdict::Exceeded { quantity, limit }
}

/// The verdict on what must not even be given to a child: there is none.
fn refused(component: &[u8]) -> Verdict {
    run(&Sandbox::new("/there/is/no/child".into()), component, &Options::default()).verdict
}

fn refused_text(text: &str) -> Verdict {
    refused(&wat::parse_str(text).unwrap())
}

/// Two instances of a definition that has two of the one within it, and so on: 2^28 from a few hundred bytes.
#[test]
fn a_doubling_is_counted_and_not_made() {
    let bomb = (0..28).fold(String::from("(component $c)"), |within, _| {
        format!("(component $c {within} (instance (instantiate $c)) (instance (instantiate $c)))")
    });
    assert_eq!(refused_text(&bomb), exceeded(Quantity::Instances, 10_000));
}

/// The same, but each is given the one before as an argument, and the definitions stand beside each other.
#[test]
fn a_doubling_by_arguments_is_counted() {
    let twice = r#"(component $twice (import "c" (component $c))
        (instance (instantiate $c)) (instance (instantiate $c)))
        (component $c0)"#;
    let steps = (0..28).map(|n| {
        format!(
            r#"(component $c{} (alias outer 1 $c{n} (component $c)) (alias outer 1 $twice (component $twice))
                (instance (instantiate $twice (with "c" (component $c)))))"#,
            n + 1
        )
    });
    let steps = steps.collect::<String>();
    let bomb = format!("(component {twice} {steps} (instance (instantiate $c28)))");
    assert_eq!(refused_text(&bomb), exceeded(Quantity::Instances, 10_000));
}

/// What an instance exports is instantiated like any other definition.
#[test]
fn a_doubling_by_exports_is_counted() {
    let steps = (0..28).map(|n| {
        format!(
            r#"(component $d{next}
                (alias outer 1 $i{n} (component $c))
                (instance (instantiate $c)) (instance (instantiate $c)))
            (instance $x{next} (export "c" (component $d{next})))
            (alias export $x{next} "c" (component $i{next}))"#,
            next = n + 1
        )
    });
    let steps = steps.collect::<String>();
    let bomb = format!("(component (component $i0) {steps} (instance (instantiate $i28)))");
    assert_eq!(refused_text(&bomb), exceeded(Quantity::Instances, 10_000));
}

#[test]
fn nesting_has_a_limit() {
    // Deeper than the text format goes: a component that holds the one before as its only section.
    let header = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
    let nested = (0..101).fold(header.to_vec(), |within, _| {
        let size = [within.len() as u8 | 0x80, (within.len() >> 7) as u8];
        [&header, &[4][..], &size, &within].concat()
    });
    assert_eq!(refused(&nested), exceeded(Quantity::Nesting, 100));
    // Each makes one of the next, and none stands in another.
    let chain = (0..200).map(|n| {
        format!("(component $c{} (alias outer 1 $c{n} (component $c)) (instance (instantiate $c)))", n + 1)
    });
    let chain = chain.collect::<String>();
    let chain = format!("(component (component $c0) {chain} (instance (instantiate $c200)))");
    assert_eq!(refused_text(&chain), exceeded(Quantity::Nesting, 100));
}

/// Runs the chain of two with `folder` as the cache. The files there, with their content.
fn cached(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    chained(folder, &["c-leaf"], b"greet: c(world)\n")
}

/// The same with others behind the head, whose answer is the first line.
fn chained(folder: &Path, leaves: &[&str], line: &[u8]) -> BTreeMap<PathBuf, Vec<u8>> {
    let component = link_fixtures(&[&["rust-app"], leaves].concat()).unwrap();
    let options = Options { engine: EngineChoice::WinchFirst, ..Options::default() };
    let outcome = run(&sandbox().caching(folder.to_owned()), &component, &options);
    assert_eq!(outcome.verdict, Verdict::Exited { status: 0 });
    assert_eq!(outcome.compiler, Some(Compiler::Winch));
    assert!(outcome.stdout.starts_with(line), "{outcome:?}");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let content = std::fs::read(&path).unwrap();
        (path, content)
    });
    files.collect()
}

/// Whatever lies in the cache, the component runs, and what should lie there is put there again.
#[test]
fn the_cache_is_not_trusted_blindly() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cache");
    let kept = cached(&folder);
    assert!(cached(&folder) == kept);

    type Spoil = fn(&[u8]) -> Vec<u8>;
    let spoils: [Spoil; 5] = [
        |_| Vec::new(),
        |_| b"short".to_vec(),
        |whole| whole[..whole.len() / 2].to_vec(),
        |whole| whole[..whole.len() - 1].to_vec(),
        |whole| {
            let mut changed = whole.to_vec();
            changed[whole.len() / 2] ^= 1;
            changed
        },
    ];
    for spoil in spoils {
        for (path, whole) in &kept {
            std::fs::write(path, spoil(whole)).unwrap();
        }
        assert!(cached(&folder) == kept, "all are written anew");
    }
}

/// What was not changed is not compiled again: its file is there already, and stays.
#[test]
fn a_changed_input_is_compiled_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cache");
    let first = cached(&folder);
    let second = chained(&folder, &["zig-middle", "c-leaf"], b"greet: zig(c(world))\n");
    assert!(first.keys().all(|path| second.contains_key(path)), "what is kept stays");
    // The modules of the input that came, and what stands around all modules.
    let zig = Guest::fixture("zig-middle").unwrap();
    let modules = |bytes: &[u8]| {
        let payloads = wasmparser::Parser::new(0).parse_all(bytes);
        payloads.filter(|payload| matches!(payload, Ok(wasmparser::Payload::ModuleSection { .. }))).count()
    };
    let new = second.len() - first.len();
    assert!((1..=modules(zig.content()) + 1).contains(&new), "{new} new files");
    assert!(first.len() > new, "{} files before", first.len());
}

/// How it ends says the same, down to the offsets of the frames, whether a component was compiled whole or in parts.
#[test]
fn a_verdict_does_not_depend_on_parts() {
    let copies = |keep_copies| {
        let inner = r#"(component (core module $m (func $t (export "t") unreachable) (func (export "f") call $t))
            (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))"#;
        let outer = r#"(component (import "f" (func $f)) (import "unused" (func)) (core func $f (canon lower (func $f)))
            (core module $m (import "" "f" (func $f)) (func (export "run") (result i32) call $f i32.const 0))
            (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $command (export "run" (func $run)))
            (export "wasi:cli/run@0.2.3" (instance $command)))"#;
        let guests = [
            Guest::text("app", outer).unwrap(),
            Guest::text("first", inner).unwrap(),
            Guest::text("second", inner).unwrap(),
        ];
        let wires = ["app:f=second", "app:unused=first:f"].map(|wire| wire.parse().unwrap()).to_vec();
        let request = Request { keep_copies, wires, ..Request::default() };
        wcompose_tests::link(&guests, &request).unwrap()
    };
    // A core type at its end has no offset but its own, and a component with one does not come apart.
    let appended = |component: &[u8]| [component, &[3, 4, 1, 0x60, 0, 0]].concat();
    let misbehave = link_fixtures(&["rust-misbehave-app", "rust-stall-leaf"]).unwrap();
    let subjects = [
        (copies(true), "", "trapped"),
        (copies(false), "", "trapped"),
        (misbehave.clone(), "trap", "trapped"),
        (misbehave.clone(), "stall", "deadlocked"),
        (misbehave.clone(), "exit-7", "exited"),
        (misbehave, "hog", "exceeded"),
    ];
    for engine in [EngineChoice::Cranelift, EngineChoice::WinchFirst] {
        for (component, argument, ending) in &subjects {
            let options = Options { engine, args: vec![(*argument).to_owned()], ..Options::default() };
            let folder = tempfile::tempdir().unwrap();
            let caching = sandbox().caching(folder.path().join("cache"));
            let kept = || std::fs::read_dir(folder.path().join("cache")).unwrap().count();
            let whole = run(&caching, &appended(component), &options);
            assert_eq!(kept(), 1, "it is whole");
            let parts = run(&caching, component, &options);
            assert!(kept() > 2, "it is in parts");
            let uncached = run(&sandbox(), component, &options);
            let again = run(&caching, component, &options);
            let json = serde_json::to_value(&whole.verdict).unwrap();
            assert_eq!(json["verdict"], *ending, "{argument}");
            assert_eq!(parts.verdict, whole.verdict, "{argument} by {engine:?}");
            assert_eq!(uncached.verdict, whole.verdict, "{argument} by {engine:?}, without a cache");
            assert_eq!(again.verdict, whole.verdict, "{argument} by {engine:?}, from the cache");
        }
    }
}

/// One module that Winch lacks something for, and all is Cranelift's: what Winch had made of the others would be for nothing.
#[test]
fn nothing_is_compiled_by_winch_if_one_module_does_not_fit() {
    let component = r#"(component
        (core module $plain (func (export "f") (result i32) i32.const 0))
        (core module $tail (import "" "f" (func $f (result i32))) (func (export "run") (result i32) return_call $f))
        (core instance $plain (instantiate $plain))
        (core instance $tail (instantiate $tail (with "" (instance $plain))))
        (func $run (result (result)) (canon lift (core func $tail "run")))
        (instance $command (export "run" (func $run)))
        (export "wasi:cli/run@0.2.3" (instance $command)))"#;
    let component = wat::parse_str(component).unwrap();
    let call = "wasi:cli/run@0.2.3#run()".parse().unwrap();
    for task in [Task::Run, Task::Invoke { calls: vec![call] }] {
        let kept = |engine| {
            let folder = tempfile::tempdir().unwrap();
            let sandbox = sandbox().caching(folder.path().join("cache"));
            let options = Options { engine, ..Options::default() };
            let outcome =
                sandbox.run(&sandbox.subject(&component), task.clone(), &options, &mut |_, _| ()).unwrap();
            assert_eq!(outcome.compiler, Some(Compiler::Cranelift), "{outcome:?}");
            let files = std::fs::read_dir(folder.path().join("cache")).unwrap();
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect::<BTreeSet<_>>()
        };
        let mut winch_first = kept(EngineChoice::WinchFirst);
        winch_first.retain(|name| !name.ends_with(".refused"));
        assert_eq!(winch_first, kept(EngineChoice::Cranelift), "{task:?}");
    }
}

/// A folder that others may write to is not used: what lies in it is executed.
#[test]
#[cfg(unix)]
fn a_cache_open_to_others_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(cached(folder.path()).is_empty());
}

/// A call that does not fit is told before anything takes long: nothing is compiled that could run.
#[test]
fn a_call_is_checked_before_the_code_is_compiled() {
    let component = link_fixtures(&["c-middle", "c-leaf"]).unwrap();
    let sandbox = sandbox();
    let invoke = |call: &str| {
        let task = Task::Invoke { calls: vec![call.parse().unwrap()] };
        sandbox.run(&sandbox.subject(&component), task, &Options::default(), &mut |_, _| ()).unwrap()
    };
    for call in ["step#greed(\"world\")", "greet(1)", "greet()"] {
        let outcome = invoke(call);
        assert!(matches!(outcome.verdict, Verdict::Refused { .. }), "{outcome:?}");
        assert_eq!(outcome.compiler, None, "{call}");
    }
    let outcome = invoke("greet(\"world\")");
    assert_eq!((outcome.verdict, outcome.compiler), (Verdict::Returned, Some(Compiler::Cranelift)));
}

/// What a component writes is kept up to the limit; then it has said enough.
#[test]
fn output_has_a_limit() {
    let component = link_fixtures(&["rust-app", "c-leaf"]).unwrap();
    let limits = Limits { output: 20, ..Limits::default() };
    let outcome = run(&sandbox(), &component, &Options { limits, ..Options::default() });
    assert_eq!(outcome.verdict, exceeded(Quantity::Output, 20));
    assert_eq!(outcome.stdout, b"greet: c(world)\nnumb");
}

/// Standard input is what the parent gives, be the component one that reads it or not.
#[test]
fn input_is_given() {
    let component = link_fixtures(&["rust-app", "c-leaf"]).unwrap();
    let stdin = vec![b'x'; 1 << 20];
    let outcome =
        run(&sandbox(), &component, &Options { stdio: Stdio::Captured { stdin }, ..Options::default() });
    assert_eq!(outcome.verdict, Verdict::Exited { status: 0 });
}

/// The compiler's memory is bounded as well as the component's: here it ends while it compiles.
#[test]
fn memory_of_the_process_has_a_limit() {
    let component = link_fixtures(&["rust-app", "js-middle", "c-leaf"]).unwrap();
    let limit = 24 << 20;
    let limits = Limits { process_memory: Some(limit), ..Limits::default() };
    let outcome = run(&sandbox(), &component, &Options { limits, ..Options::default() });
    assert_eq!(outcome.verdict, exceeded(Quantity::ProcessMemory, limit));
    assert_eq!(outcome.compiler, None);
}

/// Memory that the machine does not have is no answer to a component that asks for more: its run is over.
#[test]
fn memory_that_cannot_be_had_ends_the_run() {
    let component = link_fixtures(&["rust-misbehave-app", "rust-stall-leaf"]).unwrap();
    let limit = 100 << 20;
    let limits = Limits { process_memory: Some(limit), linear_memory: None, ..Limits::default() };
    let options = Options { args: vec!["hog".into()], limits, ..Options::default() };
    let outcome = run(&sandbox(), &component, &options);
    assert_eq!(outcome.verdict, exceeded(Quantity::ProcessMemory, limit));
    assert_eq!(outcome.stdout, b"about to hog\n");
}

/// A parent that is killed cannot end its child any more: the system does.
#[test]
#[cfg(target_os = "linux")]
fn a_child_does_not_outlive_its_parent() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio as Pipe};

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("spin.wasm");
    std::fs::write(&file, link_fixtures(&["rust-misbehave-app", "rust-stall-leaf"]).unwrap()).unwrap();
    let mut parent = Command::new(env!("CARGO_BIN_EXE_wcompose-subject"))
        .args(["run", "--no-cache", file.to_str().unwrap(), "--", "spin"])
        .stdout(Pipe::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(parent.stdout.take().unwrap()).lines();
    assert_eq!(stdout.next().unwrap().unwrap(), "about to spin");
    parent.kill().unwrap();
    parent.wait().unwrap();
    // The child held the other end.
    assert!(stdout.next().is_none());
}

/// What a component hands to the host is copied there.
#[test]
fn what_is_handed_to_the_host_has_a_limit() {
    let component = link_fixtures(&["rust-sync-cmd", "rust-sync-provider"]).unwrap();
    let limits = Limits { hostcall_fuel: 4, ..Limits::default() };
    let outcome = run(&sandbox(), &component, &Options { limits, ..Options::default() });
    assert_eq!(outcome.verdict, exceeded(Quantity::HostcallFuel, 4));
}
