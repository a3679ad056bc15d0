//! Streams and futures whose payload is known only at run time: made from lists, and read into lists.
//!
//! wasmtime gives a host the ends of a stream only for payloads that are Rust types. So a small component is generated
//! for each payload, `pipe.wat`, that does in core code what the host cannot: it turns a list into a stream or future,
//! and reads one piece by piece. Its tasks are guest tasks like any others, so a deadlock with them is seen as one.

use super::layout::Layout;
use crate::state::State;
use wasmtime::component::{Accessor, Component, Func, Instance, Linker, Type, Val};
use wasmtime::{AsContextMut, Engine, Store, error::format_err};

/// Bytes of items that one read asks for.
const ROOM: u32 = 64 << 10;

/// What a pipe carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Channel {
    Stream(Type),
    Future(Type),
}

impl Channel {
    /// The channel that `ty` is a handle of, if it is one and has a payload.
    pub(super) fn of(ty: &Type) -> Option<Channel> {
        match ty {
            Type::Stream(stream) => stream.ty().map(Channel::Stream),
            Type::Future(future) => future.ty().map(Channel::Future),
            _ => None,
        }
    }

    /// The type of its items.
    pub(super) fn payload(&self) -> &Type {
        match self {
            Channel::Stream(payload) | Channel::Future(payload) => payload,
        }
    }
}

/// A compiled pipe, not yet in a store.
pub(super) struct PipeComponent {
    channel: Channel,
    component: Component,
}

impl PipeComponent {
    /// Generates and compiles the component for `channel`.
    pub(super) fn compile(engine: &Engine, channel: Channel) -> wasmtime::Result<PipeComponent> {
        let component = Component::new(engine, text(&channel))?;
        Ok(PipeComponent { channel, component })
    }

    /// Whether it carries `channel`.
    pub(super) fn carries(&self, channel: &Channel) -> bool {
        self.channel == *channel
    }

    /// Puts it into `store`.
    pub(super) async fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Pipe> {
        let linker = Linker::new(store.engine());
        let sender = linker.instantiate_async(&mut *store, &self.component).await?;
        let receiver = linker.instantiate_async(&mut *store, &self.component).await?;
        let mut function = |instance: &Instance, name: &str| {
            instance.get_func(&mut *store, name).ok_or_else(|| format_err!("a pipe exports no `{name}`"))
        };
        Ok(Pipe {
            channel: self.channel.clone(),
            new: function(&sender, "new")?,
            unread: function(&sender, "unread")?,
            open: function(&receiver, "open")?,
            next: function(&receiver, "next")?,
        })
    }
}

/// A pipe in a store: any number of streams or futures go through it at once. It is two instances, one that sends and
/// one that receives, since no instance may read what it writes itself, as happens if a component gives back an argument.
pub(super) struct Pipe {
    channel: Channel,
    new: Func,
    unread: Func,
    open: Func,
    next: Func,
}

/// What one read of a stream or future gave.
pub(super) struct Piece {
    /// The items, in their order.
    pub(super) items: Vec<Val>,
    /// Whether more may come.
    pub(super) ended: bool,
}

impl Pipe {
    /// Whether it carries `channel`.
    pub(super) fn carries(&self, channel: &Channel) -> bool {
        self.channel == *channel
    }

    /// A stream of `items`, or a future of the one item. It is written in the background, as it is read.
    pub(super) async fn send(&self, store: &Accessor<State>, items: Vec<Val>) -> wasmtime::Result<Val> {
        call(self.new, store, Val::List(items)).await
    }

    /// Begins to read a stream or future. What it gives is for [`Pipe::next`].
    pub(super) async fn open(&self, store: &Accessor<State>, channel: Val) -> wasmtime::Result<Val> {
        call(self.open, store, channel).await
    }

    /// What comes next. Not to be called again after the end.
    pub(super) async fn next(&self, store: &Accessor<State>, opened: &Val) -> wasmtime::Result<Piece> {
        match call(self.next, store, opened.clone()).await? {
            Val::Tuple(fields) => match <[Val; 2]>::try_from(fields) {
                Ok([Val::List(items), Val::Bool(ended)]) => Ok(Piece { items, ended }),
                _ => Err(format_err!("a pipe gave no piece")),
            },
            _ => Err(format_err!("a pipe gave no piece")),
        }
    }

    /// Whether something that was sent has neither been read to its end nor dropped.
    pub(super) async fn is_unread(&self, store: &mut Store<State>) -> wasmtime::Result<bool> {
        let mut count = [Val::U32(0)];
        self.unread.call_async(store.as_context_mut(), &[], &mut count).await?;
        Ok(count != [Val::U32(0)])
    }
}

async fn call(function: Func, store: &Accessor<State>, argument: Val) -> wasmtime::Result<Val> {
    let mut result = [Val::Bool(false)];
    function.call_concurrent(store, &[argument], &mut result).await?;
    let [result] = result;
    Ok(result)
}

