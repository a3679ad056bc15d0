//! What Winch lacks: it finds that out only late, and then the time is lost.

use crate::at_once::at_once;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
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
    // After one that does not fit, none is looked at.
    let fits = AtomicBool::new(true);
    at_once(&runs, |_| 0, |run| _ = fits.fetch_and(fits.load(Relaxed) && fit(run), Relaxed));
    fits.into_inner()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn takes_all(texts: &[&str]) -> bool {
        let binaries = texts.iter().map(|text| wat::parse_str(text).unwrap()).collect::<Vec<_>>();
        takes(&binaries.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    const PLAIN: &str = "(module (func (drop (i32.const 1))))";

    /// What Winch lacks may stand in a function or outside of all, in a module by itself or within others, and in any of
    /// several.
    #[test]
    fn what_it_lacks_is_found_wherever_it_stands() {
        let tail = "(module (func $f (return_call $f)))";
        assert!(takes_all(&[]) && takes_all(&[PLAIN]) && takes_all(&["(component)", PLAIN]));
        for lacking in [tail, "(module (tag))", "(module (type (struct)))"] {
            let nested = format!("(component (component (core {}))", &lacking[1..]);
            assert!(!takes_all(&[lacking]), "{lacking}");
            assert!(!takes_all(&[&nested]), "{nested}");
            assert!(!takes_all(&[PLAIN, lacking]) && !takes_all(&[lacking, PLAIN]), "{lacking}");
        }
        assert!(!takes(&[b"\0asm"]), "what is no module has nothing to take");
    }

    /// Functions are divided, and each of them must be looked at: the first and the last too.
    #[test]
    fn it_is_found_in_any_of_many_functions() {
        let plain = format!("(func {})", "(drop (i64.const -1))".repeat(RUN / 3));
        for place in 0..4 {
            let function = |at| if at == place { "(func $f (return_call $f))" } else { plain.as_str() };
            let module = format!("(module {})", (0..4).map(function).collect::<String>());
            assert!(!takes_all(&[&module]), "{place}");
        }
        assert!(takes_all(&[&format!("(module {})", plain.repeat(4))]));
    }
}
