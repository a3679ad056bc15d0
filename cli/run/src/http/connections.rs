//! Takes connections and passes their requests on, bodies as streams in both directions. HTTP/1.1 only.

use super::event::Told;
use super::exchange::Record;
use super::pool::Pool;
use super::received::Received;
use crate::outcome;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::http::uri::{Authority, Scheme, Uri};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime_wasi_http::{Error, WasiBody};

/// How long exchanges get to end after the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stopped` says true or its sender is gone, and then what is under way.
pub(super) async fn serve(listener: TcpListener, pool: Pool, told: Told, stopped: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    let mut until = stopped.clone();
    loop {
        tokio::select! {
            _ = until.wait_for(|stop| *stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, pool.clone(), told.clone(), stopped.clone()));
                }
                // Out of descriptors, or a peer that went away: others may fare better, a little later.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    _ = tokio::time::timeout(DRAIN, drained).await;
}

async fn connection(stream: TcpStream, pool: Pool, told: Told, mut stopped: watch::Receiver<bool>) {
    // Small responses are written at once; waiting for more to send would only delay them.
    _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(&pool, &told, request));
    let mut server = hyper::server::conn::http1::Builder::new();
    // With a timer, a client that takes more than 30 s for the head of a request is dropped.
    let connection = server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // An error is the peer's, and the exchange's record says that it broke off.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    _ = connection.await;
}

async fn answer(
    pool: &Pool,
    told: &Told,
    request: Request<Incoming>,
) -> Result<Response<WasiBody>, Infallible> {
    let mut record = Record::of(&request, told);
    let request = absolute(request).map(|body| Received::new(body).map_err(Error::from).boxed_unsync());
    let (response, held) = match pool.ask(request).await {
        Ok((response, held)) => (response, Some(held)),
        Err(error) => {
            record.failed(outcome::message_of(&error));
            (failure(), None)
        }
    };
    Ok(record.follow(response, held))
}

/// What the client learns of a failure. The rest is for whoever runs the server.
fn failure() -> Response<WasiBody> {
    let body = Full::new(Bytes::from_static(b"the component failed to answer\n"));
    let mut response = Response::new(body.map_err(Error::from).boxed_unsync());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
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
