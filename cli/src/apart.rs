//! Threads that work at the same time, on processors of their own.

use std::sync::Once;
use std::thread::{self, ThreadId};

/// Work that one thread offers to another, and goes on meanwhile.
///
/// Some kernels, of small virtual machines above all, wake a thread on the processor of the one that wakes it, to keep the others
/// idle, and leave both there for some milliseconds, in which they take turns: 2 to 20 of the 30 that a link of 45 MB has with
/// `--no-check`. So the first thread makes way for the other, which leaves that processor. Where the kernel has them run
/// afterwards is its own business again.
pub(crate) struct Apart {
    by: ThreadId,
    /// The one that had that thread.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    processor: usize,
    taken: Once,
}

impl Apart {
    /// Work that the calling thread is about to offer.
    pub(crate) fn here() -> Apart {
        #[cfg(target_os = "linux")]
        let processor = rustix::thread::sched_getcpu();
        #[cfg(not(target_os = "linux"))]
        let processor = 0;
        Apart { by: thread::current().id(), processor, taken: Once::new() }
    }

    /// A thread was woken for it, and the calling one, which offered it, goes on.
    pub(crate) fn offered(&self) {
        if cfg!(target_os = "linux") && !self.taken.is_completed() {
            thread::yield_now();
        }
    }

    /// The calling thread is at it. It has an effect on the first that is not the one which offered it.
    pub(crate) fn taken(&self) {
        if thread::current().id() != self.by {
            #[cfg(target_os = "linux")]
            self.taken.call_once(|| leave(self.processor));
        }
    }
}

/// Has the calling thread run elsewhere, if it runs on `processor` and may run on another.
#[cfg(target_os = "linux")]
fn leave(processor: usize) {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
    if sched_getcpu() != processor || processor >= CpuSet::MAX_CPU {
        return;
    }
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let mut others = allowed;
    others.unset(processor);
    // Fails where there are no others.
    if sched_setaffinity(None, &others).is_ok() {
        _ = sched_setaffinity(None, &allowed);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};

    use super::*;

    const SET: &str = "what a thread runs on is its own to know and to narrow";

    /// Has the calling thread run on the processor that it has and on no other. Gives that, and what it could run on before.
    fn pin() -> (usize, CpuSet) {
        let allowed = sched_getaffinity(None).expect(SET);
        loop {
            let (processor, mut only) = (sched_getcpu(), CpuSet::new());
            only.set(processor);
            sched_setaffinity(None, &only).expect(SET);
            if sched_getcpu() == processor {
                return (processor, allowed);
            }
        }
    }

    /// What the thread is told to leave, it must have left at once: afterwards is too late. What it may run on stays as it was,
    /// or all that the user has with `taskset` said would be gone.
    #[test]
    fn a_thread_leaves_the_processor_and_keeps_what_it_may_run_on() {
        let allowed = sched_getaffinity(None).unwrap();
        // The kernel may bring it back between two lines, once in a while.
        let left = (0..20).filter(|_| {
            let (processor, _) = pin();
            sched_setaffinity(None, &allowed).unwrap();
            leave(processor);
            assert!(sched_getaffinity(None).unwrap() == allowed);
            sched_getcpu() != processor
        });
        let left = left.count();
        if allowed.count() > 1 {
            assert!(left > 10, "{left} of 20 times");
        } else {
            assert_eq!(left, 0, "there is no other");
        }
    }

    /// Who may run in one place only stays there.
    #[test]
    fn a_thread_with_one_processor_stays() {
        let (processor, _) = pin();
        let only = sched_getaffinity(None).unwrap();
        leave(processor);
        assert_eq!(sched_getcpu(), processor);
        assert!(sched_getaffinity(None).unwrap() == only);
    }

    /// The first of other threads has to move, whatever the one that offered the work does of it.
    #[test]
    fn only_another_thread_takes_it() {
        let apart = Apart::here();
        apart.offered();
        apart.taken();
        assert!(!apart.taken.is_completed());
        thread::scope(|scope| scope.spawn(|| apart.taken()).join().unwrap());
        assert!(apart.taken.is_completed());
    }
}
