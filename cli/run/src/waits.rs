//! Counts what a component waits for outside of itself: timers, standard input, blocking work of the host.
//! While the count is not zero, a component that does nothing may still go on by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a thread for blocking work outlives it. Short, so that a live thread means work in progress.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_millis(5);

/// The waits of one run. Clones count together.
#[derive(Clone, Default)]
pub(crate) struct Waits {
    external: Arc<AtomicUsize>,
    blocking: Arc<AtomicUsize>,
}

impl Waits {
    /// Counts one wait until the result is dropped.
    pub(crate) fn begin(&self) -> Wait {
        self.external.fetch_add(1, Ordering::SeqCst);
        Wait(Arc::clone(&self.external))
    }

    /// Whether nothing outside of the component is awaited.
    pub(crate) fn none(&self) -> bool {
        self.external.load(Ordering::SeqCst) == 0 && self.blocking.load(Ordering::SeqCst) == 0
    }

    /// A single-threaded runtime whose threads for blocking work are counted here.
    pub(crate) fn runtime(&self) -> std::io::Result<tokio::runtime::Runtime> {
        let (started, stopped) = (Arc::clone(&self.blocking), Arc::clone(&self.blocking));
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_keep_alive(KEEP_ALIVE)
            .on_thread_start(move || _ = started.fetch_add(1, Ordering::SeqCst))
            .on_thread_stop(move || _ = stopped.fetch_sub(1, Ordering::SeqCst))
            .build()
    }
}

/// One wait in progress.
pub(crate) struct Wait(Arc<AtomicUsize>);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
