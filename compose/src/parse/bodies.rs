//! Function bodies: validated on all cores once the types around them are known.

use rayon::prelude::*;
use wasmparser::{FuncToValidate, FuncValidatorAllocations, FunctionBody, ValidatorResources};

use super::Fault;

/// How many bodies one thread takes at least, so that small modules are not divided.
const FEW: usize = 32;

/// A function body that still has to be validated.
pub(crate) struct Body<'a, T> {
    /// What it belongs to.
    pub of: T,
    pub validator: FuncToValidate<ValidatorResources>,
    pub body: FunctionBody<'a>,
}

/// Validates all bodies. Gives the first error of each owner that has one, in the order of the owners.
pub(crate) fn faulty<T: Copy + Ord + Send>(bodies: Vec<Body<'_, T>>) -> Vec<(T, Fault)> {
    let mut errors = bodies
        .into_par_iter()
        .with_min_len(FEW)
        .map_init(FuncValidatorAllocations::default, |allocations, Body { of, validator, body }| {
            let mut validator = validator.into_validator(std::mem::take(allocations));
            let result = validator.validate(&body);
            *allocations = validator.into_allocations();
            result.err().map(|error| (of, Fault::from(error)))
        })
        .flatten_iter()
        .collect::<Vec<_>>();
    errors.sort_by_key(|(of, fault): &(T, Fault)| (*of, fault.offset));
    errors.dedup_by_key(|(of, _)| *of);
    errors
}
