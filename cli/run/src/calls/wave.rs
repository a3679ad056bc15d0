//! Between WAVE and the runtime's values. WAVE has no streams and futures: here a stream is the list of its items and
//! a future is its value, on both ways. `exchange` makes real ones of them, and back.

use super::spell::spelled;
use wasm_wave::value::{Type as WaveType, Value};
use wasm_wave::wasm::WasmValue;
use wasmtime::component::{Type, Val};

/// The type that a value of type `ty` is written with, or why none can be.
pub(super) fn wave_type(ty: &Type) -> Result<WaveType, String> {
    let maybe = |ty: Option<Type>| ty.map(|ty| wave_type(&ty)).transpose();
    let found = match ty {
        Type::Bool => Some(WaveType::BOOL),
        Type::S8 => Some(WaveType::S8),
        Type::U8 => Some(WaveType::U8),
        Type::S16 => Some(WaveType::S16),
        Type::U16 => Some(WaveType::U16),
        Type::S32 => Some(WaveType::S32),
        Type::U32 => Some(WaveType::U32),
        Type::S64 => Some(WaveType::S64),
        Type::U64 => Some(WaveType::U64),
        Type::Float32 => Some(WaveType::F32),
        Type::Float64 => Some(WaveType::F64),
        Type::Char => Some(WaveType::CHAR),
        Type::String => Some(WaveType::STRING),
        Type::List(list) => Some(WaveType::list(wave_type(&list.ty())?)),
        Type::FixedLengthList(list) => Some(WaveType::list(wave_type(&list.ty())?)),
        Type::Map(map) => {
            WaveType::tuple([wave_type(&map.key())?, wave_type(&map.value())?]).map(WaveType::list)
        }
        Type::Stream(stream) => maybe(stream.ty())?.map(WaveType::list),
        Type::Future(future) => maybe(future.ty())?,
        Type::Record(record) => {
            let fields = record.fields().map(|field| Ok((field.name.to_owned(), wave_type(&field.ty)?)));
            WaveType::record(fields.collect::<Result<Vec<_>, String>>()?)
        }
        Type::Tuple(tuple) => {
            WaveType::tuple(tuple.types().map(|ty| wave_type(&ty)).collect::<Result<Vec<_>, String>>()?)
        }
        Type::Variant(variant) => {
            let cases = variant.cases().map(|case| Ok((case.name.to_owned(), maybe(case.ty)?)));
            WaveType::variant(cases.collect::<Result<Vec<_>, String>>()?)
        }
        Type::Enum(names) => WaveType::enum_ty(names.names()),
        Type::Flags(names) => WaveType::flags(names.names()),
        Type::Option(option) => Some(WaveType::option(wave_type(&option.ty())?)),
        Type::Result(result) => Some(WaveType::result(maybe(result.ok())?, maybe(result.err())?)),
        Type::Own(_) | Type::Borrow(_) => {
            return Err("a resource exists only inside the component, it cannot be written".to_owned());
        }
        Type::ErrorContext => {
            return Err("an error-context exists only inside the component, it cannot be written".to_owned());
        }
    };
    found.ok_or_else(|| format!("a `{}` has no items that could be written", spelled(ty)))
}

/// `value`, which is of the WAVE type of `ty`, for the runtime: with lists where `ty` has streams, values where it has
/// futures.
pub(super) fn to_val(ty: &Type, value: &Value) -> Result<Val, String> {
    if let Some(val) = to_simple(ty, value) {
        return Ok(val);
    }
    let items = |ty: &Type| value.unwrap_list().map(|item| to_val(ty, &item)).collect::<Result<Vec<_>, _>>();
    let payload = |ty: Option<Type>, value: Option<&Value>| match (ty, value) {
        (Some(ty), Some(value)) => Ok::<_, String>(Some(Box::new(to_val(&ty, value)?))),
        _ => Ok(None),
    };
    Ok(match ty {
        Type::List(list) => Val::List(items(&list.ty())?),
        Type::FixedLengthList(list) => {
            let items = items(&list.ty())?;
            if items.len() != list.len() as usize {
                return Err(format!("`{}` takes {} items, not {}", spelled(ty), list.len(), items.len()));
            }
            Val::FixedLengthList(items)
        }
        Type::Map(map) => {
            let (key, item) = (map.key(), map.value());
            let pair = |pair: &Value| {
                let mut fields = pair.unwrap_tuple();
                match (fields.next(), fields.next()) {
                    (Some(first), Some(second)) => Ok((to_val(&key, &first)?, to_val(&item, &second)?)),
                    _ => Err("a pair has two fields".to_owned()),
                }
            };
            Val::Map(value.unwrap_list().map(|item| pair(&item)).collect::<Result<_, String>>()?)
        }
        Type::Record(record) => {
            let typed = record.fields().zip(value.unwrap_record());
            let field =
                typed.map(|(field, (name, value))| Ok((name.into_owned(), to_val(&field.ty, &value)?)));
            Val::Record(field.collect::<Result<_, String>>()?)
        }
        Type::Tuple(tuple) => {
            let typed = tuple.types().zip(value.unwrap_tuple());
            Val::Tuple(typed.map(|(ty, value)| to_val(&ty, &value)).collect::<Result<_, _>>()?)
        }
        Type::Variant(variant) => {
            let (name, value) = value.unwrap_variant();
            let ty = variant.cases().find(|case| case.name == name).and_then(|case| case.ty);
            Val::Variant(name.into_owned(), payload(ty, value.as_deref())?)
        }
        Type::Enum(_) => Val::Enum(value.unwrap_enum().into_owned()),
        Type::Flags(_) => Val::Flags(value.unwrap_flags().map(|name| name.into_owned()).collect()),
        Type::Option(option) => Val::Option(payload(Some(option.ty()), value.unwrap_option().as_deref())?),
        Type::Result(result) => Val::Result(match value.unwrap_result() {
            Ok(value) => Ok(payload(result.ok(), value.as_deref())?),
            Err(value) => Err(payload(result.err(), value.as_deref())?),
        }),
        Type::Stream(stream) => match stream.ty() {
            Some(ty) => Val::List(items(&ty)?),
            None => Val::List(Vec::new()),
        },
        Type::Future(future) => match future.ty() {
            Some(ty) => to_val(&ty, value)?,
            None => Val::Tuple(Vec::new()),
        },
        // What is simple is done; of the others, `wave_type` has no type.
        _ => return Err(format!("no `{}`", spelled(ty))),
    })
}

