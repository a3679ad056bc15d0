//! Threads that work at the same time, on different processors.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ThreadId};

/// Work that one thread offers to another, and goes on meanwhile.
///
/// A kernel may wake a thread on the processor of the one that wakes it though another is idle, and leave both there for
/// some milliseconds, in which they take turns. Where it does, as the one that `docs/benchmarks.md` was measured with, a link of
/// 45 MB with `--no-check` takes 35 ms for 29. So the first thread makes way for the other, which leaves that processor as it
/// begins, once: where the kernel has them run afterwards is the kernel's business, of all that they may run on.
pub(super) struct Apart {
    by: ThreadId,
    /// The processor that this thread had last.
    processor: AtomicUsize,
    taken: AtomicBool,
}

impl Apart {
    /// Work that the calling thread is about to offer.
    pub(super) fn here() -> Apart {
        let processor = AtomicUsize::new(kernel::processor());
        Apart { by: thread::current().id(), processor, taken: AtomicBool::new(false) }
    }

    /// A thread was woken for it, and the calling one, which offered it, goes on.
    pub(super) fn offered(&self) {
        self.processor.store(kernel::processor(), Ordering::Relaxed);
        if kernel::CAN_LEAVE && !self.is_taken() {
            thread::yield_now();
        }
    }

    /// The calling thread is at it. It has an effect on the first that is not the one which offered it.
    pub(super) fn taken(&self) {
        if thread::current().id() != self.by && !self.taken.swap(true, Ordering::Relaxed) {
            kernel::leave(self.processor.load(Ordering::Relaxed));
        }
    }

    /// Whether another thread was at it.
    pub(super) fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }
}

/// What can be said to the kernel about the calling thread.
#[cfg(target_os = "linux")]
mod kernel {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    pub(super) use rustix::thread::sched_getcpu as processor;

    pub(super) const CAN_LEAVE: bool = true;

    /// Has it run elsewhere, if it runs on `processor` and may run on another.
    pub(super) fn leave(processor: usize) {
        if self::processor() != processor || processor >= CpuSet::MAX_CPU {
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
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    pub(super) const CAN_LEAVE: bool = false;

    pub(super) fn processor() -> usize {
        0
    }

    pub(super) fn leave(_processor: usize) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    use super::kernel::{leave, processor};
    use super::*;

    const SET: &str = "what a thread runs on is its own to know and to narrow";

    /// Has the calling thread run on `place` and on no other.
    fn pin(place: usize) {
        let mut only = CpuSet::new();
        only.set(place);
        sched_setaffinity(None, &only).expect(SET);
        assert_eq!(processor(), place);
    }

    /// What the calling thread may run on: a set, and the places in it.
    fn allowed() -> (CpuSet, Vec<usize>) {
        let allowed = sched_getaffinity(None).expect(SET);
        (allowed, (0..CpuSet::MAX_CPU).filter(|place| allowed.is_set(*place)).collect())
    }

    /// What the thread is told to leave, it must have left at once: afterwards is too late. What it may run on stays as it was,
    /// or all that the user has with `taskset` said would be gone.
    #[test]
    fn a_thread_leaves_the_processor_and_keeps_what_it_may_run_on() {
        let (set, places) = allowed();
        // The kernel may bring it back between two lines, once in a while.
        let left = (0..20).filter(|_| {
            pin(places[0]);
            sched_setaffinity(None, &set).unwrap();
            // It may be elsewhere by now, and then it stays.
            let there = processor() == places[0];
            leave(places[0]);
            assert!(sched_getaffinity(None).unwrap() == set);
            there && processor() != places[0]
        });
        let left = left.count();
        if places.len() > 1 {
            assert!(left > 10, "{left} of 20 times");
        } else {
            assert_eq!(left, 0, "there is no other");
        }
    }

    /// Who may run in one place only stays there.
    #[test]
    fn a_thread_with_one_processor_stays() {
        let place = allowed().1[0];
        pin(place);
        leave(place);
        assert_eq!((processor(), allowed().1), (place, vec![place]));
    }

    /// The first of other threads has to move, whatever the one that offered the work does of it, and from where that was
    /// last.
    #[test]
    fn only_another_thread_takes_it() {
        let places = allowed().1;
        let (first, last) = (places[0], places[places.len() - 1]);
        pin(first);
        let apart = Apart::here();
        assert_eq!(apart.processor.load(Ordering::Relaxed), first);
        pin(last);
        apart.offered();
        assert_eq!(apart.processor.load(Ordering::Relaxed), last);
        apart.taken();
        assert!(!apart.is_taken());
        thread::scope(|scope| scope.spawn(|| apart.taken()).join().unwrap());
        assert!(apart.is_taken());
    }
}
