//! Functions: their bodies are validated on all cores once the types around them are known.

use rayon::prelude::*;
use wasmparser::{
    CodeSectionReader, FuncToValidate, FuncValidatorAllocations, FunctionBody, ValidatorResources,
    WasmModuleResources,
};

use super::Fault;

/// How many bodies one thread takes at least, so that small modules are not divided.
const FEW: usize = 32;

/// How many bodies of a module are listed at a time: what there is to say of one takes more memory than a small body.
const MANY: usize = 4096;

/// The functions of a module that still have to be validated.
pub(crate) struct Code<'a> {
    first: FuncToValidate<ValidatorResources>,
    bodies: CodeSectionReader<'a>,
}

impl<'a> Code<'a> {
    /// The functions of a section whose `first` is this.
    pub(super) fn new(first: FuncToValidate<ValidatorResources>, bodies: CodeSectionReader<'a>) -> Code<'a> {
        Code { first, bodies }
    }

    /// The first error in it.
    fn fault(&self) -> Option<Fault> {
        let mut bodies = (self.first.index..).zip(self.bodies.clone());
        loop {
            let some = bodies.by_ref().take(MANY).collect::<Vec<_>>();
            if some.is_empty() {
                return None;
            }
            let results = some.par_iter().with_min_len(FEW);
            let results =
                results.map_init(FuncValidatorAllocations::default, |allocations, (index, body)| {
                    self.validate(*index, body.as_ref().map_err(Clone::clone)?, allocations)
                });
            if let Some(error) = results.find_map_first(Result::err) {
                return Some(error.into());
            }
        }
    }

    fn validate(
        &self,
        index: u32,
        body: &FunctionBody<'_>,
        allocations: &mut FuncValidatorAllocations,
    ) -> wasmparser::Result<()> {
        let FuncToValidate { resources, features, .. } = &self.first;
        let ty = resources.type_index_of_function(index).expect("as many bodies as functions were parsed");
        let of = FuncToValidate { resources, index, ty, features: *features };
        let mut validator = of.into_validator(std::mem::take(allocations));
        let result = validator.validate(body);
        *allocations = validator.into_allocations();
        result
    }
}

/// Validates all functions. Gives the first error of the first module that has one.
pub(crate) fn fault(code: &[Code<'_>]) -> Option<Fault> {
    code.par_iter().find_map_first(Code::fault)
}
