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

    /// Has the calling thread run on `place` and on no other, and says whether it does.
    fn pin(place: usize) -> bool {
        let mut only = CpuSet::new();
        only.set(place);
        sched_setaffinity(None, &only).is_ok() && processor() == place
    }

    /// What the calling thread may run on: a set, and the places in it. `None` where it has no say in that, as in some
    /// containers: a link does without there, and there is nothing to test.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    fn allowed() -> Option<(CpuSet, Vec<usize>)> {
        let heeded = |allowed: CpuSet| {
            let places = (0..CpuSet::MAX_CPU).filter(|place| allowed.is_set(*place)).collect::<Vec<_>>();
            let pinned = places.iter().all(|place| pin(*place));
            let let_go = sched_setaffinity(None, &allowed).is_ok();
            (pinned && let_go).then_some((allowed, places))
        };
        let allowed = sched_getaffinity(None).ok().and_then(heeded);
        if allowed.is_none() {
            eprintln!("skip: the kernel does not have a thread say where it runs");
        }
        allowed
    }

    /// What the thread is told to leave, it must have left at once: afterwards is too late. What it may run on stays as it was,
    /// or all that the user has with `taskset` said would be gone.
    #[test]
    fn a_thread_leaves_the_processor_and_keeps_what_it_may_run_on() {
        let Some((set, places)) = allowed() else { return };
        // The kernel may bring it back between two lines, once in a while.
        let left = (0..20).filter(|_| {
            assert!(pin(places[0]));
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
        let Some((_, places)) = allowed() else { return };
        let place = places[0];
        assert!(pin(place));
        leave(place);
        assert_eq!(processor(), place);
        assert_eq!(allowed().unwrap().1, [place]);
    }

    /// The first of other threads has to move, whatever the one that offered the work does of it, and from where that was
    /// last.
    #[test]
    fn only_another_thread_takes_it() {
        let Some((_, places)) = allowed() else { return };
        let (first, last) = (places[0], places[places.len() - 1]);
        assert!(pin(first));
        let apart = Apart::here();
        assert_eq!(apart.processor.load(Ordering::Relaxed), first);
        assert!(pin(last));
        apart.offered();
        assert_eq!(apart.processor.load(Ordering::Relaxed), last);
        apart.taken();
        assert!(!apart.is_taken());
        thread::scope(|scope| scope.spawn(|| apart.taken()).join().unwrap());
        assert!(apart.is_taken());
    }
}
