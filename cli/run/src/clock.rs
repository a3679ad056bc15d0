//! `wasi:clocks/monotonic-clock@0.3` with its timers counted as waits and noted as calls; all else is wasmtime's own clock.

use crate::state::State;
use crate::waits::Waits;
use std::time::Duration;
use wasmtime::component::{Accessor, HasData, Linker};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtxView, WasiClocksView};
use wasmtime_wasi::p3::bindings::clocks::monotonic_clock::{self, Mark};
use wasmtime_wasi::p3::bindings::clocks::{system_clock, types};

/// Adds `wasi:clocks@0.3`.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, WasiClocks>(linker, State::clocks)?;
    system_clock::add_to_linker::<_, WasiClocks>(linker, State::clocks)?;
    monotonic_clock::add_to_linker::<_, CountedClock>(linker, |state| {
        let waits = state.waits.clone();
        CountedClockView { clock: state.clocks(), waits }
    })
}

struct CountedClock;

impl HasData for CountedClock {
    type Data<'a> = CountedClockView<'a>;
}

struct CountedClockView<'a> {
    clock: WasiClocksCtxView<'a>,
    waits: Waits,
}

impl monotonic_clock::Host for CountedClockView<'_> {
    fn now(&mut self) -> wasmtime::Result<Mark> {
        monotonic_clock::Host::now(&mut self.clock)
    }

    fn get_resolution(&mut self) -> wasmtime::Result<types::Duration> {
        monotonic_clock::Host::get_resolution(&mut self.clock)
    }
}

impl monotonic_clock::HostWithStore<State> for CountedClock {
    async fn wait_until(store: &Accessor<State, Self>, when: Mark) -> wasmtime::Result<()> {
        store.with(|access| State::note(access, "wasi:clocks/monotonic-clock#wait-until"));
        let now = store.with(|mut access| monotonic_clock::Host::now(&mut access.get()))?;
        wait(store, when.saturating_sub(now)).await
    }

    async fn wait_for(store: &Accessor<State, Self>, duration: types::Duration) -> wasmtime::Result<()> {
        store.with(|access| State::note(access, "wasi:clocks/monotonic-clock#wait-for"));
        wait(store, duration).await
    }
}

async fn wait(store: &Accessor<State, CountedClock>, duration: types::Duration) -> wasmtime::Result<()> {
    if duration > 0 {
        let _wait = store.with(|mut access| access.get().waits.begin());
        tokio::time::sleep(Duration::from_nanos(duration)).await;
    }
    Ok(())
}
