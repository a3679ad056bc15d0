//! `wasi:cli@0.3` with the calls that open standard streams noted; all else is wasmtime's own.

use crate::state::State;
use wasmtime::AsContextMut;
use wasmtime::component::{Access, FutureReader, HasData, Linker, StreamReader};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::p3::bindings::cli::types::ErrorCode;
use wasmtime_wasi::p3::bindings::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr,
    terminal_stdin, terminal_stdout,
};

/// Adds `wasi:cli@0.3`.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    stdin::add_to_linker::<_, Noted>(linker, noted)?;
    stdout::add_to_linker::<_, Noted>(linker, noted)?;
    stderr::add_to_linker::<_, Noted>(linker, noted)?;
    exit::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    environment::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_input::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_output::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_stdin::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_stdout::add_to_linker::<_, WasiCli>(linker, State::cli)?;
    terminal_stderr::add_to_linker::<_, WasiCli>(linker, State::cli)
}

/// The whole state: a call is noted in it and then passed on.
struct Noted;

impl HasData for Noted {
    type Data<'a> = &'a mut State;
}

fn noted(state: &mut State) -> &mut State {
    state
}

type Ended = FutureReader<Result<(), ErrorCode>>;

impl stdin::Host for &mut State {}
impl stdout::Host for &mut State {}
impl stderr::Host for &mut State {}

impl stdin::HostWithStore<State> for Noted {
    fn read_via_stream(mut store: Access<State, Self>) -> wasmtime::Result<(StreamReader<u8>, Ended)> {
        State::note(&mut store, "wasi:cli/stdin#read-via-stream");
        <WasiCli as stdin::HostWithStore<State>>::read_via_stream(cli(&mut store))
    }
}

impl stdout::HostWithStore<State> for Noted {
    fn write_via_stream(
        mut store: Access<'_, State, Self>,
        data: StreamReader<u8>,
    ) -> wasmtime::Result<Ended> {
        State::note(&mut store, "wasi:cli/stdout#write-via-stream");
        <WasiCli as stdout::HostWithStore<State>>::write_via_stream(cli(&mut store), data)
    }
}

impl stderr::HostWithStore<State> for Noted {
    fn write_via_stream(
        mut store: Access<'_, State, Self>,
        data: StreamReader<u8>,
    ) -> wasmtime::Result<Ended> {
        State::note(&mut store, "wasi:cli/stderr#write-via-stream");
        <WasiCli as stderr::HostWithStore<State>>::write_via_stream(cli(&mut store), data)
    }
}

fn cli<'a>(store: &'a mut Access<'_, State, Noted>) -> Access<'a, State, WasiCli> {
    Access::new(store.as_context_mut(), |state| state.cli())
}
