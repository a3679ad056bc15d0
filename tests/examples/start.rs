//! Measures how long a large composition takes from the start of the program to its end: compiled for the first time, the second
//! time, and after each of its inputs has changed. Writes `docs/sandbox-times.md`:
//!
//! ```text
//! cargo run -p wcompose-tests --example start
//! ```
//!
//! It builds what it compares with, and needs the guests in Python: `cargo fixtures install && cargo fixtures build python`. It is
//! the program under test as well, when it is given arguments.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use wasm_encoder::reencode::{Error, Reencode, ReencodeComponent, utils};
use wasm_encoder::{Component, TypeSection, ValType};
use wasmparser::{Parser, TypeSectionReader};
use wcompose::Request;
use wcompose_tests::{Guest, link, machine};

/// A composition, and what it prints first.
struct Chain {
    inputs: &'static [&'static str],
    line: &'static str,
    /// What is said above its figures.
    about: &'static str,
}

const CHAINS: [Chain; 2] = [
    Chain {
        inputs: &["rust-app", "c-middle", "rust-middle", "py-middle", "js-middle", "py-leaf"],
        line: "greet: c(rust(python(js(python(world)))))",
        about: "`run` compiles with Cranelift. So does `test` here, because Winch does not take the tail calls in the engine of `js-middle`.",
    },
    Chain {
        inputs: &["rust-app", "c-middle", "rust-middle", "py-middle", "py-leaf"],
        line: "greet: c(rust(python(python(world))))",
        about: "Without JavaScript, `test` compiles with Winch.",
    },
];

/// The file of the composition.
const FILE: &str = "chain.wasm";

impl Chain {
    /// A suite that runs it.
    fn suite(&self) -> String {
        let line = self.line;
        format!("[[case]]\nname = \"chain\"\nrun = []\ntimeout = \"60s\"\nstdout-contains = [\"{line}\"]\n")
    }
}

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

/// A folder with a composition, and the caches of the ways to run it.
struct Place<'c> {
    chain: &'c Chain,
    folder: tempfile::TempDir,
    program: std::path::PathBuf,
}

impl Place<'_> {
    fn of(chain: &Chain) -> Result<Place<'_>> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("suite.toml"), chain.suite())?;
        Ok(Place { chain, folder, program: std::env::current_exe()? })
    }

    fn put(&self, component: &[u8]) -> Result<()> {
        Ok(std::fs::write(self.folder.path().join(FILE), component)?)
    }

    /// How long `wcompose` with these words takes; it must succeed. Each `cache` is one of its own.
    fn wcompose(&self, words: &str, cache: &str) -> Result<Duration> {
        let mut command = Command::new(&self.program);
        command.args(words.split(' ')).env("XDG_CACHE_HOME", self.folder.path().join(cache));
        self.timed(command)
    }

    /// How long the example of `cli/run` takes that does what `wasmtime run` does. It is built here, with the packages of a test
    /// run, so that nothing is built with other features.
    fn wasmtime(&self) -> Result<Duration> {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", "wasmtime_run"]);
        build.args(
            ["wcompose-tests", "wcompose-cli", "wcompose-run"].map(|package| format!("--package={package}")),
        );
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        ensure!(build.status()?.success(), "{build:?}");
        let mut command = Command::new(self.program.with_file_name("wasmtime_run"));
        command.arg(FILE);
        self.timed(command)
    }

    fn timed(&self, mut command: Command) -> Result<Duration> {
        let began = Instant::now();
        let output = command.current_dir(self.folder.path()).output()?;
        let took = began.elapsed();
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let good = stdout.starts_with(self.chain.line) || stderr.contains("1 passed");
        ensure!(output.status.success() && good, "{command:?}: {stdout}{stderr}");
        Ok(took)
    }

    /// The time of `wcompose run`, and of `wcompose test` with the one case.
    fn both(&self) -> Result<[Duration; 2]> {
        Ok([
            self.wcompose("run --compile-timeout 5m chain.wasm", "run")?,
            self.wcompose("test --compile-timeout 5m suite.toml chain.wasm", "test")?,
        ])
    }
}

fn measure() -> Result<()> {
    let tables = CHAINS.iter().map(table).collect::<Result<String>>()?;
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sandbox-times.md");
    Ok(std::fs::write(document, head()? + &tables)?)
}

/// The figures of one composition.
fn table(chain: &Chain) -> Result<String> {
    let guests = chain.inputs.iter().map(|name| Guest::fixture(name)).collect::<Result<Vec<_>>>()?;
    let place = Place::of(chain)?;
    let component = link(&guests, &Request::default())?;
    place.put(&component)?;

    let mut rows = String::new();
    let mut row = |what: &str, [run, test]: [Duration; 2], wasmtime: &str| {
        println!("{what}: {run:.2?}, {test:.2?}");
        let (run, test) = (run.as_secs_f64(), test.as_secs_f64());
        writeln!(rows, "| {what} | {run:.2} s | {test:.2} s | {wasmtime} |")
    };
    let wasmtime = format!("{:.2} s", place.wasmtime()?.as_secs_f64());
    row("nothing is kept yet", place.both()?, &wasmtime)?;
    let cached = [place.both()?, place.both()?, place.both()?];
    let median = |way: usize| {
        let mut times = cached.map(|times| times[way]);
        times.sort();
        times[1]
    };
    row("all is kept", [median(0), median(1)], "the same")?;
    for (number, name) in chain.inputs.iter().enumerate() {
        let mut guests = guests.clone();
        guests[number] = Guest::bytes(name, &touched(guests[number].content(), number)?);
        place.put(&link(&guests, &Request::default())?)?;
        let size = megabytes(guests[number].content().len());
        row(&format!("`{name}` has changed ({size})"), place.both()?, "the same")?;
    }
    Ok(format!(
        "\n## {}\n\n{} of inputs, {} linked. {}\n\n| what | `wcompose run` | `wcompose test` | `wasmtime run` |\n| --- | --- | --- | --- |\n{rows}",
        chain.inputs.join(", "),
        megabytes(guests.iter().map(|guest| guest.content().len()).sum()),
        megabytes(component.len()),
        chain.about,
    ))
}

fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// The component with one more type in each core module that has types, which nothing uses: as large a change as there can be, for
/// what compiles by module. Its number makes it another change than that of the input before.
fn touched(component: &[u8], number: usize) -> Result<Vec<u8>> {
    let mut touched = Component::new();
    Touch { number }.parse_component(&mut touched, Parser::new(0), component)?;
    Ok(touched.finish())
}

struct Touch {
    number: usize,
}

impl Reencode for Touch {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> std::result::Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function(vec![ValType::I32; self.number], []);
        Ok(())
    }
}

impl ReencodeComponent for Touch {}

/// What stands above the tables.
fn head() -> Result<String> {
    Ok(format!(
        "# Times of the sandbox

How long a large composition takes from the start of the program to its end, measured by `cargo run -p wcompose-tests --example start`, which writes
this page and needs the guests in Python. An input has changed if all core modules in it are others than before. That is the most that can change: a
change of a line of Python leaves most of the interpreter's modules as they are.

The last column is what `wasmtime run` does, by the crate of the same release with its defaults (`cli/run/examples/wasmtime_run.rs`). It keeps nothing, so
each run takes as long as the first; with `-C cache` it would keep the whole, and compile all of it again after any change.

{}
",
        machine()?
    ))
}
