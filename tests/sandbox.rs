//! What the sandbox promises whatever a component does: a verdict, and nothing left behind. The verdicts of single
//! programs are in the cases and in `hostile`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::path::{Path, PathBuf};

use wcompose_run::{
    Compiler, EngineChoice, Limits, Options, Outcome, Quantity, Sandbox, Stdio, Task, Verdict,
};
use wcompose_tests::link_fixtures;

fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_wcompose-subject").into())
}

fn run(sandbox: &Sandbox, component: &[u8], options: &Options) -> Outcome {
    sandbox.run(component, Task::Run, options, &mut |_, _| ()).unwrap()
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

/// Runs the chain of two with `folder` as the cache. The files there, with their sizes.
fn cached(folder: &Path) -> Vec<(PathBuf, u64)> {
    let component = link_fixtures(&["rust-app", "c-leaf"]).unwrap();
    let options = Options { engine: EngineChoice::WinchFirst, ..Options::default() };
    let outcome = run(&sandbox().caching(folder.to_owned()), &component, &options);
    assert_eq!(outcome.verdict, Verdict::Exited { status: 0 });
    assert_eq!(outcome.compiler, Some(Compiler::Winch));
    assert!(outcome.stdout.starts_with(b"greet: c(world)\n"), "{outcome:?}");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        (entry.path(), entry.metadata().unwrap().len())
    });
    files.collect()
}

/// Whatever lies in the cache, the component runs, and what should lie there is put there again.
#[test]
fn the_cache_is_not_trusted_blindly() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("cache");
    let kept = cached(&folder);
    let [(path, size)] = &kept[..] else { panic!("one file: {kept:?}") };
    let whole = std::fs::read(path).unwrap();
    assert_eq!(cached(&folder), kept);

    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for spoilt in [&[][..], b"short", &whole[..whole.len() / 2], &whole[..whole.len() - 1], &changed] {
        std::fs::write(path, spoilt).unwrap();
        assert_eq!(cached(&folder), [(path.clone(), *size)]);
        assert!(std::fs::read(path).unwrap() == whole, "it is written anew");
    }
}

/// A folder that others may write to is not used: what lies in it is executed.
#[test]
#[cfg(unix)]
fn a_cache_open_to_others_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(cached(folder.path()), []);
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
