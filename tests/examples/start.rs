//! Measures how long a large composition takes from the start of the program to its end: compiled for the first time, the second
//! time, and after each of its inputs has changed. Writes `docs/sandbox-times.md`:
//!
//! ```text
//! cargo fixtures install && cargo fixtures build python
//! cargo build -p wcompose-run --example wasmtime_run
//! cargo run -p wcompose-tests --example start
//! ```
//!
//! It is the program under test as well, when it is given arguments.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Chunk, Parser, Payload};
use wcompose::Request;
use wcompose_tests::{Guest, link, machine};

/// The inputs, in their order.
const CHAIN: [&str; 6] = ["rust-app", "c-middle", "rust-middle", "py-middle", "js-middle", "py-leaf"];

/// What the chain prints first.
const LINE: &str = "greet: c(rust(python(js(python(world)))))\n";

/// The file of the composition, and a suite that runs it.
const FILE: &str = "chain.wasm";
const SUITE: &str = "[[case]]\nname = \"chain\"\nrun = []\ntimeout = \"60s\"\nstdout-contains = [\"greet: c(rust(python(js(python(world)))))\"]\n";

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return wcompose_cli::main();
    }
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A folder with the composition, and the caches of the ways to run it.
struct Place {
    folder: tempfile::TempDir,
    program: std::path::PathBuf,
}

impl Place {
    fn put(&self, component: &[u8]) -> Result<()> {
        Ok(std::fs::write(self.folder.path().join(FILE), component)?)
    }

    /// How long `wcompose` with these words takes; it must succeed. Each `cache` is one of its own.
    fn wcompose(&self, words: &str, cache: &str) -> Result<Duration> {
        let mut command = Command::new(&self.program);
        command.args(words.split(' ')).env("XDG_CACHE_HOME", self.folder.path().join(cache));
        self.timed(command)
    }

    fn timed(&self, mut command: Command) -> Result<Duration> {
        let began = Instant::now();
        let output = command.current_dir(self.folder.path()).output()?;
        let took = began.elapsed();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let good = stdout.starts_with(LINE) || stderr.contains("1 passed");
        ensure!(output.status.success() && good, "{command:?}: {stdout}{stderr}");
        Ok(took)
    }

    /// The time of `wcompose run`, with Cranelift, and of `wcompose test` with the one case, with Winch.
    fn both(&self) -> Result<[Duration; 2]> {
        Ok([
            self.wcompose("run --compile-timeout 5m chain.wasm", "run")?,
            self.wcompose("test --compile-timeout 5m suite.toml chain.wasm", "test")?,
        ])
    }
}

fn measure() -> Result<()> {
    let guests = CHAIN.iter().map(|name| Guest::fixture(name)).collect::<Result<Vec<_>>>()?;
    let place = Place { folder: tempfile::tempdir()?, program: std::env::current_exe()? };
    std::fs::write(place.folder.path().join("suite.toml"), SUITE)?;
    let component = link(&guests, &Request::default())?;
    place.put(&component)?;
    let sizes = [guests.iter().map(|guest| guest.content().len()).sum(), component.len()];

    let wasmtime = place.program.with_file_name("wasmtime_run");
    let mut command = Command::new(&wasmtime);
    command.arg(FILE);
    let wasmtime = place.timed(command).with_context(|| wasmtime.display().to_string())?;
    let mut rows = String::new();
    let mut row = |what: &str, [run, test]: [Duration; 2], wasmtime: &str| {
        println!("{what}: {run:.2?}, {test:.2?}");
        let (run, test) = (run.as_secs_f64(), test.as_secs_f64());
        writeln!(rows, "| {what} | {run:.2} s | {test:.2} s | {wasmtime} |")
    };
    let wasmtime = format!("{:.2} s", wasmtime.as_secs_f64());
    row("nothing is kept yet", place.both()?, &wasmtime)?;
    let cached = [place.both()?, place.both()?, place.both()?];
    let median = |way: usize| {
        let mut times = cached.map(|times| times[way]);
        times.sort();
        times[1]
    };
    row("all is kept", [median(0), median(1)], "the same")?;
    for (number, name) in CHAIN.iter().enumerate() {
        let mut guests = guests.clone();
        guests[number] = Guest::bytes(name, &touched(guests[number].content())?);
        place.put(&link(&guests, &Request::default())?)?;
        let size = megabytes(guests[number].content().len());
        row(&format!("`{name}` has changed ({size})"), place.both()?, "the same")?;
    }
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sandbox-times.md");
    std::fs::write(document, head(sizes)? + &rows)?;
    Ok(())
}

fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The component with another content of each core module in it, but for those of nested components: one more custom section at
/// the end.
fn touched(component: &[u8]) -> Result<Vec<u8>> {
    const SECTION: &[u8] = b"\0\x05\x04test";
    const MODULE: u8 = 1;
    let (mut parser, mut rest, mut touched) = (Parser::new(0), component, Vec::new());
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else { bail!("it ends early") };
        let (section, behind) = rest.split_at(consumed);
        rest = behind;
        let content = match &payload {
            Payload::ModuleSection { unchecked_range, .. }
            | Payload::ComponentSection { unchecked_range, .. } => unchecked_range.len(),
            _ => 0,
        };
        let (content, behind) = rest.split_at(content);
        rest = behind;
        match payload {
            Payload::End(_) => return Ok(touched),
            Payload::ModuleSection { .. } => {
                touched.push(MODULE);
                touched.extend(leb128(content.len() + SECTION.len()));
                touched.extend([content, SECTION].concat());
            }
            _ => touched.extend([section, content].concat()),
        }
    }
}

/// A number in LEB128.
fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// What stands above the rows.
fn head([inputs, composition]: [usize; 2]) -> Result<String> {
    Ok(format!(
        "# Times of the sandbox

How long a large composition takes from the start of the program to its end, measured by `cargo run -p wcompose-tests --example start`, which writes
this page and says in its source what it needs. The composition is {}: {} of inputs, {} linked. `run` compiles with Cranelift, `test` with Winch. An
input has changed if all core modules in it are others than before; a change of a line of Python leaves most of the interpreter's as they are.

The last column is what `wasmtime run` does, by the crate of the same release with its defaults (`cli/run/examples/wasmtime_run.rs`). It keeps nothing, so
each run takes as long as the first; with `-C cache` it would keep the whole, and compile all of it again after any change.

{}

| what | `wcompose run` | `wcompose test` | `wasmtime run` |
| --- | --- | --- | --- |
",
        CHAIN.map(|name| format!("`{name}`")).join(", "),
        megabytes(inputs),
        megabytes(composition),
        machine()?
    ))
}
