//! Values as JSON, for `--format json`. The guide has the table.

use serde_json::{Number, Value as Json};
use wasm_wave::value::Value;
use wasm_wave::wasm::{WasmTypeKind, WasmValue};

/// `value` as JSON.
pub(super) fn json(value: &Value) -> Json {
    match value.kind() {
        WasmTypeKind::Bool => Json::from(value.unwrap_bool()),
        WasmTypeKind::S8 => Json::from(value.unwrap_s8()),
        WasmTypeKind::S16 => Json::from(value.unwrap_s16()),
        WasmTypeKind::S32 => Json::from(value.unwrap_s32()),
        WasmTypeKind::S64 => Json::from(value.unwrap_s64()),
        WasmTypeKind::U8 => Json::from(value.unwrap_u8()),
        WasmTypeKind::U16 => Json::from(value.unwrap_u16()),
        WasmTypeKind::U32 => Json::from(value.unwrap_u32()),
        WasmTypeKind::U64 => Json::from(value.unwrap_u64()),
        // By its digits: 0.1 is to stay 0.1.
        WasmTypeKind::F32 => float(value.unwrap_f32().to_string().parse().unwrap_or(f64::NAN)),
        WasmTypeKind::F64 => float(value.unwrap_f64()),
        WasmTypeKind::Char => Json::from(value.unwrap_char().to_string()),
        WasmTypeKind::String => Json::from(value.unwrap_string().into_owned()),
        WasmTypeKind::List | WasmTypeKind::FixedLengthList => {
            value.unwrap_list().map(|item| json(&item)).collect()
        }
        WasmTypeKind::Tuple => value.unwrap_tuple().map(|item| json(&item)).collect(),
        WasmTypeKind::Record => {
            value.unwrap_record().map(|(name, field)| (name.into_owned(), json(&field))).collect()
        }
        WasmTypeKind::Flags => value.unwrap_flags().map(|name| Json::from(name.into_owned())).collect(),
        WasmTypeKind::Enum => Json::from(value.unwrap_enum().into_owned()),
        WasmTypeKind::Variant => match value.unwrap_variant() {
            (name, None) => Json::from(name.into_owned()),
            (name, Some(payload)) => tagged(&name, json(&payload)),
        },
        WasmTypeKind::Result => match value.unwrap_result() {
            Ok(payload) => tagged("ok", payload.map_or(Json::Null, |payload| json(&payload))),
            Err(payload) => tagged("err", payload.map_or(Json::Null, |payload| json(&payload))),
        },
        WasmTypeKind::Option => match value.unwrap_option() {
            None => Json::Null,
            // Or `some(none)` would look like `none`.
            Some(inner) if inner.kind() == WasmTypeKind::Option => tagged("some", json(&inner)),
            Some(inner) => json(&inner),
        },
        _ => Json::Null,
    }
}

fn tagged(name: &str, payload: Json) -> Json {
    Json::Object([(name.to_owned(), payload)].into_iter().collect())
}

fn float(value: f64) -> Json {
    let infinite = if value > 0.0 { "inf" } else { "-inf" };
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => Json::from("nan"),
        None => Json::from(infinite),
    }
}
