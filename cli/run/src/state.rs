//! What a store holds for the hosts, and the linker that offers them: WASI 0.2 and 0.3, HTTP included.
//! What a component may do with them is decided in `context`.

use crate::clock;
use crate::deadlock::Calls;
use crate::limits::Limits;
use crate::memory::MemoryLimit;
use crate::noted;
use crate::options::Network;
use crate::waits::Waits;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{AsContextMut, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{RequestOptions, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

/// The hosts' side of one store.
pub(crate) struct State {
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) http: WasiHttpCtx,
    pub(crate) outgoing: Outgoing,
    pub(crate) memory: MemoryLimit,
    pub(crate) limits: Limits,
    pub(crate) waits: Waits,
    pub(crate) calls: Calls,
}

/// Offers every host interface. Denial is by what the state grants, not by absence: a denied call fails, it does not
/// keep the component from instantiating.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    noted::add_to_linker(&mut linker)?;
    wasmtime_wasi::p3::filesystem::add_to_linker(&mut linker)?;
    wasmtime_wasi::p3::random::add_to_linker(&mut linker)?;
    wasmtime_wasi::p3::sockets::add_to_linker(&mut linker)?;
    clock::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}

/// A store whose code yields at each tick of the engine, and which is bounded in what it may take.
pub(crate) fn store(engine: &Engine, state: State) -> Store<State> {
    let most = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
    let (handles, fuel) = (most(state.limits.handles), most(state.limits.hostcall_fuel));
    let mut store = Store::new(engine, state);
    store.set_max_component_handles(handles);
    store.set_hostcall_fuel(fuel);
    store.data_mut().table.set_max_capacity(handles);
    if let Some(table) = store.concurrent_resource_table() {
        // A task that is called has up to four entries here, and one handle.
        table.set_max_capacity(handles.saturating_mul(4));
    }
    store.limiter(|state| &mut state.memory);
    store.set_epoch_deadline(1);
    store.epoch_deadline_async_yield_and_update(1);
    store
}

impl State {
    /// Notes that the current task calls `function` of the host.
    pub(crate) fn note(mut store: impl AsContextMut<Data = State>, function: &str) {
        let mut store = store.as_context_mut();
        let task = store.async_call_stack().ok().and_then(|mut tasks| tasks.next());
        store.data().calls.host(task, function);
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outgoing }
    }
}

/// Sends outgoing HTTP requests, or refuses to.
pub(crate) struct Outgoing(pub(crate) Network);

type Sent = wasmtime_wasi_http::Result<(hyper::Response<Body>, Box<dyn Future<Output = Finished> + Send>)>;
type Finished = Result<(), wasmtime_wasi_http::Error>;
type Body = UnsyncBoxBody<Bytes, wasmtime_wasi_http::Error>;

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: hyper::Request<Body>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Finished> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let network = self.0;
        Box::new(async move {
            match network {
                Network::Denied => Err(wasmtime_wasi_http::Error::HttpRequestDenied),
                Network::Inherited => {
                    let (response, io) = wasmtime_wasi_http::default_send_request(request, options).await?;
                    let io: Box<dyn Future<Output = Finished> + Send> = Box::new(io);
                    Ok((response.map(http_body_util::BodyExt::boxed_unsync), io))
                }
            }
        })
    }
}
