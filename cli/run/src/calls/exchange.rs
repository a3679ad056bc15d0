//! Replaces lists by streams on the way into a component, and streams by lists on the way out; futures by their values
//! likewise. Everything else of a value stays as it is.

use super::group::Group;
use super::pipe::{Channel, Piece, Pipe};
use crate::exceeded::Exceeded;
use crate::limits::Quantity;
use crate::state::State;
use std::cell::Cell;
use std::pin::Pin;
use wasmtime::component::{Accessor, Type, Val};
use wasmtime::{Result, error::format_err};

/// Which way values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Arguments: lists become streams, values futures.
    In,
    /// Results: streams are read to their end, futures awaited.
    Out,
}

/// The pipes of a store, the way into it, and what one call has brought through them.
pub(super) struct Exchange<'a> {
    pipes: &'a [Pipe],
    store: &'a Accessor<State>,
    /// Bytes, about, as the runtime counts what comes at once.
    received: Cell<u64>,
    /// How many they may be.
    limit: u64,
}

type Exchanged<'a> = Pin<Box<dyn Future<Output = Result<Val>> + 'a>>;

impl<'a> Exchange<'a> {
    /// Of a call that has brought nothing yet.
    pub(super) fn new(pipes: &'a [Pipe], store: &'a Accessor<State>) -> Self {
        let limit = store.with(|mut access| access.get().limits.hostcall_fuel);
        Self { pipes, store, received: Cell::new(0), limit }
    }

    /// `value`, of type `ty`, as it is on the other side. All that has to be read for it is read at the same time:
    /// a component may write its streams in any order.
    pub(super) fn value(&'a self, way: Way, ty: Type, value: Val) -> Exchanged<'a> {
        if !has_channel(&ty) {
            return Box::pin(std::future::ready(Ok(value)));
        }
        Box::pin(self.inside(way, ty, value))
    }

    async fn inside(&'a self, way: Way, ty: Type, value: Val) -> Result<Val> {
        if let Some(channel) = Channel::of(&ty) {
            return match way {
                Way::In => self.send(channel, value).await,
                Way::Out => self.receive(channel, value).await,
            };
        }
        Ok(match (ty, value) {
            (Type::List(list), Val::List(items)) => Val::List(self.items(way, &list.ty(), items).await?),
            (Type::FixedLengthList(list), Val::FixedLengthList(items)) => {
                Val::FixedLengthList(self.items(way, &list.ty(), items).await?)
            }
            (Type::Map(map), Val::Map(pairs)) => {
                let (keys, values): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
                let values = self.items(way, &map.value(), values).await?;
                Val::Map(keys.into_iter().zip(values).collect())
            }
            (Type::Record(record), Val::Record(fields)) => {
                let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
                let typed = record.fields().map(|field| field.ty).zip(values);
                Val::Record(names.into_iter().zip(self.all(way, typed).await?).collect())
            }
            (Type::Tuple(tuple), Val::Tuple(fields)) => {
                Val::Tuple(self.all(way, tuple.types().zip(fields)).await?)
            }
            (Type::Variant(variant), Val::Variant(name, payload)) => {
                let ty = variant.cases().find(|case| case.name == name).and_then(|case| case.ty);
                Val::Variant(name, self.payload(way, ty, payload).await?)
            }
            (Type::Option(option), Val::Option(payload)) => {
                Val::Option(self.payload(way, Some(option.ty()), payload).await?)
            }
            (Type::Result(result), Val::Result(Ok(payload))) => {
                Val::Result(Ok(self.payload(way, result.ok(), payload).await?))
            }
            (Type::Result(result), Val::Result(Err(payload))) => {
                Val::Result(Err(self.payload(way, result.err(), payload).await?))
            }
            (_, value) => value,
        })
    }

    async fn payload(
        &'a self,
        way: Way,
        ty: Option<Type>,
        value: Option<Box<Val>>,
    ) -> Result<Option<Box<Val>>> {
        match (ty, value) {
            (Some(ty), Some(value)) => Ok(Some(Box::new(self.value(way, ty, *value).await?))),
            (_, value) => Ok(value),
        }
    }

    async fn items(&'a self, way: Way, ty: &Type, items: Vec<Val>) -> Result<Vec<Val>> {
        self.all(way, items.into_iter().map(|item| (ty.clone(), item))).await
    }

    async fn all(&'a self, way: Way, values: impl Iterator<Item = (Type, Val)>) -> Result<Vec<Val>> {
        Group::of(values.map(|(ty, value)| self.value(way, ty, value))).all().await
    }

    async fn send(&'a self, channel: Channel, value: Val) -> Result<Val> {
        let items = match (&channel, value) {
            (Channel::Stream(_), Val::List(items)) => items,
            (_, value) => vec![value],
        };
        let items = if has_channel(channel.payload()) {
            self.items(Way::In, channel.payload(), items).await?
        } else {
            items
        };
        self.pipe(&channel)?.send(self.store, items).await
    }

    async fn receive(&'a self, channel: Channel, handle: Val) -> Result<Val> {
        let pipe = self.pipe(&channel)?;
        let opened = pipe.open(self.store, handle).await?;
        let mut items = if has_channel(channel.payload()) {
            self.receive_nested(pipe, &opened, channel.payload()).await?
        } else {
            let mut items = Vec::new();
            loop {
                let piece = self.next(pipe, &opened).await?;
                items.extend(piece.items);
                if piece.ended {
                    break items;
                }
            }
        };
        match channel {
            Channel::Stream(_) => Ok(Val::List(items)),
            Channel::Future(_) => items.pop().ok_or_else(|| format_err!("a future ended without a value")),
        }
    }

    /// Reads what the items stream while more items come: their writer may wait for the one or for the other.
    async fn receive_nested(&'a self, pipe: &Pipe, opened: &Val, payload: &Type) -> Result<Vec<Val>> {
        let mut items = Group::new();
        loop {
            let piece = items.beside(self.next(pipe, opened)).await?;
            for item in piece.items {
                items.push(self.value(Way::Out, payload.clone(), item));
            }
            if piece.ended {
                return items.all().await;
            }
        }
    }

    /// What comes next, counted: the runtime bounds each piece, and a stream need not end.
    async fn next(&self, pipe: &Pipe, opened: &Val) -> Result<Piece> {
        let piece = pipe.next(self.store, opened).await?;
        let received = piece.items.iter().map(size).fold(self.received.get(), u64::saturating_add);
        self.received.set(received);
        if received > self.limit {
            return Err(Exceeded::new(Quantity::HostcallFuel, self.limit).into());
        }
        Ok(piece)
    }

    fn pipe(&self, channel: &Channel) -> Result<&'a Pipe> {
        let pipe = self.pipes.iter().find(|pipe| pipe.carries(channel));
        pipe.ok_or_else(|| format_err!("there is no pipe for a stream or future of the call"))
    }
}