/// `val`, which has lists where its type has streams and values where it has futures, as WAVE of type `ty`.
pub(super) fn from_val(ty: &WaveType, val: &Val) -> Result<Value, String> {
    if let Some(value) = from_simple(val) {
        return Ok(value);
    }
    use wasm_wave::wasm::WasmType;
    let item_type = || ty.list_element_type().ok_or_else(|| mismatch(ty));
    let payload = |ty: Option<WaveType>, val: &Option<Box<Val>>| match (ty, val) {
        (Some(ty), Some(val)) => from_val(&ty, val).map(Some),
        _ => Ok(None),
    };
    let made = match val {
        Val::List(items) | Val::FixedLengthList(items) => {
            let item = item_type()?;
            Value::make_list(ty, items.iter().map(|val| from_val(&item, val)).collect::<Result<Vec<_>, _>>()?)
        }
        Val::Map(pairs) => {
            let pair = item_type()?;
            let types: Vec<_> = pair.tuple_element_types().collect();
            let [key, item] = &types[..] else { return Err(mismatch(ty)) };
            let entry = |(first, second): &(Val, Val)| {
                let fields = [from_val(key, first)?, from_val(item, second)?];
                Value::make_tuple(&pair, fields).map_err(|error| error.to_string())
            };
            Value::make_list(ty, pairs.iter().map(entry).collect::<Result<Vec<_>, _>>()?)
        }
        Val::Record(fields) => {
            let typed = ty.record_fields().zip(fields);
            let field = typed.map(|((_, ty), (name, val))| Ok((name.as_str(), from_val(&ty, val)?)));
            Value::make_record(ty, field.collect::<Result<Vec<_>, String>>()?)
        }
        Val::Tuple(fields) => {
            let typed = ty.tuple_element_types().zip(fields);
            Value::make_tuple(ty, typed.map(|(ty, val)| from_val(&ty, val)).collect::<Result<Vec<_>, _>>()?)
        }
        Val::Variant(name, val) => {
            let case = ty.variant_cases().find(|(case, _)| case == name).and_then(|(_, ty)| ty);
            Value::make_variant(ty, name, payload(case, val)?)
        }
        Val::Enum(name) => Value::make_enum(ty, name),
        Val::Flags(names) => Value::make_flags(ty, names.iter().map(String::as_str)),
        Val::Option(val) => Value::make_option(ty, payload(ty.option_some_type(), val)?),
        Val::Result(val) => {
            let (ok, err) = ty.result_types().ok_or_else(|| mismatch(ty))?;
            let val = match val {
                Ok(val) => Ok(payload(ok, val)?),
                Err(val) => Err(payload(err, val)?),
            };
            Value::make_result(ty, val)
        }
        // What is simple is done, and no other value has a WAVE type.
        _ => return Err(mismatch(ty)),
    };
    made.map_err(|error| error.to_string())
}

fn to_simple(ty: &Type, value: &Value) -> Option<Val> {
    Some(match ty {
        Type::Bool => Val::Bool(value.unwrap_bool()),
        Type::S8 => Val::S8(value.unwrap_s8()),
        Type::U8 => Val::U8(value.unwrap_u8()),
        Type::S16 => Val::S16(value.unwrap_s16()),
        Type::U16 => Val::U16(value.unwrap_u16()),
        Type::S32 => Val::S32(value.unwrap_s32()),
        Type::U32 => Val::U32(value.unwrap_u32()),
        Type::S64 => Val::S64(value.unwrap_s64()),
        Type::U64 => Val::U64(value.unwrap_u64()),
        Type::Float32 => Val::Float32(value.unwrap_f32()),
        Type::Float64 => Val::Float64(value.unwrap_f64()),
        Type::Char => Val::Char(value.unwrap_char()),
        Type::String => Val::String(value.unwrap_string().into_owned()),
        _ => return None,
    })
}

fn from_simple(val: &Val) -> Option<Value> {
    Some(match val {
        Val::Bool(value) => Value::make_bool(*value),
        Val::S8(value) => Value::make_s8(*value),
        Val::U8(value) => Value::make_u8(*value),
        Val::S16(value) => Value::make_s16(*value),
        Val::U16(value) => Value::make_u16(*value),
        Val::S32(value) => Value::make_s32(*value),
        Val::U32(value) => Value::make_u32(*value),
        Val::S64(value) => Value::make_s64(*value),
        Val::U64(value) => Value::make_u64(*value),
        Val::Float32(value) => Value::make_f32(*value),
        Val::Float64(value) => Value::make_f64(*value),
        Val::Char(value) => Value::make_char(*value),
        Val::String(value) => Value::make_string(value.as_str().into()),
        _ => return None,
    })
}

fn mismatch(ty: &WaveType) -> String {
    format!("a value is not of its type {ty:?}")
}
