//! The body of a request as a component reads it, and what becomes of the part that it leaves.

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How much of what a component leaves is read, in bytes, and for how long.
const MOST: usize = 1 << 20;
const LONGEST: Duration = Duration::from_secs(10);

/// A body that is read to its end when it is dropped, up to a bound. Else the connection would be closed while its client still
/// sends, and the next request that it has sent would be lost.
pub(super) struct Received(Option<Incoming>);

impl Received {
    pub(super) fn new(body: Incoming) -> Self {
        Self(Some(body))
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        // Without a runtime, the server is gone, and the connection with it.
        if let (Some(body), Ok(runtime)) = (self.0.take(), Handle::try_current())
            && !body.is_end_stream()
        {
            runtime.spawn(timeout(LONGEST, rest(body)));
        }
    }
}

async fn rest(body: Incoming) {
    let mut body = Limited::new(body, MOST);
    while let Some(Ok(_)) = body.frame().await {}
}
