//! What Winch lacks: it finds that out only late, and then the time is lost.

use crate::at_once::at_once;
use std::mem;
use wasmparser::{
    FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, ValidPayload, Validator,
    ValidatorResources, WasmFeatures,
};

/// Bytes of functions that are looked at by one thread in one go.
const RUN: usize = 256 << 10;

/// Whether Winch is worth a try on `binaries`, components or core modules.
pub(crate) fn takes(binaries: &[&[u8]]) -> bool {
    let outside = at_once(binaries, |binary| binary.len(), |binary| functions(binary));
    let Some(functions) = outside.into_iter().collect::<Option<Vec<_>>>() else { return false };
    let runs = functions.iter().flat_map(|functions| runs(functions)).collect::<Vec<_>>();
    at_once(&runs, |_| 0, |run| fit(run)).into_iter().all(|fits| fits)
}

/// A function, and what it must be held to.
type Function<'b> = (FuncToValidate<ValidatorResources>, FunctionBody<'b>);

/// The functions in `binary`. `None` if Winch does not take what is around them.
fn functions(binary: &[u8]) -> Option<Vec<Function<'_>>> {
    let lacking = WasmFeatures::TAIL_CALL
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::FUNCTION_REFERENCES
        | WasmFeatures::GC
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::STACK_SWITCHING;
    let has = WasmFeatures::all().difference(lacking);
    let (mut validator, mut functions) = (Validator::new_with_features(has), Vec::new());
    for payload in Parser::new(0).parse_all(binary) {
        if let ValidPayload::Func(function, body) = validator.payload(&payload.ok()?).ok()? {
            functions.push((function, body));
        }
    }
    Some(functions)
}

/// The same functions, one after the other, in runs of about [`RUN`] bytes.
fn runs<'f, 'b>(functions: &'f [Function<'b>]) -> Vec<&'f [Function<'b>]> {
    let start = |function: &Function<'_>| function.1.range().start / RUN;
    functions.chunk_by(|one, next| start(one) == start(next)).collect()
}

fn fit(functions: &[Function<'_>]) -> bool {
    let mut allocations = FuncValidatorAllocations::default();
    functions.iter().all(|(FuncToValidate { resources, index, ty, features }, body)| {
        let function = FuncToValidate { resources, index: *index, ty: *ty, features: *features };
        let mut validator = function.into_validator(mem::take(&mut allocations));
        let fits = validator.validate(body).is_ok();
        allocations = validator.into_allocations();
        fits
    })
}