/// The text of the component that carries `channel`.
fn text(channel: &Channel) -> String {
    let mut types = Types::default();
    let payload = types.name(channel.payload());
    let layout = Layout::of(channel.payload());
    let (kind, decode, piece) = match channel {
        Channel::Stream(_) => ("stream", STREAM, (ROOM / layout.size.max(1)).max(1)),
        Channel::Future(_) => ("future", FUTURE, 1),
    };
    let room = layout.size.saturating_mul(piece);
    include_str!("pipe.wat")
        .replace("DECODE", decode)
        .replace("KIND", kind)
        .replace("SIZE", &layout.size.to_string())
        .replace("ALIGN", &layout.align.to_string())
        .replace("ROOM", &room.to_string())
        .replace("PIECE", &piece.to_string())
        .replace("PAYLOAD", &payload)
        .replace("TYPES", &types.definitions)
}

/// How reads and writes of a stream are called, and what their code says.
const STREAM: &str = r#"
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (func $count (param $code i32) (result i32) (i32.shr_u (local.get $code) (i32.const 4)))
    (func $ended (param $code i32) (result i32)
      (i32.ne (i32.and (local.get $code) (i32.const 15)) (i32.const 0)))"#;

/// The same of a future, which has one item and then its end.
const FUTURE: &str = r#"
    (import "" "read" (func $read-one (param i32 i32) (result i32)))
    (import "" "write" (func $write-one (param i32 i32) (result i32)))
    (func $read (param i32 i32 i32) (result i32) (call $read-one (local.get 0) (local.get 1)))
    (func $write (param i32 i32 i32) (result i32) (call $write-one (local.get 0) (local.get 1)))
    (func $count (param $code i32) (result i32) (i32.eqz (local.get $code)))
    (func $ended (param $code i32) (result i32) (i32.const 1))"#;

/// Writes types in the text format. Those that the component model wants named are exported, for their names.
#[derive(Default)]
struct Types {
    definitions: String,
    count: usize,
}

impl Types {
    /// What stands for `ty` in the text, after its parts have been defined.
    fn name(&mut self, ty: &Type) -> String {
        match ty {
            Type::Bool => "bool".to_owned(),
            Type::S8 => "s8".to_owned(),
            Type::U8 => "u8".to_owned(),
            Type::S16 => "s16".to_owned(),
            Type::U16 => "u16".to_owned(),
            Type::S32 => "s32".to_owned(),
            Type::U32 => "u32".to_owned(),
            Type::S64 => "s64".to_owned(),
            Type::U64 => "u64".to_owned(),
            Type::Float32 => "f32".to_owned(),
            Type::Float64 => "f64".to_owned(),
            Type::Char => "char".to_owned(),
            Type::String => "string".to_owned(),
            Type::ErrorContext => "error-context".to_owned(),
            Type::List(list) => format!("(list {})", self.name(&list.ty())),
            Type::FixedLengthList(list) => format!("(list {} {})", self.name(&list.ty()), list.len()),
            Type::Map(map) => format!("(map {} {})", self.name(&map.key()), self.name(&map.value())),
            Type::Tuple(tuple) => {
                let types: Vec<_> = tuple.types().map(|ty| self.name(&ty)).collect();
                format!("(tuple {})", types.join(" "))
            }
            Type::Option(option) => format!("(option {})", self.name(&option.ty())),
            Type::Result(result) => {
                let ok = self.payload(result.ok());
                let err = result.err().map_or(String::new(), |ty| format!(" (error {})", self.name(&ty)));
                format!("(result{ok}{err})")
            }
            // The text format has these two only by a name of their own.
            Type::Stream(stream) => {
                let text = format!("(stream{})", self.payload(stream.ty()));
                self.define(&text)
            }
            Type::Future(future) => {
                let text = format!("(future{})", self.payload(future.ty()));
                self.define(&text)
            }
            Type::Record(_) | Type::Variant(_) | Type::Enum(_) | Type::Flags(_) => self.named(ty),
            // Nothing with a resource comes here: `wave` has refused it.
            Type::Own(_) | Type::Borrow(_) => "u32".to_owned(),
        }
    }

    fn payload(&mut self, ty: Option<Type>) -> String {
        ty.map_or(String::new(), |ty| format!(" {}", self.name(&ty)))
    }

    fn named(&mut self, ty: &Type) -> String {
        let mut text = String::new();
        let kind = match ty {
            Type::Record(record) => {
                for field in record.fields() {
                    text += &format!(" (field \"{}\" {})", field.name, self.name(&field.ty));
                }
                "record"
            }
            Type::Variant(variant) => {
                for case in variant.cases() {
                    text += &format!(" (case \"{}\"{})", case.name, self.payload(case.ty));
                }
                "variant"
            }
            Type::Enum(names) => {
                names.names().for_each(|name| text += &format!(" \"{name}\""));
                "enum"
            }
            Type::Flags(names) => {
                names.names().for_each(|name| text += &format!(" \"{name}\""));
                "flags"
            }
            _ => return String::new(),
        };
        let definition = self.define(&format!("({kind}{text})"));
        let name = definition.replace('d', "t");
        self.definitions += &format!("(export {name} \"{}\" (type {definition}))\n  ", &name[1..]);
        name
    }

    fn define(&mut self, text: &str) -> String {
        let name = format!("$d{}", self.count);
        self.count += 1;
        self.definitions += &format!("(type {name} {text})\n  ");
        name
    }
}
