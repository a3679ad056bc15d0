//! Takes connections and passes their requests on, bodies as streams in both directions. HTTP/1.1 only.

use super::instances::Instances;
use crate::outcome;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::http::uri::{Authority, Scheme, Uri};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::{Error, WasiBody};

/// How long requests get to end after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stopped` says true or its sender is gone, and then what is under way.
pub(super) async fn serve(
    listener: TcpListener,
    handler: ProxyHandler<Instances>,
    stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let mut until = stopped.clone();
    loop {
        tokio::select! {
            _ = until.wait_for(|stop| *stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => _ = connections.spawn(connection(stream, handler.clone(), stopped.clone())),
                // Out of descriptors, or a peer that went away: others may fare better, a little later.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    _ = tokio::time::timeout(DRAIN, drained).await;
}

async fn connection(stream: TcpStream, handler: ProxyHandler<Instances>, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(|request| answer(&handler, request));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // An error is the peer's: there is nobody to tell.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    _ = connection.await;
}

async fn answer(
    handler: &ProxyHandler<Instances>,
    request: Request<Incoming>,
) -> Result<Response<WasiBody>, Infallible> {
    let request = absolute(request).map(|body| body.map_err(Error::from).boxed_unsync());
    Ok(handler.handle((), request).await.unwrap_or_else(|error| {
        let body = Full::new(Bytes::from(outcome::message_of(&error) + "\n"));
        let mut response = Response::new(body.map_err(Error::from).boxed_unsync());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }))
}

/// Moves the authority from the header, where HTTP/1.1 has it, to the address, where handlers look for it.
fn absolute(mut request: Request<Incoming>) -> Request<Incoming> {
    let authority =
        request.headers().get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let mut parts = request.uri().clone().into_parts();
    if parts.authority.is_none()
        && let Some(authority) = authority
    {
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(authority);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}
