//! One request to a component without a server: the request and its whole response as data.

use super::StartError;
use super::event::{Event, Told};
use super::hosting;
use super::instances::Factory;
use super::pool::Pool;
use crate::compile::Compiled;
use crate::context::Written;
use crate::engine::Ticks;
use crate::limits::Quantity;
use crate::options::Options;
use crate::outcome::{self, HostError, Phase, Verdict};
use crate::waits::Waits;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::mpsc;
use wasmtime_wasi_http::{Error, WasiBody};

/// Who is asked, unless the request has a `host` header.
const AUTHORITY: &str = "localhost";

/// How long after a failed exchange the verdict on its instance may come.
const AFTERWARDS: Duration = Duration::from_millis(250);

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

/// Gives `request` to an instance of the component. A handler that answers with an error gives status 500, as a server
/// would, and a body that tells the error.
pub(crate) fn ask(compiled: Compiled, options: &Options, request: Request) -> Result<Response, StartError> {
    let _ticks = Ticks::start(&compiled.engine)?;
    let handler = hosting::handler(&compiled)?;
    let judge = compiled.judge(&options.limits);
    let engine = compiled.engine;
    let refused = |error: hyper::http::Error| Verdict::Refused { message: error.to_string() };
    let request = request.build().map_err(|error| StartError::Component(refused(error)))?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(HostError::Resources)?;
    let (failed, mut failures) = mpsc::unbounded_channel();
    let told = Told::to(move |event| match event {
        // Nobody listens any more once there is a response.
        Event::Failed(verdict) => _ = failed.send(verdict),
        Event::Exchanged(_) => {}
    });
    let (options, written, waits) =
        (options.clone(), Written::new(&options.limits), Waits::new(options.network));
    let limits = options.limits.clone();
    let pool = Pool::new(Factory { engine, judge, handler, options, written, told, waits }, 1);
    let answered = runtime.block_on(async {
        let answer = answer(&pool, request, limits.output);
        let answered = match limits.run_time {
            None => answer.await,
            Some(limit) => tokio::time::timeout(limit, answer)
                .await
                .map_err(|_| Verdict::TimedOut { phase: Phase::Running, limit })?,
        };
        match answered {
            Ok(response) => response,
            Err(error) => match tokio::time::timeout(AFTERWARDS, failures.recv()).await {
                Ok(Some(verdict)) => Err(verdict),
                Ok(None) | Err(_) => Ok(failure(&error)),
            },
        }
    });
    // Not dropped: that would wait for blocking work.
    runtime.shutdown_background();
    answered.map_err(StartError::Component)
}

/// The whole response, unless its body is longer than `most`.
async fn answer(
    pool: &Pool,
    request: hyper::Request<WasiBody>,
    most: u64,
) -> wasmtime::Result<Result<Response, Verdict>> {
    let (response, _held) = pool.ask(request).await?;
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
