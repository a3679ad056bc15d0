//! The programs that are compared: their pinned releases, how they are installed, and how each is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::measure::{Contestant, Measured, alternating};
use crate::work::{Compiler, Place, Work};
use crate::{repository, word};

/// The peers: program, package, release.
const PINS: [(&str, &str, &str); 2] = [("wac", "wac-cli", "0.12.0"), ("wasm-tools", "wasm-tools", "1.263.0")];

/// What the page calls ours with no option.
pub(crate) const OURS: &str = "`wcompose link`";

/// The programs that are there.
pub(crate) struct Tools {
    wcompose: PathBuf,
    wac: PathBuf,
    wasm_tools: PathBuf,
    /// The example of `cli/run` that does what `wasmtime compile` does.
    wasmtime_compile: PathBuf,
}

impl Tools {
    /// Installs the peers below `folder` unless they are there, and builds ours unless `program` is it.
    pub(crate) fn install(folder: &Path, program: Option<&Path>) -> Result<Tools> {
        for (program, package, version) in PINS {
            let there = Command::new(folder.join("bin").join(program)).arg("--version").output();
            let there = there.map(|output| String::from_utf8_lossy(&output.stdout).contains(version));
            if there.unwrap_or(false) {
                continue;
            }
            println!("install {package} {version}");
            let mut install = Command::new("cargo");
            install.args(["install", "--quiet", "--locked", "--force", &format!("{package}@{version}")]);
            install.arg("--root").arg(folder).arg("--target-dir").arg(folder.join("build"));
            run(&mut install)?;
        }
        println!("build what is measured");
        let wcompose = match program {
            Some(program) => program.to_owned(),
            None => build(&["--package=wcompose-cli"], "wcompose")?,
        };
        // With the command, so that the runtime is not built once more with other features.
        let example = ["--package=wcompose-cli", "--package=wcompose-run", "--example=wasmtime_compile"];
        let wasmtime_compile = build(&example, "examples/wasmtime_compile")?;
        let bin = folder.join("bin");
        Ok(Tools { wcompose, wac: bin.join("wac"), wasm_tools: bin.join("wasm-tools"), wasmtime_compile })
    }

    /// What is compared, by name and release.
    pub(crate) fn versions(&self) -> String {
        let peers = PINS.iter().map(|(program, _, version)| format!("{program} {version}"));
        let peers = peers.collect::<Vec<_>>().join(", ");
        format!("wcompose {} against {peers}", env!("CARGO_PKG_VERSION"))
    }

    /// How long each takes to say its version.
    pub(crate) fn start_up(&self, runs: usize) -> Result<Vec<Measured>> {
        let programs = [("wcompose", &self.wcompose), ("wac", &self.wac), ("wasm-tools", &self.wasm_tools)];
        let contestants = programs.map(|(name, program)| Contestant {
            name: format!("`{name} --version`"),
            command: vec![word(program), "--version".into()],
        });
        alternating(&contestants, runs)
    }

    /// All ways to link, and the copy of what ours makes. The first has the rest beside it.
    pub(crate) fn contestants(&self, place: &Place) -> Vec<Contestant> {
        let ours = |name: &str, more: &[&str]| Contestant {
            name: name.into(),
            command: self.link(place, "wcompose.wasm", more),
        };
        let mut wac = vec![word(&self.wac), "compose".into(), "-o".into(), word(place.file("wac.wasm"))];
        for (package, input) in &place.packages {
            wac.extend(["-d".into(), format!("{package}={}", word(input))]);
        }
        wac.push(word(place.file("script.wac")));
        let out = word(place.file("wasm-tools.wasm"));
        let mut wasm_tools = vec![word(&self.wasm_tools), "compose".into(), "-q".into(), "-o".into(), out];
        for input in &place.inputs[1..] {
            wasm_tools.extend(["-d".into(), word(input)]);
        }
        wasm_tools.push(word(&place.inputs[0]));
        let copy = [place.file("wcompose.wasm"), place.file("copy.wasm")].map(word);
        let mut all = vec![
            Contestant { name: "`wac compose`".into(), command: wac },
            ours(OURS, &[]),
            ours("`wcompose link --no-check`", &["--no-check"]),
            Contestant {
                name: "`wcompose link --no-check --no-provenance`".into(),
                command: self.link(place, "bare.wasm", &["--no-check", "--no-provenance"]),
            },
            Contestant {
                name: "`wcompose link --no-dedup`".into(),
                command: self.link(place, "copies.wasm", &["--no-dedup"]),
            },
            Contestant {
                name: "`cp` of the output".into(),
                command: [vec!["cp".into()], copy.to_vec()].concat(),
            },
        ];
        if !place.is_chain {
            // It does not chain middleware.
            all.insert(1, Contestant { name: "`wasm-tools compose`".into(), command: wasm_tools });
        }
        all
    }

    /// The compilers of the runtime, on what was shared and on what was not: by themselves, and in the sandbox.
    pub(crate) fn compilers(&self, work: &Work, place: &Place) -> Result<Vec<Contestant>> {
        let (shared, copies) = ("wcompose.wasm", "copies.wasm");
        for (file, more) in [(shared, &[][..]), (copies, &["--no-dedup"])] {
            let command = self.link(place, file, more);
            run(Command::new(&command[0]).args(&command[1..]))?;
        }
        let alone = |compiler: &Compiler, name: &str, file: &str| Contestant {
            name: format!("{}, {name}", compiler.name()),
            command: vec![
                word(&self.wasmtime_compile),
                compiler.name().to_lowercase(),
                word(place.file(file)),
            ],
        };
        let sandboxed = |compiler: &Compiler, name: &str, more: &[&str]| Contestant {
            name: format!("`wcompose check --compile`: {}, {name}", compiler.name()),
            command: {
                let mut command = vec![word(&self.wcompose), "check".into()];
                command
                    .extend(["-q", "--compile", "--no-cache", "--compile-timeout", "10m"].map(str::to_owned));
                command.extend(["--max-process-memory", "8GiB"].map(str::to_owned));
                command.extend(matches!(compiler, Compiler::Cranelift).then(|| "--optimize".to_owned()));
                command.extend(more.iter().map(|word| (*word).to_owned()));
                command.extend(place.inputs.iter().map(word));
                command
            },
        };
        let all = |compiler: &Compiler| {
            [
                alone(compiler, "`--no-dedup`", copies),
                alone(compiler, "shared", shared),
                sandboxed(compiler, "`--no-dedup`", &["--no-dedup"]),
                sandboxed(compiler, "shared", &[]),
            ]
        };
        Ok(work.compilers.iter().flat_map(all).collect())
    }

    fn link(&self, place: &Place, output: &str, more: &[&str]) -> Vec<String> {
        let mut command =
            vec![word(&self.wcompose), "link".into(), "-q".into(), "-o".into(), word(place.file(output))];
        command.extend(more.iter().map(|word| (*word).to_owned()));
        command.extend(place.inputs.iter().map(word));
        command
    }
}

/// Builds a program of this project, which lies below the folder of releases.
fn build(what: &[&str], program: &str) -> Result<PathBuf> {
    let build = ["build", "--quiet", "--release"];
    run(Command::new("cargo").args(build).args(what).current_dir(repository()))?;
    Ok(repository().join("target/release").join(program))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}
