//! Runs the guests beside the chain: resources that travel, functions at the root of a world, WASI 0.2, and bad
//! endings, which the program's exit codes tell apart.
#![allow(clippy::unwrap_used, reason = "all of it is tests")]

use wcompose_fixtures::Language;
use wcompose_run::{Limits, Options, Quantity, Verdict};
use wcompose_tests::{Ended, Program, is_built, link_fixtures, patient, printed};

#[track_caller]
fn prints(fixtures: &[&str], expected: &str) {
    let composition = link_fixtures(fixtures).unwrap();
    assert_eq!(printed(&composition, &patient()).unwrap(), expected, "{fixtures:?}");
}

/// A safe is made by the vault, lent and given to the broker and back, wrapped, merged, and sent through streams.
#[test]
fn a_resource_travels_through_three_components() {
    prints(
        &["rust-vault-app", "rust-broker", "rust-vault"],
        "lent: alpha [1]\n\
         endorsed: alpha holds 2\n\
         deposited: alpha [1, 2]\n\
         merged: alpha+beta [1, 2, 9]\n\
         closed: x [7]\n\
         closed: y [7]\n\
         closed: z [7]\n\
         closed: alpha+beta [1, 2, 9]\n\
         counted: [0, 1, 2]\n\
         counted: []\n\
         counted: [0, 1]\n",
    );
}

#[test]
fn functions_at_the_root_of_a_world() {
    prints(&["rust-functions-app", "rust-functions"], "add: 42\nshout: HELLO!\n");
}

/// A command of WASI 0.2 over providers in other languages: nothing is asynchronous.
#[test]
fn commands_of_wasi_0_2() {
    for (provider, tag) in [("rust-sync-provider", "rs"), ("js-sync-provider", "js")] {
        let expected = format!("start\n{tag}(cmd)\n499500\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8 4\n");
        prints(&["rust-sync-cmd", provider], &expected);
    }
    prints(
        &["rust-sync-svc-cmd", "rust-sync-lib", "rust-sync-provider"],
        "rs(svc) 10 (6,2,lbl!) Ok(42) Err(\"bad zz\") 7 7\n\
         1,0,o!\n\
         [tag:104:rs(a)][tag:105:rs(b)]\n\
         plain3+<3>+rs(p)\n",
    );
}

#[test]
fn libraries_of_wasi_0_2_in_other_languages() {
    prints(&["rust-sync-one-cmd", "c-sync-user", "rust-sync-provider"], "c:rs(one) 6 6 lbl! 42 bad zz 7 7\n");
    prints(&["rust-sync-one-cmd", "js-sync-user", "js-sync-provider"], "js:js(one) 6 6,lbl! 42 bad zz 7 7\n");
}

/// The same package with async functions: a resource, records, and calls at the same time.
#[test]
fn resources_with_async_methods() {
    prints(
        &["rust-async-main", "rust-async-provider"],
        "rs(m)\n6\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8\n4\nconcurrent rs(A) rs(B)\n",
    );
}

#[test]
fn resources_in_python() {
    if is_built(Language::Python).unwrap() {
        prints(
            &["rust-sync-cmd", "py-sync-provider"],
            "start\npy(cmd)\n499500\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8 4\n",
        );
        prints(
            &["rust-async-main", "py-async-provider"],
            "py(m)\n6\n6,2,lbl! Ok(42) Err(\"bad zz\")\n8 8\n4\nconcurrent py(A) py(B)\n",
        );
    }
}

/// How each ending looks from outside: what the guest said, the exit code of `run`, and what is said of the rest.
const ENDINGS: [(&str, Option<i32>, &str); 7] = [
    ("nothing", Some(0), ""),
    ("fail", Some(1), ""),
    ("exit-7", Some(7), ""),
    ("trap", Some(4), "wasm `unreachable` instruction executed"),
    ("deadlock", Some(4), "deadlocked: every task waits"),
    ("stall", Some(4), "deadlocked: every task waits"),
    ("spin", Some(4), "was still running after 2s, the limit set by --timeout"),
];

/// `run` passes the guest's own status on and has one code of its own; for `link --run` every failure is that one.
#[test]
fn endings_have_exit_codes() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["rust-misbehave-app", "rust-stall-leaf"] {
        let file = wcompose_fixtures::fixture(name).unwrap();
        std::fs::copy(file, directory.path().join(name).with_extension("wasm")).unwrap();
    }
    let program = Program::new(env!("CARGO_BIN_EXE_wcompose-subject"));
    let call = |line: &str| -> Ended {
        let arguments = line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        program.call(directory.path(), &arguments).unwrap()
    };
    for (mode, code, message) in ENDINGS {
        // Only what never ends is worth a short limit.
        let limit = if mode == "spin" { "2s" } else { "600s" };
        let linked = call(&format!(
            "link rust-misbehave-app.wasm rust-stall-leaf.wasm -o out.wasm --run --timeout {limit} -- {mode}"
        ));
        let ran = call(&format!("run out.wasm --timeout {limit} -- {mode}"));
        let failed = if code == Some(0) { Some(0) } else { Some(4) };
        assert_eq!((ran.code, linked.code), (code, failed), "{mode}: {}{}", ran.stderr, linked.stderr);
        for ended in [ran, linked] {
            let stdout = String::from_utf8_lossy(&ended.stdout).into_owned();
            assert!(stdout.starts_with(&format!("about to {mode}\n")), "{mode}: {stdout}");
            assert!(ended.stderr.contains(message), "{mode}: {}", ended.stderr);
        }
    }
}

/// A guest that takes all memory it can get is stopped by the limit, not by the machine.
#[test]
fn memory_ends_at_the_limit() {
    let composition = link_fixtures(&["rust-misbehave-app", "rust-stall-leaf"]).unwrap();
    let limit = 64 << 20;
    let limits = Limits { linear_memory: Some(limit), ..patient().limits };
    let options = Options { args: vec!["hog".into()], limits, ..patient() };
    let outcome = wcompose_run::run(&composition, &options).unwrap();
    let exceeded = Verdict::Exceeded { quantity: Quantity::LinearMemory, limit };
    assert_eq!(outcome.verdict, exceeded);
    assert_eq!(outcome.stdout, b"about to hog\n");
}
