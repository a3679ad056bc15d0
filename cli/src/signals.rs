//! Ctrl-C and SIGTERM as a request to come to an end.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// Calls `stop` at the first SIGINT or SIGTERM, on a thread of its own. The second ends this process at once, with the
/// status that a shell gives to one that such a signal ended: 128 and the signal's number.
pub(crate) fn on_stop(stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let (mut signalled, signal) = UnixStream::pair()?;
    let again = Arc::new(AtomicBool::new(false));
    for number in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset, and sets it.
        flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&again))?;
        flag::register(number, Arc::clone(&again))?;
        low_level::pipe::register(number, signal.try_clone()?)?;
    }
    thread::Builder::new().name("wcompose-signals".to_owned()).spawn(move || {
        if signalled.read_exact(&mut [0]).is_ok() {
            stop();
        }
    })?;
    Ok(())
}
