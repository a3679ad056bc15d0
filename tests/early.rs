//! Writing begins before all is known of a composition: nobody may notice, unless by the time that it takes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wcompose::{Input, Inputs, InstanceName, Linked, Output, Request, Watcher};
use wcompose_tests::Guest;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wcompose-subject");

/// What a watcher is told.
#[derive(Default)]
struct Witness {
    shown: Mutex<Vec<Vec<u8>>>,
    hashed: AtomicUsize,
    /// How often a thread went on while digests are made.
    going_on: AtomicUsize,
}

impl Watcher for Witness {
    fn hashing(&self) {
        self.going_on.fetch_add(1, Ordering::Relaxed);
    }

    fn made(&self, output: &Output<'_>) {
        self.shown.lock().unwrap().push(output.to_vec());
    }

    fn read<'b>(&self, part: &'b [u8], _: &'b mut Vec<u8>) -> &'b [u8] {
        self.hashed.fetch_add(part.len(), Ordering::Relaxed);
        part
    }
}

/// What was written early is not written again, so the rest has to go on where it ended.
#[test]
fn what_is_shown_early_is_how_the_output_begins() {
    let guests = ["rust-app", "c-middle", "rust-leaf"].map(|name| Guest::fixture(name).unwrap());
    let inputs = guests.iter().map(|guest| Input {
        name: InstanceName::new(guest.name()).unwrap(),
        file: guest.name().into(),
        bytes: guest.content(),
    });
    let inputs = Inputs::new(inputs.collect()).unwrap();
    let witness = Witness::default();
    let linked = wcompose::link_watched(&inputs, &Request::default(), &witness);
    let Linked::Done { output, .. } = linked else { panic!("{:?}", linked.diagnostics()) };
    let (shown, whole) = (witness.shown.into_inner().unwrap(), output.to_vec());
    let bytes = guests.iter().map(|guest| guest.content().len()).sum::<usize>();
    assert_eq!(witness.hashed.into_inner(), bytes, "each file is hashed once");
    assert_eq!(shown.len(), 1);
    assert!(whole.starts_with(&shown[0]) && shown[0].len() < whole.len(), "provenance comes last");
    for from in [0, 1, shown[0].len(), whole.len()] {
        let rest = output.chunks_from(from).collect::<Vec<_>>().concat();
        assert!(rest == whole[from..], "from {from}");
    }
}

/// Who makes way for the thread that hashes should do so once, and not for none.
#[test]
fn only_what_another_thread_hashes_is_told_of() {
    let guest = Guest::fixture("rust-leaf").unwrap();
    let name = InstanceName::new(guest.name()).unwrap();
    let input = Input { name, file: guest.name().into(), bytes: guest.content() };
    let hashed = |threads, omit_provenance, before| {
        let inputs = Inputs::new(vec![input.clone()]).unwrap();
        if before {
            inputs.digests();
        }
        let (witness, request) = (Witness::default(), Request { omit_provenance, ..Request::default() });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let linked = pool.install(|| wcompose::link_watched(&inputs, &request, &witness));
        assert!(matches!(linked, Linked::Done { .. }), "{:?}", linked.diagnostics());
        (witness.going_on.into_inner(), witness.hashed.into_inner())
    };
    let all = input.bytes.len();
    assert_eq!(hashed(2, false, false), (1, all));
    assert_eq!(hashed(1, false, false), (0, all), "there is no other thread");
    assert_eq!(hashed(2, true, false), (0, 0), "there is no provenance");
    assert_eq!(hashed(2, false, true), (0, 0), "digests are there, as where a manifest asks for them");
}

/// Links `module` in a component into a folder in which a composition is already. Gives what the program says, and what is
/// in the folder then.
fn linked(module: &str, options: &[&str]) -> (String, Vec<String>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        r#"(component (core module $m {module}) (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f"))) (export "f" (func $f)))"#
    );
    fs::write(folder.path().join("input.wasm"), wat::parse_str(text).unwrap()).unwrap();
    fs::write(folder.path().join("composed.wasm"), "older").unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["link", "input.wasm"]).args(options).current_dir(folder.path());
    let told = String::from_utf8(command.output().unwrap().stderr).unwrap();
    let mut names = names(folder.path());
    names.sort();
    (told, names, fs::read(folder.path().join("composed.wasm")).unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The verdict on the body of a function comes when the composition is written already.
#[test]
fn a_link_that_fails_late_leaves_what_was_there() {
    let valid = r#"(func (export "f"))"#;
    let invalid = r#"(func (export "f") i32.const 1)"#;
    let (told, names, composed) = linked(invalid, &[]);
    assert!(told.starts_with("error[invalid-component]"), "{told}");
    assert_eq!((names, composed), (vec!["composed.wasm".to_owned(), "input.wasm".into()], b"older".to_vec()));
    let (told, names, composed) = linked(valid, &["--budget", "10B"]);
    assert!(told.starts_with("error[over-budget]"), "{told}");
    assert_eq!((names.len(), composed), (2, b"older".to_vec()));
    let (told, names, composed) = linked(valid, &[]);
    assert!(composed.starts_with(b"\0asm"), "{told}");
    assert_eq!(names.len(), 2);
}
