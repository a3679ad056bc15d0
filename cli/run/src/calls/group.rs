//! Futures that run beside each other and whose outputs are wanted in their order.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use wasmtime::Result;

/// A list of outputs, of which some are still being worked out. Grows while it is polled.
pub(super) struct Group<'f, T> {
    members: Vec<Member<'f, T>>,
    /// How many at the beginning are done.
    done: usize,
}

enum Member<'f, T> {
    Running(Pin<Box<dyn Future<Output = Result<T>> + 'f>>),
    Done(T),
}

impl<'f, T> Group<'f, T> {
    /// Without members.
    pub(super) fn new() -> Self {
        Group { members: Vec::new(), done: 0 }
    }

    /// All of `futures`.
    pub(super) fn of<F: Future<Output = Result<T>> + 'f>(futures: impl IntoIterator<Item = F>) -> Self {
        let mut group = Group::new();
        futures.into_iter().for_each(|future| group.push(future));
        group
    }

    /// Adds what is to be worked out.
    pub(super) fn push(&mut self, future: impl Future<Output = Result<T>> + 'f) {
        self.members.push(Member::Running(Box::pin(future)));
    }

    /// Waits for `other`, and lets the members go on meanwhile. The first error ends it.
    pub(super) async fn beside<O>(&mut self, other: impl Future<Output = Result<O>>) -> Result<O> {
        let mut other = pin!(other);
        poll_fn(|cx| {
            if let Poll::Ready(Err(error)) = self.poll(cx) {
                return Poll::Ready(Err(error));
            }
            other.as_mut().poll(cx)
        })
        .await
    }

    /// Waits for all members.
    pub(super) async fn all(mut self) -> Result<Vec<T>> {
        poll_fn(|cx| self.poll(cx)).await?;
        let output = |member| match member {
            Member::Done(output) => Some(output),
            Member::Running(_) => None,
        };
        Ok(self.members.into_iter().filter_map(output).collect())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let mut all_done = true;
        for (place, member) in self.members.iter_mut().enumerate().skip(self.done) {
            if let Member::Running(future) = member {
                match future.as_mut().poll(cx) {
                    Poll::Ready(Ok(output)) => *member = Member::Done(output),
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => all_done = false,
                }
            }
            if all_done {
                self.done = place + 1;
            }
        }
        if all_done { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
}
