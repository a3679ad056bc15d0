//! The tables of what the target runtime provides are what the runtime's crates ship, and what its linker really takes.
//!
//! The linker judges host imports by them, without knowing wasmtime; a wrong table would make it lie.
//! `WCOMPOSE_BLESS=1` writes the table.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wcompose_run::{Options, Verdict, run};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, PackageId, Resolve, WorldItem};

/// Everything that the linker of this crate provides, in one package for each track: the file, and the WIT.
const TABLES: [(&str, &str); 2] = [
    (
        "wasmtime-48-p2.wasm",
        "package wcompose:target;
world wasmtime-48-p2 {
  include wasi:cli/imports@0.2.12;
  import wasi:http/types@0.2.12;
  import wasi:http/outgoing-handler@0.2.12;
}
",
    ),
    (
        "wasmtime-48-p3.wasm",
        "package wcompose:target;
world wasmtime-48-p3 {
  include wasi:cli/imports@0.3.0;
  import wasi:http/types@0.3.0;
  import wasi:http/client@0.3.0;
}
",
    ),
];

/// The worlds of WASI, under names of ours: `WASI` in `compose/src/worlds.rs` says which is which.
const WASI_WORLDS: &str = "package wcompose:worlds;
world cli-command-p2 { include wasi:cli/command@0.2.12; }
world cli-command-p3 { include wasi:cli/command@0.3.0; }
world http-proxy-p2 { include wasi:http/proxy@0.2.12; }
world http-service-p3 { include wasi:http/service@0.3.0; }
world http-middleware-p3 { include wasi:http/middleware@0.3.0; }
";

#[test]
fn the_tables_are_what_the_crates_ship() -> Result<()> {
    TABLES.iter().try_for_each(|(file, wit)| kept(file, wit))
}

#[test]
fn the_worlds_of_wasi_are_what_the_crates_ship() -> Result<()> {
    kept("wasi-worlds.wasm", WASI_WORLDS)
}

/// Compares a table with what is made of its WIT, or writes it.
fn kept(file: &str, wit: &str) -> Result<()> {
    let (resolve, package) = shipped(wit)?;
    let made = wit_component::encode(&resolve, package)?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compose/targets").join(file);
    if std::env::var_os("WCOMPOSE_BLESS").is_some() {
        std::fs::write(&path, &made)?;
    }
    let kept = std::fs::read(&path)?;
    ensure!(
        kept == made,
        "compose/targets/{file} is not what the crates ship: see compose/targets/README.md"
    );
    Ok(())
}

#[test]
fn the_linker_provides_each_function() -> Result<()> {
    let mut missing = Vec::new();
    let mut tried = 0;
    for (_, wit) in TABLES {
        let (resolve, package) = shipped(wit)?;
        let world = resolve.select_world(&[package], None)?;
        for (key, item) in &resolve.worlds[world].imports {
            let WorldItem::Interface { id, .. } = item else { continue };
            let name = resolve.name_world_key(key);
            for function in resolve.interfaces[*id].functions.values() {
                let component =
                    probe(&resolve, &name, function).with_context(|| format!("{name}#{}", function.name))?;
                tried += 1;
                let verdict = run(&component, &Options::default())?.verdict;
                if verdict != (Verdict::Exited { status: 0 }) {
                    missing.push(format!("{name}#{}: {verdict:?}", function.name));
                }
            }
        }
    }
    ensure!(missing.is_empty(), "{} of {tried} functions:\n{}", missing.len(), missing.join("\n"));
    ensure!(tried > 200, "only {tried} functions were tried");
    Ok(())
}

/// A package, resolved against the WIT in the crates' sources.
fn shipped(wit: &str) -> Result<(Resolve, PackageId)> {
    let directory = tempfile::tempdir()?;
    let deps = directory.path().join("deps");
    std::fs::create_dir(&deps)?;
    let http = source_of("wasmtime-wasi-http")?;
    for (track, from) in [("0.2", http.join("wit/deps")), ("0.3", http.join("src/p3/wit/deps"))] {
        for entry in std::fs::read_dir(&from).with_context(|| format!("no WIT at {}", from.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            std::fs::copy(&path, deps.join(format!("{track}-{name}")))?;
        }
    }
    std::fs::write(directory.path().join("target.wit"), wit)?;
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(directory.path())?;
    Ok((resolve, package))
}

/// Where cargo keeps the source of a crate that this one depends on.
fn source_of(krate: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Only what this platform needs has been downloaded.
    let version = Command::new(&cargo).arg("-vV").output()?.stdout;
    let version = String::from_utf8(version)?;
    let host =
        version.lines().find_map(|line| line.strip_prefix("host: ")).context("cargo says what it runs on")?;
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    let metadata = serde_json::from_slice::<serde_json::Value>(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    let package = packages.iter().find(|package| package["name"] == krate).context("it is a dependency")?;
    let manifest = Path::new(package["manifest_path"].as_str().context("it has a manifest")?);
    Ok(manifest.parent().context("a manifest lies in a folder")?.to_path_buf())
}

/// A command that imports one function, does not call it, and returns ok.
fn probe(resolve: &Resolve, interface: &str, function: &Function) -> Result<Vec<u8>> {
    let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
    let types = |keyword: &str, types: &[WasmType]| {
        let types = types.iter().map(|ty| match ty {
            WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
            WasmType::I64 | WasmType::PointerOrI64 => "i64",
            WasmType::F32 => "f32",
            WasmType::F64 => "f64",
        });
        types.map(|ty| format!("({keyword} {ty})")).collect::<String>()
    };
    let module = format!(
        r#"(module
            (import "{interface}" "{}" (func {} {}))
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "wasi:cli/run@0.2.12#run") (result i32) (i32.const 0)))"#,
        function.name,
        types("param", &signature.params),
        types("result", &signature.results),
    );
    let mut module = wat::parse_str(module)?;
    let mut resolve = resolve.clone();
    let probe =
        format!("package wcompose:probe; world probe {{ import {interface}; export wasi:cli/run@0.2.12; }}");
    let package = resolve.push_source("probe.wit", &probe)?;
    let world = resolve.select_world(&[package], None)?;
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}
