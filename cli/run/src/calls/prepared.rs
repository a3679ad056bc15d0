//! Calls that fit a component, and how they are made: all at once, with what they stream.

use super::exchange::{self, Exchange, Way};
use super::expression::CallExpression;
use super::group::Group;
use super::pipe::{Channel, Pipe, PipeComponent};
use super::problem::CallProblem;
use super::{CallResult, arguments, exports, json, wave};
use crate::function::FunctionPath;
use crate::quiet::{self, Deadlock, Idle};
use crate::state::State;
use std::cell::Cell;
use std::future::poll_fn;
use wasm_wave::value::Type as WaveType;
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{Accessor, Component, Func, Instance, Type, Val};
use wasmtime::{Engine, Store, Trap, error::format_err};

/// Calls whose functions were found and whose arguments fit.
pub(super) struct Calls {
    calls: Vec<Call>,
    pipes: Vec<PipeComponent>,
}

/// One of them.
pub(super) struct Call {
    /// As it was written.
    pub(super) text: String,
    pub(super) path: FunctionPath,
    pub(super) ty: ComponentFunc,
    pub(super) arguments: Vec<Val>,
    pub(super) result: Option<WaveType>,
    /// Whether it has given all of its result.
    pub(super) ended: Cell<bool>,
}

impl Calls {
    /// Finds the functions that `expressions` name among the exports of `component` and reads their arguments. If that
    /// fails, says why for each call that does not fit.
    pub(super) fn prepare(
        engine: &Engine,
        component: &Component,
        expressions: &[CallExpression],
    ) -> wasmtime::Result<Result<Calls, Vec<CallProblem>>> {
        let calls = match Self::fitting(engine, component, expressions) {
            Ok(calls) => calls,
            Err(problems) => return Ok(Err(problems)),
        };
        let mut pipes: Vec<PipeComponent> = Vec::new();
        for channel in calls.iter().flat_map(Call::channels) {
            if !pipes.iter().any(|pipe| pipe.carries(&channel)) {
                pipes.push(PipeComponent::compile(engine, channel)?);
            }
        }
        Ok(Ok(Calls { calls, pipes }))
    }

    /// The calls that `expressions` mean, or why some do not fit.
    pub(super) fn fitting(
        engine: &Engine,
        component: &Component,
        expressions: &[CallExpression],
    ) -> Result<Vec<Call>, Vec<CallProblem>> {
        let exports = exports::exports(engine, component);
        let (mut calls, mut problems) = (Vec::new(), Vec::new());
        for expression in expressions {
            match exports::find(&exports, expression).and_then(|export| arguments::call(export, expression)) {
                Ok(call) => calls.push(call),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(calls) } else { Err(problems) }
    }

    /// Makes all calls at once, on `instance` of the component that they were prepared for, and waits until all have
    /// returned, their streams and futures have ended and no task is left. The results are in the order of the calls.
    ///
    /// A deadlock is the error [`Trap::AsyncDeadlock`]. That an argument is never read is none.
    pub(super) async fn perform(
        &self,
        store: &mut Store<State>,
        component: &Component,
        instance: &Instance,
    ) -> wasmtime::Result<Vec<CallResult>> {
        let mut pipes = Vec::new();
        for pipe in &self.pipes {
            pipes.push(pipe.instantiate(store).await?);
        }
        let mut functions = Vec::new();
        for call in &self.calls {
            let index = call.path.find(component);
            let function = index.and_then(|index| instance.get_func(&mut *store, index));
            functions.push(function.ok_or_else(|| format_err!("`{}` is no function", call.path))?);
        }
        let mut results = None;
        let waits = store.data().waits.clone();
        let idle = Idle::default();
        let event_loop = store.run_concurrent(async |store| {
            let work = async {
                results = Some(self.results(store, &pipes, &functions).await?);
                poll_fn(|cx| store.poll_no_interesting_tasks(cx)).await;
                wasmtime::error::Ok(())
            };
            idle.mark(work).await
        });
        match quiet::until_deadlock(event_loop, &idle, &waits).await {
            Ok(ended) => ended??,
            Err(Deadlock) if results.is_some() && any_unread(&pipes, store).await? => {}
            Err(Deadlock) => {
                let known = store.data().calls.deadlock();
                return Err(wasmtime::Error::from(Trap::AsyncDeadlock).context(known));
            }
        }
        results.ok_or_else(|| format_err!("the calls ended without results"))
    }

    /// The calls of several that have not given all of their results.
    pub(super) fn unended(&self) -> Vec<String> {
        let unended = self.calls.iter().filter(|call| !call.ended.get()).map(|call| call.text.clone());
        if self.calls.len() > 1 { unended.collect() } else { Vec::new() }
    }

    async fn results(
        &self,
        store: &Accessor<State>,
        pipes: &[Pipe],
        functions: &[Func],
    ) -> wasmtime::Result<Vec<CallResult>> {
        let calls = self.calls.iter().zip(functions);
        Group::of(calls.map(|(call, function)| call.make(store, pipes, *function))).all().await
    }
}

async fn any_unread(pipes: &[Pipe], store: &mut Store<State>) -> wasmtime::Result<bool> {
    for pipe in pipes {
        if pipe.is_unread(store).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Call {
    fn channels(&self) -> Vec<Channel> {
        let mut channels = Vec::new();
        for ty in self.ty.params().map(|(_, ty)| ty).chain(self.ty.results()) {
            exchange::visit(&ty, &mut |ty| channels.extend(Channel::of(ty)));
        }
        channels
    }

    async fn make(
        &self,
        store: &Accessor<State>,
        pipes: &[Pipe],
        func: Func,
    ) -> wasmtime::Result<CallResult> {
        let exchange = Exchange::new(pipes, store);
        let mut arguments = Vec::new();
        for ((_, ty), argument) in self.ty.params().zip(&self.arguments) {
            arguments.push(exchange.value(Way::In, ty, argument.clone()).await?);
        }
        let types: Vec<Type> = self.ty.results().collect();
        let mut results = vec![Val::Bool(false); types.len()];
        let function = self.path.to_string();
        let _called = store.with(|mut access| access.get().calls.export(function.clone()));
        func.call_concurrent(store, &arguments, &mut results).await?;
        let (Some(ty), Some(val), Some(wave)) = (types.into_iter().next(), results.pop(), &self.result)
        else {
            self.ended.set(true);
            return Ok(CallResult { function, wave: None, json: None });
        };
        let val = exchange.value(Way::Out, ty, val).await?;
        self.ended.set(true);
        let value = wave::from_val(wave, &val).map_err(|message| format_err!("{message}"))?;
        let text = wasm_wave::to_string(&value)?;
        Ok(CallResult { function, wave: Some(text), json: Some(json::json(&value)) })
    }
}
