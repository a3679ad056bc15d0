//! The same inputs and options give the same bytes, wherever and however they are linked.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use wcompose_fixtures::fixture;

/// With Rust's standard library in common, a chain, and imports of the host: much that could come in another order.
const INPUTS: [&str; 4] = ["rust-app", "zig-middle", "as-middle", "c-leaf"];

/// How a link is made.
struct Way {
    /// From where, below the root.
    folder: &'static str,
    /// How the inputs are spelled.
    spelling: fn(&Path, &str) -> String,
    locale: &'static str,
    umask: &'static str,
    zone: &'static str,
    threads: &'static str,
}

fn absolute(root: &Path, name: &str) -> String {
    root.join("in").join(format!("{name}.wasm")).display().to_string()
}

fn relative(_: &Path, name: &str) -> String {
    format!("../in/{name}.wasm")
}

fn roundabout(_: &Path, name: &str) -> String {
    format!("./../in/../in/./{name}.wasm")
}

fn copied(_: &Path, name: &str) -> String {
    format!("../copied into a folder/{name}.wasm")
}

fn ways() -> Vec<Way> {
    let spellings: [fn(&Path, &str) -> String; 4] = [absolute, relative, roundabout, copied];
    let locales = ["C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.SJIS"];
    let zones = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"];
    let umasks = ["022", "077", "000"];
    let threads = ["1", "2", "3", "8"];
    // The lengths have no factor in common with the steps, so that the values meet in all kinds of pairs.
    let way = |index: usize| Way {
        folder: ["here", "there"][index % 2],
        spelling: spellings[index / 2 % 4],
        locale: locales[index % 5],
        umask: umasks[index % 3],
        zone: zones[index / 3 % 4],
        threads: threads[index / 5 % 4],
    };
    (0..100).map(way).collect()
}

impl Way {
    /// Inputs as small as these are linked by one thread if nothing says otherwise.
    fn link(&self) -> Vec<String> {
        ["link", "--jobs", self.threads].map(str::to_owned).into()
    }

    fn command(&self, root: &Path, arguments: &[String]) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-c", "umask \"$0\"; exec \"$@\"", self.umask, env!("CARGO_BIN_EXE_wcompose-subject")])
            .args(arguments)
            .current_dir(root.join(self.folder))
            .env("LC_ALL", self.locale)
            .env("LANG", self.locale)
            .env("TZ", self.zone)
            .env("RAYON_NUM_THREADS", self.threads)
            .env("HOME", root.join(self.folder))
            .env_remove("GITHUB_ACTIONS")
            .stdin(Stdio::null());
        command
    }
}

fn run(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn root() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["here", "there", "in", "copied into a folder"] {
        fs::create_dir(root.path().join(folder)).unwrap();
    }
    for name in INPUTS {
        let bytes = fs::read(fixture(name).unwrap()).unwrap();
        for folder in ["in", "copied into a folder"] {
            fs::write(root.path().join(folder).join(format!("{name}.wasm")), &bytes).unwrap();
        }
    }
    root
}

#[test]
fn a_hundred_ways_give_the_same_bytes() {
    let root = root();
    let root = root.path();
    let mut found = BTreeMap::<Vec<u8>, usize>::new();
    for (index, way) in ways().iter().enumerate() {
        let output = root.join(way.folder).join(format!("{index}.wasm"));
        let mut arguments = way.link();
        arguments.extend(["-o".to_owned(), output.display().to_string()]);
        arguments.extend(INPUTS.iter().map(|name| (way.spelling)(root, name)));
        run(way.command(root, &arguments));
        found.entry(fs::read(output).unwrap()).or_insert(index);
    }
    assert_eq!(found.len(), 1, "ways that gave other bytes than those before: {:?}", found.values());
}

/// The lock is kept in version control and read on other machines: it must not tell one from the other.
#[test]
fn a_manifest_gives_the_same_lock_and_bytes_everywhere() {
    let root = root();
    let root = root.path();
    let components = INPUTS.map(|name| format!("\"in/{name}.wasm\"")).join(", ");
    let manifest = format!("[composition.shop]\ncomponents = [{components}]\noutput = \"shop.wasm\"\n");
    let files: [PathBuf; 2] = ["shop.wasm", "wcompose.lock"].map(|name| root.join(name));
    let mut found = BTreeMap::<[Vec<u8>; 2], usize>::new();
    fs::write(root.join("wcompose.toml"), manifest).unwrap();
    for (index, way) in ways().iter().enumerate().step_by(7) {
        for file in &files {
            let _ = fs::remove_file(file);
        }
        let mut arguments = way.link();
        if index % 2 == 0 {
            arguments.extend(["--manifest".to_owned(), root.join("wcompose.toml").display().to_string()]);
        }
        run(way.command(root, &arguments));
        found.entry(files.each_ref().map(|file| fs::read(file).unwrap())).or_insert(index);
        let verify = ["verify".to_owned(), files[0].display().to_string()];
        run(way.command(root, &verify));
    }
    assert_eq!(found.len(), 1, "ways that gave others than those before: {:?}", found.values());
}
