//! What `wasmtime compile` of the release that is built here does with a component, with wasmtime's own defaults: all of it at
//! once, by the compiler that is named. The output goes nowhere. `docs/benchmarks.md` says how long that takes.
#![allow(clippy::print_stderr, reason = "it is a program")]

use std::process::ExitCode;
use wasmtime::{Config, Engine, Result, Strategy, format_err};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let [compiler, file] = &arguments[..] else { return Err(format_err!("COMPILER FILE")) };
    let strategy = match compiler.as_str() {
        "cranelift" => Strategy::Cranelift,
        "winch" => Strategy::Winch,
        _ => return Err(format_err!("a compiler is `cranelift` or `winch`")),
    };
    let engine = Engine::new(Config::new().strategy(strategy))?;
    engine.precompile_component(&std::fs::read(file)?)?;
    Ok(())
}
