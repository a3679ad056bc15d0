//! What `wasmtime run FILE` of the release that is built here does with a command of WASI 0.3, with wasmtime's own defaults:
//! compile all of it with Cranelift, keep nothing, run it on this process's streams. `docs/sandbox-times.md` compares with it.
#![allow(clippy::print_stderr, reason = "it is a program")]

use std::process::ExitCode;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Result, Store, format_err};
use wasmtime_wasi::p3::bindings::Command;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool> {
    let file = std::env::args_os().nth(1).ok_or_else(|| format_err!("name a component"))?;
    let engine = Engine::new(&Config::new())?;
    let component = Component::from_file(&engine, file)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    let wasi = WasiCtx::builder().inherit_stdio().build();
    let mut store = Store::new(&engine, State { wasi, table: ResourceTable::new() });
    let command = Command::instantiate_async(&mut store, &component, &linker).await?;
    let ended = store.run_concurrent(async |store| command.wasi_cli_run().call_run(store).await).await??;
    Ok(ended.is_ok())
}
