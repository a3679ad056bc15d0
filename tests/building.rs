//! wcompose in a build: make and ninja link again when, and only when, something changed that the composition is made of.
#![allow(clippy::unwrap_used, clippy::panic, reason = "all of it is tests")]

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_wcompose-subject");

/// The files of a composition, with names that make life hard, and what is copied to them.
const FILES: [(&str, &str); 4] = [
    ("the app.wasm", "fixtures/prebuilt/rust-app.wasm"),
    ("zig#1.wasm", "fixtures/prebuilt/zig-middle.wasm"),
    ("c$leaf:1.wasm", "fixtures/prebuilt/c-leaf.wasm"),
    ("wit/world.wit", ""),
];

/// A world in a folder; that it is read is all that counts.
const WORLD: &str = "package demo:outer; world command { }";

/// A build in a folder of its own, by a program that reads depfiles.
struct Build {
    folder: tempfile::TempDir,
    program: PathBuf,
}

impl Build {
    /// `file` says how to build, with `LINK` for the command that links.
    fn new(program: &Path, file: &str, text: &str) -> Build {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("bin")).unwrap();
        fs::create_dir_all(at("wit")).unwrap();
        symlink(PROGRAM, at("bin/wcompose")).unwrap();
        for (name, source) in FILES {
            match source {
                "" => fs::write(at(name), WORLD).unwrap(),
                source => drop(fs::copy(root().join(source), at(name)).unwrap()),
            }
        }
        // `make` and the shell each take one `$` for themselves.
        let link = "wcompose link 'app=the app.wasm' 'middle=zig#1.wasm' 'leaf=c$$leaf:1.wasm' --allow-unused --world wit --root app";
        fs::write(at(file), text.replace("LINK", link)).unwrap();
        let build = Build { folder, program: program.to_owned() };
        FILES.iter().for_each(|(name, _)| build.age(name, 3600));
        build.age(file, 3600);
        build
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a file as old as that, in seconds. Tests do not wait for a clock to go on.
    fn age(&self, name: &str, seconds: u64) {
        let time = SystemTime::now() - Duration::from_secs(seconds);
        File::options().append(true).open(self.at(name)).unwrap().set_modified(time).unwrap();
    }

    /// Builds, and says whether that linked.
    fn links(&self) -> bool {
        let path = format!("{}:{}", self.at("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(&self.program);
        // What a developer's own `make` passes on is none of this one's business.
        command.env("PATH", path).env_remove("MAKEFLAGS").env_remove("MAKELEVEL");
        let output = command.current_dir(self.folder.path()).output().unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        text.contains("wcompose link")
    }

    /// A build after which nothing is to do; then one for each file that changes, and for it alone.
    fn follows_its_files(&self) {
        assert!(self.links(), "there was nothing yet");
        for (name, _) in FILES {
            self.age("out.wasm", 60);
            assert!(!self.links(), "nothing changed before {name}");
            self.age(name, 0);
            assert!(self.links(), "{name} changed");
            self.age(name, 3600);
        }
        self.age("out.wasm", 60);
        assert!(!self.links(), "nothing changed any more");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The block of docs/ci.md for a program, with other names in it: what users copy is what is tested.
fn documented(language: &str, replaced: [(&str, &str); 2]) -> String {
    let page = fs::read_to_string(root().join("docs/ci.md")).unwrap();
    let start = page.split(&format!("```{language}\n")).nth(1).unwrap();
    let text = start.split("```").next().unwrap().to_owned();
    replaced.into_iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{text}");
        text.replace(from, to)
    })
}

#[test]
fn make_links_again_when_a_file_changed() {
    let text = documented("make", [("wcompose link app.wasm leaf.wasm", "LINK"), ("app.wasm leaf.wasm", "")]);
    Build::new(Path::new("make"), "Makefile", &text).follows_its_files();
}

/// An input that is gone is wcompose's to explain; make alone would only say that it has no rule for it.
#[test]
fn make_asks_wcompose_about_a_file_that_is_gone() {
    let text = documented("make", [("wcompose link app.wasm leaf.wasm", "LINK"), ("app.wasm leaf.wasm", "")]);
    let build = Build::new(Path::new("make"), "Makefile", &text);
    assert!(build.links());
    fs::remove_file(build.at(FILES[1].0)).unwrap();
    let path = format!("{}:{}", build.at("bin").display(), std::env::var("PATH").unwrap());
    let output = Command::new("make").env("PATH", path).current_dir(build.folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("cannot read `zig#1.wasm`: there is no such file"), "{text}");
    assert!(build.at("out.wasm").exists(), "what was there stays");
}

#[test]
fn ninja_links_again_when_a_file_changed() {
    let Some(ninja) = ninja() else {
        let message = "ninja: neither on PATH nor in target/tools (pip install ninja)";
        assert!(!required(), "{message}");
        // Not `println!`, which test harnesses keep to themselves: what is left out must be seen.
        writeln!(std::io::stdout(), "skip {message}").unwrap();
        return;
    };
    let text =
        documented("ninja", [("wcompose link app.wasm leaf.wasm", "LINK"), ("app.wasm leaf.wasm", "")]);
    Build::new(&ninja, "build.ninja", &text).follows_its_files();
}

/// What a build system records of an output must be true of it: the digests are compared with those of another program.
#[test]
fn metadata_is_valid_and_true() {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in [("app.wasm", FILES[0].1), ("leaf.wasm", FILES[2].1)] {
        fs::copy(root().join(source), folder.path().join(name)).unwrap();
    }
    for (output, more) in [("out.wasm", None), ("out.wat", Some("--wat"))] {
        let mut command = Command::new(PROGRAM);
        command
            .args(["link", "app.wasm", "leaf.wasm", "-o", output, "--metadata-file", "out.json"])
            .args(more);
        assert!(command.current_dir(folder.path()).status().unwrap().success());
        let read = |path: PathBuf| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
        let metadata = read(folder.path().join("out.json"));
        let schema = read(root().join("docs/metadata.schema.json"));
        let validator = jsonschema::options().build(&schema).unwrap();
        let faults = validator.iter_errors(&metadata).map(|error| error.to_string()).collect::<Vec<_>>();
        assert_eq!(faults, Vec::<String>::new());
        assert!(!validator.is_valid(&serde_json::json!({ "version": 1 })), "the schema is applied");
        let inputs = metadata["inputs"].as_array().unwrap();
        assert_eq!(inputs.iter().map(|input| &input["name"]).collect::<Vec<_>>(), ["app", "leaf"]);
        for file in inputs.iter().chain([&metadata["output"]]) {
            let path = folder.path().join(file["file"].as_str().unwrap());
            assert_eq!(file["bytes"], path.metadata().unwrap().len(), "{file}");
            let digest = Command::new("sha256sum").arg(path).output().unwrap().stdout;
            assert!(digest.starts_with(file["sha256"].as_str().unwrap().as_bytes()), "{file}");
        }
        for phase in ["read", "link", "write"] {
            assert!(metadata["seconds"][phase].as_f64().unwrap() > 0.0, "{phase}");
        }
        assert_eq!(metadata["target"]["name"], "wasmtime-48");
    }
}

fn ninja() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = root().join("target/tools/venv/bin");
    let folders = std::env::split_paths(&path).chain([installed]);
    folders.map(|folder| folder.join("ninja")).find(|program| program.is_file())
}

fn required() -> bool {
    std::env::var("WCOMPOSE_REQUIRE").is_ok_and(|names| names.split(',').any(|name| name == "ninja"))
}
