//! The same work on several things, on all cores. What the work is, others know.
//!
//! Work that is divided in its turn waits for its parts, and in a pool of threads whoever waits is given a part of other work: it may be
//! the longest of all. So there is one more work than there are cores, and the cores that have nothing left of the others go on with that.

use std::cmp::Reverse;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` gives for each of `items`, in their order. The largest by `size` are begun first, so that no core is left with
/// one of them at the end. If there can be no more threads, fewer do it.
///
/// # Panics
///
/// As `work` does for the first item for which it does: all of it is done first, so that it is the same one each time.
pub(crate) fn at_once<T: Sync, R: Send>(
    items: &[T],
    size: impl Fn(&T) -> usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let mut order = (0..items.len()).collect::<Vec<_>>();
    order.sort_by_key(|place| Reverse(size(&items[*place])));
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some(place) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            // What a panic leaves behind is dropped with it.
            done.push((*place, catch_unwind(AssertUnwindSafe(|| work(&items[*place])))));
        }
        done
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut done = thread::scope(|scope| {
        let start =
            |_| thread::Builder::new().name("wcompose-at-once".to_owned()).spawn_scoped(scope, worker).ok();
        // This thread is the one more.
        let others = (0..cores.min(items.len().saturating_sub(1))).map_while(start).collect::<Vec<_>>();
        let mut done = worker();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result.unwrap_or_else(|panic| resume_unwind(panic))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let items = (0..100).collect::<Vec<usize>>();
        assert_eq!(at_once(&items, |item| item % 7, |item| item * 2), Vec::from_iter((0..200).step_by(2)));
        assert_eq!(at_once(&[], |()| 0, |()| ()), []);
    }

    /// A verdict must not depend on which thread was quicker.
    #[test]
    fn the_first_panic_is_told_and_all_is_done() {
        let done = AtomicUsize::new(0);
        let work = |item: &usize| {
            done.fetch_add(1, Ordering::Relaxed);
            assert!(item.is_multiple_of(2), "item {item}");
        };
        let items = (0..100).collect::<Vec<usize>>();
        let panic = catch_unwind(AssertUnwindSafe(|| at_once(&items, |item| *item, work))).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "item 1");
        assert_eq!(done.into_inner(), 100);
    }
}
