//! Finds out that a component can never go on. Owns the reasoning; what counts as a wait is `waits`.
//!
//! wasmtime itself reports a deadlock only when its event loop holds no pending host future. One that only the
//! component itself could complete, such as the result of a standard output stream that it keeps open, keeps it
//! silent for ever. So we watch from outside: the loop is *quiet* if nothing woke it for a while, it is waiting for
//! events rather than inside a call to the host, and no timer, input, blocking work or socket is under way.

use crate::waits::{KEEP_ALIVE, Waits};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// How long nothing must happen before the loop is looked at.
const QUIET: Duration = Duration::from_millis(100);

/// The component waits for nothing but itself.
pub(crate) struct Deadlock;

/// Whether the event loop is waiting for events: it then polls the future it was given, which marks this.
#[derive(Default)]
pub(crate) struct Idle(AtomicBool);

impl Idle {
    /// Runs `future`, marking each poll.
    pub(crate) async fn mark<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| {
            self.0.store(true, Ordering::SeqCst);
            future.as_mut().poll(cx)
        })
        .await
    }

    fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

/// Runs an event loop to its end or to its deadlock. What the loop was given must be wrapped by [`Idle::mark`].
pub(crate) async fn until_deadlock<F: Future>(
    event_loop: F,
    idle: &Idle,
    waits: &Waits,
) -> Result<F::Output, Deadlock> {
    let mut event_loop = Watched { wakes: Arc::default(), event_loop: pin!(event_loop) };
    loop {
        let seen = match event_loop.until_quiet().await {
            Ok(output) => return Ok(output),
            Err(wakes) => wakes,
        };
        if !waits.none() || !blocking_work_done(waits).await {
            continue;
        }
        // A poll without a wake does no work. Two of them, as the first may do what was left over and then enter a
        // call to the host, which holds the loop: the second does not mark it then.
        for _ in 0..2 {
            idle.take();
            if let Poll::Ready(output) = event_loop.poll_once() {
                return Ok(output);
            }
        }
        if idle.take() && waits.none() && event_loop.wakes.count() == seen {
            return Err(Deadlock);
        }
    }
}

/// Whether no blocking work is under way. Such work is queued: when ours has been done, all before it has a thread,
/// and threads without work end soon.
async fn blocking_work_done(waits: &Waits) -> bool {
    let done = tokio::task::spawn_blocking(|| ()).await.is_ok();
    tokio::time::sleep(KEEP_ALIVE * 4).await;
    done && waits.none()
}

struct Watched<'a, F> {
    wakes: Arc<Wakes>,
    event_loop: Pin<&'a mut F>,
}

impl<F: Future> Watched<'_, F> {
    /// Polls whenever woken, until the end or until no wake came for a while: then the number of wakes so far.
    async fn until_quiet(&mut self) -> Result<F::Output, u64> {
        let mut timer = pin!(tokio::time::sleep(QUIET));
        let mut seen = None;
        let mut busy = false;
        std::future::poll_fn(|cx| {
            self.wakes.forward_to(cx.waker());
            let wakes = self.wakes.count();
            if seen != Some(wakes) {
                seen = Some(wakes);
                busy = true;
                if let Poll::Ready(output) = self.poll_once() {
                    return Poll::Ready(Ok(output));
                }
            }
            while timer.as_mut().poll(cx).is_ready() {
                if !busy {
                    return Poll::Ready(Err(wakes));
                }
                busy = false;
                timer.as_mut().reset(tokio::time::Instant::now() + QUIET);
            }
            Poll::Pending
        })
        .await
    }

    fn poll_once(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.event_loop.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

/// Counts wakes and passes them on.
#[derive(Default)]
struct Wakes {
    count: AtomicU64,
    to: Mutex<Option<Waker>>,
}

impl Wakes {
    fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    fn forward_to(&self, waker: &Waker) {
        *self.to.lock().unwrap_or_else(PoisonError::into_inner) = Some(waker.clone());
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, Ordering::SeqCst);
        let to = self.to.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(waker) = to {
            waker.wake();
        }
    }
}
