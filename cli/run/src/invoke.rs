//! Calls one exported function and lets all tasks that it started come to their end.

use crate::quiet::{self, Deadlock, Idle};
use crate::state::State;
use std::future::poll_fn;
use wasmtime::component::{Func, Val};
use wasmtime::{Store, Trap};

/// Calls `function` and waits, as `wasmtime run` does, until no task is left, also after it has returned.
///
/// A deadlock, before or after the return, is the error [`Trap::AsyncDeadlock`], and what is known of it is in its chain
/// as a [`crate::Deadlock`].
pub(crate) async fn invoke(
    store: &mut Store<State>,
    function: Func,
    arguments: &[Val],
) -> wasmtime::Result<Vec<Val>> {
    let calls = store.data().calls.clone();
    run(store, function, arguments).await.map_err(|error| match error.downcast_ref() {
        Some(Trap::AsyncDeadlock) => error.context(calls.deadlock()),
        Some(_) | None => error,
    })
}

async fn run(store: &mut Store<State>, function: Func, arguments: &[Val]) -> wasmtime::Result<Vec<Val>> {
    let count = function.ty(&*store).results().len();
    let mut results = vec![Val::Bool(false); count];
    let waits = store.data().waits.clone();
    let idle = Idle::default();
    let event_loop = store.run_concurrent(async |accessor| {
        let call = async {
            function.call_concurrent(accessor, arguments, &mut results).await?;
            poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
            wasmtime::error::Ok(())
        };
        idle.mark(call).await
    });
    match quiet::until_deadlock(event_loop, &idle, &waits).await {
        Ok(ended) => ended??,
        Err(Deadlock) => return Err(Trap::AsyncDeadlock.into()),
    }
    Ok(results)
}
