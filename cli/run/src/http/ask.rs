//! One request to a component without a server: the request and its whole response as data.

use super::hosting;
use crate::compile::Compiled;
use crate::judge;
use crate::limits::Quantity;
use crate::options::Options;
use crate::outcome::{self, HostError, Verdict};
use crate::quiet::{self, Deadlock, Idle};
use crate::session::{self, Ended, Job};
use crate::state::{self, State};
use bytes::Bytes;
use futures::channel::oneshot;
use futures::future::{self, Either};
use http_body_util::{BodyExt, Full};
use hyper::header;
use serde::{Deserialize, Serialize};
use std::pin::pin;
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut, error::format_err};
use wasmtime_wasi_http::handler::{self, Prepared, Proxy};
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpView};

/// Who is asked, unless the request has a `host` header.
const AUTHORITY: &str = "localhost";

/// An HTTP request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET`, `POST`.
    pub method: String,
    /// The path, with the query if there is one.
    pub path: String,
    /// Names and values, in their order. A name may stand several times.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names, in lower case, and values, in their order. What is not UTF-8 is replaced.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    /// Whether HTTP allows such a request.
    ///
    /// # Errors
    ///
    /// What it does not allow.
    pub fn check(&self) -> Result<(), String> {
        self.build().map(|_| ()).map_err(|error| error.to_string())
    }

    fn build(&self) -> Result<hyper::Request<WasiBody>, hyper::http::Error> {
        let host = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(header::HOST.as_str()));
        let authority = host.map_or(AUTHORITY, |(_, host)| host);
        let uri = hyper::Uri::builder().scheme("http").authority(authority).path_and_query(&*self.path);
        let mut builder = hyper::Request::builder().method(&*self.method).uri(uri.build()?);
        if host.is_none() {
            builder = builder.header(header::HOST, AUTHORITY);
        }
        if !self.body.is_empty() {
            builder = builder.header(header::CONTENT_LENGTH, self.body.len());
        }
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        let body = Full::new(Bytes::from(self.body.clone()));
        builder.body(body.map_err(Error::from).boxed_unsync())
    }
}

/// How a request ended and what the component wrote meanwhile.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The response, or how the run ended instead.
    pub response: Result<Response, Verdict>,
    /// What was captured of standard output.
    pub stdout: Vec<u8>,
    /// What was captured of standard error.
    pub stderr: Vec<u8>,
}

/// Gives `request` to an instance of `component`, in the binary format, in this process.
///
/// Returns when the whole response was read, or as [`crate::run`] does; tasks that go on after that are not waited for. A
/// handler that answers with an error gives status 500, as a server would, and a body that tells the error.
///
/// # Errors
///
/// Only for what is not the component's doing: see [`HostError`].
pub fn ask(component: &[u8], request: &Request, options: &Options) -> Result<Answered, HostError> {
    let (response, written) = session::execute(component, options, Ask(request.clone()))?;
    Ok(Answered { response, stdout: written.stdout(), stderr: written.stderr() })
}

/// The job that asks.
pub(crate) struct Ask(pub(crate) Request);

impl Job for Ask {
    type Output = Response;

    async fn perform(self, compiled: &Compiled, state: State) -> Ended<Response> {
        let refused = |error: hyper::http::Error| Verdict::Refused { message: error.to_string() };
        let request = self.0.build().map_err(refused)?;
        let handler = hosting::handler(compiled)?;
        let judge = compiled.judge(&state.limits);
        let (most, waits, calls) = (state.limits.output, state.waits.clone(), state.calls.clone());
        let mut store = state::store(&compiled.engine, state);
        let proxy = handler.instantiate_async(&mut store).await;
        let proxy = proxy.map_err(|error| judge.verdict_on_instantiation(&error))?;
        let _called = calls.export(export(&proxy).to_owned());
        let idle = Idle::default();
        let event_loop =
            store.run_concurrent(async |accessor| idle.mark(answer(accessor, &proxy, request, most)).await);
        match quiet::until_deadlock(event_loop, &idle, &waits).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(error))) if !judge::ended_in_code(&error) => Ok(failure(&error)),
            Ok(Ok(Err(error)) | Err(error)) => Err(judge.verdict_on(&error)),
            Err(Deadlock) => Err(Verdict::Deadlocked(calls.deadlock())),
        }
    }
}

fn export(proxy: &Proxy) -> &'static str {
    match proxy {
        Proxy::P2(_) => "wasi:http/incoming-handler@0.2.0#handle",
        Proxy::P3(_) => "wasi:http/handler@0.3.0#handle",
    }
}

/// The whole response, or that its body is longer than `most`.
async fn answer(
    accessor: &Accessor<State>,
    proxy: &Proxy,
    request: handler::Request,
    most: u64,
) -> wasmtime::Result<Ended<Response>> {
    let (sender, answered) = oneshot::channel();
    let prepared = accessor
        .with(|mut access| Prepared::new(access.as_context_mut(), proxy, request, State::http, sender))?;
    // It may go on while the response is read.
    let call = pin!(prepared.run(accessor, future::pending()));
    let response = pin!(async {
        let response = answered.await.map_err(|_| format_err!("the call ended without a response"))??;
        whole(response, most).await
    });
    match future::select(response, call).await {
        Either::Left((response, _)) => response,
        Either::Right((called, response)) => {
            called?;
            response.await
        }
    }
}

async fn whole(response: handler::Response, most: u64) -> wasmtime::Result<Ended<Response>> {
    let (head, mut rest) = response.into_parts();
    let mut body = Vec::new();
    while let Some(frame) = rest.frame().await {
        if let Ok(data) = frame?.into_data() {
            body.extend_from_slice(&data);
        }
        if body.len() as u64 > most {
            return Ok(Err(Verdict::Exceeded { quantity: Quantity::Output, limit: most }));
        }
    }
    let text = |value: &header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Ok(Ok(Response { status: head.status.as_u16(), headers, body }))
}

fn failure(error: &wasmtime::Error) -> Response {
    let body = format!("the component failed to answer: {}\n", outcome::message_of(error)).into_bytes();
    Response { status: 500, headers: Vec::new(), body }
}
