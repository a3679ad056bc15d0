//! Reads the arguments of a call by the types of the function's parameters, and says where they do not fit.

use super::exports::Export;
use super::expression::CallExpression;
use super::prepared::Call;
use super::problem::CallProblem;
use super::spell::spelled;
use super::wave;
use wasm_wave::ast::Node;
use wasm_wave::parser::{ParserError, ParserErrorKind};
use wasmtime::component::{Type, Val};

/// The call of `export` that `expression` asks for.
pub(super) fn call(export: &Export, expression: &CallExpression) -> Result<Call, CallProblem> {
    let problem =
        |message| CallProblem { message, notes: vec![format!("it exports `{}`", export.signature())] };
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
        let function = &export.path;
        return Err(problem(format!(
            "has a function `{function}` of {count}, and {} were given",
            nodes.len()
        )));
    }
    let mut arguments = Vec::new();
    for (place, (name, ty)) in params.iter().enumerate() {
        arguments.push(match nodes.get(place) {
            Some(node) => argument(name, ty, node, expression).map_err(problem)?,
            None => Val::Option(None),
        });
    }
    Ok(Call { path: export.path.clone(), ty: export.ty.clone(), arguments, result })
}

fn argument(name: &str, ty: &Type, node: &Node, expression: &CallExpression) -> Result<Val, String> {
    let source = expression.source();
    let takes = |found: &str, at: usize, why: &str| {
        format!("takes no `{found}` as `{name}: {}`, at column {}: {why}", spelled(ty), expression.column(at))
    };
    let value = wave::wave_type(ty).and_then(|wave| {
        node.to_wasm_value::<wasm_wave::value::Value>(&wave, &source).map_err(|error: ParserError| {
            let span = error.span();
            takes(source.get(span.clone()).unwrap_or_default(), span.start, &reason(&error))
        })
    })?;
    wave::to_val(ty, &value).map_err(|why| {
        let span = node.span();
        takes(source.get(span.clone()).unwrap_or_default(), span.start, &why)
    })
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
