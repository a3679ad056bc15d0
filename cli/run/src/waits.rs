//! Counts what a component waits for outside of itself: timers, standard input, blocking work of the host, the network.
//! While there is any, a component that does nothing may still go on by itself.

use crate::options::Network;
use std::os::unix::fs::FileTypeExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a thread for blocking work outlives it. Short, so that a live thread means work in progress.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_millis(5);

/// Where a process finds its open files.
const OPEN_FILES: &str = "/dev/fd";

/// The waits of one run. Clones count together.
#[derive(Clone)]
pub(crate) struct Waits {
    external: Arc<AtomicUsize>,
    blocking: Arc<AtomicUsize>,
    network: Network,
    /// The open sockets of this process when the run began.
    before: Arc<AtomicUsize>,
}

impl Waits {
    /// None yet, of a run that has `network`.
    pub(crate) fn new(network: Network) -> Self {
        Self { external: Arc::default(), blocking: Arc::default(), network, before: Arc::default() }
    }

    /// Counts one wait until the result is dropped.
    pub(crate) fn begin(&self) -> Wait {
        self.external.fetch_add(1, Ordering::SeqCst);
        Wait(Arc::clone(&self.external))
    }

    /// Whether nothing outside of the component is awaited.
    pub(crate) fn none(&self) -> bool {
        self.external.load(Ordering::SeqCst) == 0
            && self.blocking.load(Ordering::SeqCst) == 0
            && !self.peers()
    }

    /// A single-threaded runtime whose threads for blocking work are counted here.
    pub(crate) fn runtime(&self) -> std::io::Result<tokio::runtime::Runtime> {
        let (started, stopped) = (Arc::clone(&self.blocking), Arc::clone(&self.blocking));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_keep_alive(KEEP_ALIVE)
            .on_thread_start(move || _ = started.fetch_add(1, Ordering::SeqCst))
            .on_thread_stop(move || _ = stopped.fetch_sub(1, Ordering::SeqCst))
            .build()?;
        // The runtime may have some of its own.
        self.before.store(sockets().unwrap_or_default(), Ordering::SeqCst);
        Ok(runtime)
    }

    /// Whether a peer may say something. The hosts do not tell who reads from a socket, so each that is open counts: one from
    /// which nobody reads keeps a deadlock from being seen. Looking a name up is blocking work.
    fn peers(&self) -> bool {
        match self.network {
            Network::Denied => false,
            Network::Inherited => sockets().is_none_or(|open| open > self.before.load(Ordering::SeqCst)),
        }
    }
}

/// How many sockets this process has open, where the system tells.
fn sockets() -> Option<usize> {
    let files = std::fs::read_dir(OPEN_FILES).ok()?;
    let is_socket = |path: &std::path::Path| {
        std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
    };
    Some(files.flatten().filter(|file| is_socket(&file.path())).count())
}

/// One wait in progress.
pub(crate) struct Wait(Arc<AtomicUsize>);

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn an_open_socket_is_a_wait_if_there_is_a_network() {
        let (with, without) = (Waits::new(Network::Inherited), Waits::new(Network::Denied));
        let runtime = with.runtime().unwrap();
        assert!(with.none() && without.none());
        let pair = UnixStream::pair().unwrap();
        assert!(!with.none() && without.none());
        drop((pair, runtime));
        assert!(with.none());
    }
}
