//! What Winch lacks: it finds that out only late, and then the time is lost.

use wasmparser::{Validator, WasmFeatures};

/// Whether Winch is worth a try on `binary`, a component or a core module.
pub(crate) fn takes(binary: &[u8]) -> bool {
    let lacking = WasmFeatures::TAIL_CALL
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::FUNCTION_REFERENCES
        | WasmFeatures::GC
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::STACK_SWITCHING;
    let has = WasmFeatures::all().difference(lacking);
    Validator::new_with_features(has).validate_all(binary).is_ok()
}
