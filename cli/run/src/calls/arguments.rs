//! Reads the arguments of a call by the types of the function's parameters, and says where they do not fit.

use super::exports::Export;
use super::expression::CallExpression;
use super::prepared::Call;
use super::problem::CallProblem;
use super::spell::spelled;
use super::wave;
use std::cell::Cell;
use wasm_wave::ast::Node;
use wasm_wave::parser::{ParserError, ParserErrorKind};
use wasm_wave::untyped::UntypedValue;
use wasm_wave::value::Type as WaveType;
use wasm_wave::wasm::{WasmType, WasmTypeKind};
use wasmtime::component::{Type, Val};

/// The call of `export` that `expression` asks for.
pub(super) fn call(export: &Export, expression: &CallExpression) -> Result<Call, CallProblem> {
    let problem = |message| CallProblem {
        function: Some(export.path.to_string()),
        message,
        notes: vec![format!("its type is `{}`", export.signature())],
    };
    let params: Vec<(&str, Type)> = export.ty.params().collect();
    for (name, ty) in &params {
        wave::wave_type(ty).map_err(|reason| {
            problem(format!("takes a parameter `{name}: {}` that cannot be given: {reason}", spelled(ty)))
        })?;
    }
    let result = match export.ty.results().next() {
        None => None,
        Some(ty) => Some(wave::wave_type(&ty).map_err(|reason| {
            problem(format!("gives a result `{}` that cannot be shown: {reason}", spelled(&ty)))
        })?),
    };
    let nodes = expression.arguments();
    // As WAVE has it, options at the end may be left out.
    let needed = params.iter().rposition(|(_, ty)| !matches!(ty, Type::Option(_))).map_or(0, |last| last + 1);
    if nodes.len() > params.len() || nodes.len() < needed {
        let count = match params.len() {
            1 => "1 argument".to_owned(),
            count => format!("{count} arguments"),
        };
        return Err(problem(format!("takes {count}, not {}", nodes.len())));
    }
    let mut arguments = Vec::new();
    for (place, (name, ty)) in params.iter().enumerate() {
        arguments.push(match nodes.get(place) {
            Some(node) => argument(name, ty, node, expression).map_err(problem)?,
            None => Val::Option(None),
        });
    }
    Ok(Call {
        text: expression.text().to_owned(),
        path: export.path.clone(),
        ty: export.ty.clone(),
        arguments,
        result,
        ended: Cell::new(false),
    })
}

/// The value in WAVE that a call of `export` should give, spelled as its results are.
pub(super) fn expected(export: &Export, text: &str) -> Result<String, CallProblem> {
    let problem = |message| CallProblem {
        function: Some(export.path.to_string()),
        message,
        notes: vec![format!("its type is `{}`", export.signature())],
    };
    let Some(ty) = export.ty.results().next() else {
        return Err(problem(format!("gives no result, and `{}` is expected", short(text))));
    };
    let gives = |why: &str| problem(format!("gives no `{}`: {why}", short(text)));
    let wave = wave::wave_type(&ty).map_err(|why| gives(&why))?;
    let parsed = UntypedValue::parse(text).map_err(|error| gives(&error.to_string()))?;
    let value =
        parsed.to_wasm_value::<wasm_wave::value::Value>(&wave).map_err(|error| gives(&reason(&error)))?;
    if let Some((_, field)) = unknown_field(&wave, parsed.node(), text) {
        return Err(gives(&format!("unknown field {field:?}")));
    }
    wasm_wave::to_string(&value).map_err(|error| gives(&error.to_string()))
}

fn argument(name: &str, ty: &Type, node: &Node, expression: &CallExpression) -> Result<Val, String> {
    let source = expression.source();
    let takes = |found: &str, at: usize, why: &str| {
        let (ty, call, column) = (spelled(ty), short(expression.text()), expression.column(at));
        format!("takes no `{}` as `{name}: {ty}`, at column {column} of `{call}`: {why}", short(found))
    };
    let wave = wave::wave_type(ty)?;
    let value = node.to_wasm_value::<wasm_wave::value::Value>(&wave, &source).map_err(|error| {
        let span = error.span();
        takes(source.get(span.clone()).unwrap_or_default(), span.start, &reason(&error))
    })?;
    let faulty = |node: &Node, why: &str| {
        let span = node.span();
        takes(source.get(span.clone()).unwrap_or_default(), span.start, why)
    };
    if let Some((record, field)) = unknown_field(&wave, node, &source) {
        return Err(faulty(record, &format!("unknown field {field:?}")));
    }
    wave::to_val(ty, &value).map_err(|why| faulty(node, &why))
}

/// A field that a record in `node` has and its type has not, with that record. WAVE passes over it: a misspelt field
/// that may be left out would be lost.
fn unknown_field<'n>(ty: &WaveType, node: &'n Node, source: &str) -> Option<(&'n Node, String)> {
    let inside = |ty: Option<WaveType>, node: Option<&'n Node>| unknown_field(&ty?, node?, source);
    match ty.kind() {
        WasmTypeKind::List => {
            let item = ty.list_element_type()?;
            node.as_list().ok()?.find_map(|node| unknown_field(&item, node, source))
        }
        WasmTypeKind::Tuple => {
            let mut typed = ty.tuple_element_types().zip(node.as_tuple().ok()?);
            typed.find_map(|(ty, node)| unknown_field(&ty, node, source))
        }
        WasmTypeKind::Record => node.as_record(source).ok()?.find_map(|(name, field)| {
            match ty.record_fields().find(|(known, _)| *known == name) {
                Some((_, ty)) => unknown_field(&ty, field, source),
                None => Some((node, name.to_owned())),
            }
        }),
        WasmTypeKind::Variant => {
            let (name, payload) = node.as_variant(source).ok()?;
            inside(ty.variant_cases().find(|(case, _)| *case == name)?.1, payload)
        }
        // `some` and `ok` may be left out.
        WasmTypeKind::Option => match node.as_option() {
            Ok(payload) => inside(ty.option_some_type(), payload),
            Err(_) => inside(ty.option_some_type(), Some(node)),
        },
        WasmTypeKind::Result => match (ty.result_types()?, node.as_result()) {
            ((_, err), Ok(Err(payload))) => inside(err, payload),
            ((ok, _), Ok(Ok(payload))) => inside(ok, payload),
            ((ok, _), Err(_)) => inside(ok, Some(node)),
        },
        _ => None,
    }
}

/// The beginning of a text, if it is too long to be shown.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// What WAVE says, without the place.
fn reason(error: &ParserError) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at ").map_or(&*text, |(text, _)| text);
    match error.kind() {
        ParserErrorKind::InvalidType => "it is of another type".to_owned(),
        ParserErrorKind::InvalidValue => "it is not a value of that type".to_owned(),
        ParserErrorKind::WasmValueError => {
            text.split_once(": ").map_or(text, |(_, detail)| detail).to_owned()
        }
        _ => text.to_owned(),
    }
}
