//! The calls of the host that a component may wait for after them, noted and then passed on: those that open standard
//! streams (`wasi:cli@0.3`) and that send HTTP requests (`wasi:http@0.3`). Timers are in `clock`.

use crate::state::State;
use wasmtime::AsContextMut;
use wasmtime::component::{Access, Accessor, FutureReader, HasData, Linker, Resource, StreamReader};
use wasmtime_wasi::TrappableError;
use wasmtime_wasi::cli::{WasiCli, WasiCliCtxView, WasiCliView};
use wasmtime_wasi::p3::bindings::cli;
use wasmtime_wasi::p3::bindings::cli::{environment, exit, stderr, stdin, stdout};
use wasmtime_wasi::p3::bindings::cli::{
    terminal_input, terminal_output, terminal_stderr, terminal_stdin, terminal_stdout,
};
use wasmtime_wasi_http::p3::bindings::http::{client, types};
use wasmtime_wasi_http::p3::{Request, Response};
use wasmtime_wasi_http::{WasiHttp, WasiHttpCtxView, WasiHttpView};

/// Adds `wasi:cli@0.3` and `wasi:http@0.3`.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    stdin::add_to_linker::<_, NotedCli>(linker, State::cli)?;
    stdout::add_to_linker::<_, NotedCli>(linker, State::cli)?;
    stderr::add_to_linker::<_, NotedCli>(linker, State::cli)?;
    exit::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    environment::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_input::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_output::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_stdin::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_stdout::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_stderr::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    client::add_to_linker::<_, NotedHttp>(linker, State::http)?;
    types::add_to_linker::<_, WasiHttp>(linker, State::http)
}

struct NotedCli;

impl HasData for NotedCli {
    type Data<'a> = WasiCliCtxView<'a>;
}

type Ended = FutureReader<Result<(), cli::types::ErrorCode>>;

impl stdin::HostWithStore<State> for NotedCli {
    fn read_via_stream(mut store: Access<State, Self>) -> wasmtime::Result<(StreamReader<u8>, Ended)> {
        State::note(&mut store, "wasi:cli/stdin#read-via-stream");
        <WasiCli as stdin::HostWithStore<State>>::read_via_stream(passed_on(&mut store))
    }
}

impl stdout::HostWithStore<State> for NotedCli {
    fn write_via_stream(mut store: Access<State, Self>, data: StreamReader<u8>) -> wasmtime::Result<Ended> {
        State::note(&mut store, "wasi:cli/stdout#write-via-stream");
        <WasiCli as stdout::HostWithStore<State>>::write_via_stream(passed_on(&mut store), data)
    }
}

impl stderr::HostWithStore<State> for NotedCli {
    fn write_via_stream(mut store: Access<State, Self>, data: StreamReader<u8>) -> wasmtime::Result<Ended> {
        State::note(&mut store, "wasi:cli/stderr#write-via-stream");
        <WasiCli as stderr::HostWithStore<State>>::write_via_stream(passed_on(&mut store), data)
    }
}

fn passed_on<'a>(store: &'a mut Access<'_, State, NotedCli>) -> Access<'a, State, WasiCli> {
    Access::new(store.as_context_mut(), |state| state.cli())
}

struct NotedHttp;

impl HasData for NotedHttp {
    type Data<'a> = WasiHttpCtxView<'a>;
}

impl client::HostWithStore<State> for NotedHttp {
    async fn send(
        store: &Accessor<State, Self>,
        request: Resource<Request>,
    ) -> Result<Resource<Response>, TrappableError<types::ErrorCode>> {
        store.with(|access| State::note(access, "wasi:http/client#send"));
        let store = store.with_getter::<WasiHttp>(|state| state.http());
        <WasiHttp as client::HostWithStore<State>>::send(&store, request).await
    }
}