/// Bytes, about, that a value takes here.
fn size(value: &Val) -> u64 {
    let inside: u64 = match value {
        Val::String(text) | Val::Enum(text) => text.len() as u64,
        Val::List(items) | Val::FixedLengthList(items) | Val::Tuple(items) => items.iter().map(size).sum(),
        Val::Map(pairs) => pairs.iter().map(|(key, value)| size(key) + size(value)).sum(),
        Val::Record(fields) => fields.iter().map(|(name, value)| name.len() as u64 + size(value)).sum(),
        Val::Variant(name, payload) => name.len() as u64 + payload.as_deref().map_or(0, size),
        Val::Option(payload) | Val::Result(Ok(payload) | Err(payload)) => payload.as_deref().map_or(0, size),
        Val::Flags(names) => names.iter().map(|name| name.len() as u64).sum(),
        _ => 0,
    };
    size_of::<Val>() as u64 + inside
}

/// Whether a value of type `ty` may hold a stream or future.
fn has_channel(ty: &Type) -> bool {
    let mut found = false;
    visit(ty, &mut |ty| found |= matches!(ty, Type::Stream(_) | Type::Future(_)));
    found
}

/// Calls `see` with `ty` and all types in it, the outer ones first.
pub(super) fn visit(ty: &Type, see: &mut impl FnMut(&Type)) {
    see(ty);
    let parts: Vec<Type> = match ty {
        Type::List(list) => vec![list.ty()],
        Type::FixedLengthList(list) => vec![list.ty()],
        Type::Map(map) => vec![map.key(), map.value()],
        Type::Record(record) => record.fields().map(|field| field.ty).collect(),
        Type::Tuple(tuple) => tuple.types().collect(),
        Type::Variant(variant) => variant.cases().filter_map(|case| case.ty).collect(),
        Type::Option(option) => vec![option.ty()],
        Type::Result(result) => [result.ok(), result.err()].into_iter().flatten().collect(),
        Type::Stream(stream) => stream.ty().into_iter().collect(),
        Type::Future(future) => future.ty().into_iter().collect(),
        _ => Vec::new(),
    };
    for part in parts {
        visit(&part, see);
    }
}
