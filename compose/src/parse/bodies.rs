//! Function bodies: validated on all cores once the types around them are known.

use rayon::prelude::*;
use wasmparser::{FuncToValidate, FuncValidatorAllocations, FunctionBody, ValidatorResources};

use super::Fault;
use crate::component::InstanceId;

/// A function body that still has to be validated.
pub(super) struct Body<'a> {
    /// The input that it belongs to.
    pub of: InstanceId,
    pub validator: FuncToValidate<ValidatorResources>,
    pub body: FunctionBody<'a>,
}

/// Validates all bodies. Gives the first error of each input that has one, in the order of the inputs.
pub(super) fn validate(bodies: Vec<Body<'_>>) -> Vec<(InstanceId, Fault)> {
    let mut errors = bodies
        .into_par_iter()
        .map_init(FuncValidatorAllocations::default, |allocations, Body { of, validator, body }| {
            let mut validator = validator.into_validator(std::mem::take(allocations));
            let result = validator.validate(&body);
            *allocations = validator.into_allocations();
            result.err().map(|error| (of, Fault::from(error)))
        })
        .flatten_iter()
        .collect::<Vec<_>>();
    errors.sort_by_key(|(of, fault): &(InstanceId, Fault)| (*of, fault.offset));
    errors.dedup_by_key(|(of, _)| *of);
    errors
}
