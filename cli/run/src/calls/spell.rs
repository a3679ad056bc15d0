//! Types and signatures as WIT spells them. wasmtime keeps no names of types, so each stands with its structure.

use wasmtime::component::Type;
use wasmtime::component::types::ComponentFunc;

/// `greet: async func(name: string) -> string`.
pub(super) fn signature(name: &str, ty: &ComponentFunc) -> String {
    let params: Vec<_> = ty.params().map(|(name, ty)| format!("{name}: {}", spelled(&ty))).collect();
    let effect = if ty.async_() { "async " } else { "" };
    let result: String = ty.results().map(|ty| format!(" -> {}", spelled(&ty))).collect();
    format!("{name}: {effect}func({}){result}", params.join(", "))
}

/// A type: `list<tuple<string, u32>>`.
pub(super) fn spelled(ty: &Type) -> String {
    let list = |types: Vec<String>| types.join(", ");
    let maybe = |ty: Option<Type>| ty.map_or("_".to_owned(), |ty| spelled(&ty));
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
        Type::Own(_) => "own<resource>".to_owned(),
        Type::Borrow(_) => "borrow<resource>".to_owned(),
        Type::List(of) => format!("list<{}>", spelled(&of.ty())),
        Type::FixedLengthList(of) => format!("list<{}, {}>", spelled(&of.ty()), of.len()),
        Type::Map(map) => format!("map<{}, {}>", spelled(&map.key()), spelled(&map.value())),
        Type::Tuple(tuple) => format!("tuple<{}>", list(tuple.types().map(|ty| spelled(&ty)).collect())),
        Type::Option(option) => format!("option<{}>", spelled(&option.ty())),
        Type::Result(result) => match (result.ok(), result.err()) {
            (None, None) => "result".to_owned(),
            (Some(ok), None) => format!("result<{}>", spelled(&ok)),
            (ok, err) => format!("result<{}, {}>", maybe(ok), maybe(err)),
        },
        Type::Stream(stream) => {
            stream.ty().map_or("stream".to_owned(), |ty| format!("stream<{}>", spelled(&ty)))
        }
        Type::Future(future) => {
            future.ty().map_or("future".to_owned(), |ty| format!("future<{}>", spelled(&ty)))
        }
        Type::Record(record) => {
            let fields = record.fields().map(|field| format!("{}: {}", field.name, spelled(&field.ty)));
            format!("record {{ {} }}", list(fields.collect()))
        }
        Type::Variant(variant) => {
            let case = |case: wasmtime::component::types::Case<'_>| match case.ty {
                Some(ty) => format!("{}({})", case.name, spelled(&ty)),
                None => case.name.to_owned(),
            };
            format!("variant {{ {} }}", list(variant.cases().map(case).collect()))
        }
        Type::Enum(names) => format!("enum {{ {} }}", list(names.names().map(str::to_owned).collect())),
        Type::Flags(names) => format!("flags {{ {} }}", list(names.names().map(str::to_owned).collect())),
    }
}
