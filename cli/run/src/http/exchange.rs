//! Follows one exchange from its request's head to the last byte of its response, and tells of it then.

use super::event::{Exchange, Told};
use super::pool::Held;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use hyper::{Request, Response, header};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use wasmtime_wasi_http::{Error, WasiBody};

/// What is known of an exchange so far. It is told when this is dropped, so that one that breaks off is told too.
pub(super) struct Record {
    exchange: Exchange,
    /// Bytes that the response's body has, if that was said: the connection takes no more of it then.
    length: Option<u64>,
    started: Instant,
    told: Told,
}

impl Record {
    /// Starts with the request.
    pub(super) fn of<B>(request: &Request<B>, told: &Told) -> Self {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let exchange = Exchange {
            method: request.method().to_string(),
            path: path.to_owned(),
            status: None,
            duration: std::time::Duration::ZERO,
            sent: 0,
            complete: false,
            error: None,
        };
        Self { exchange, length: None, started: Instant::now(), told: told.clone() }
    }

    /// Notes why the component has no response.
    pub(super) fn failed(&mut self, error: String) {
        self.exchange.error = Some(error);
    }

    /// Counts what is sent of the response, and lets go of `held` when it is over.
    pub(super) fn follow(mut self, response: Response<WasiBody>, held: Option<Held>) -> Response<WasiBody> {
        self.exchange.status = Some(response.status().as_u16());
        let said =
            response.headers().get(header::CONTENT_LENGTH).and_then(|said| said.to_str().ok()?.parse().ok());
        self.length = match self.exchange.method.as_str() {
            "HEAD" => Some(0),
            _ => said.or(response.body().size_hint().exact()),
        };
        response.map(|body| Followed { body, record: self, _held: held }.boxed_unsync())
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.exchange.duration = self.started.elapsed();
        self.exchange.complete |= self.length == Some(self.exchange.sent);
        self.told.exchanged(self.exchange.clone());
    }
}

/// The body of a response.
struct Followed {
    body: WasiBody,
    record: Record,
    _held: Option<Held>,
}

impl Body for Followed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            None => self.record.exchange.complete = true,
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                self.record.exchange.sent += bytes;
            }
            Some(Err(error)) => self.record.failed(error.to_string()),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
