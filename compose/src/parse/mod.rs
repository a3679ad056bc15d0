//! Parsing: bytes in, [`Components`] out. It owns what counts as a component and the validation of inputs; it knows
//! nothing of what connects to what.
//!
//! All inputs are validated as if they were nested in one outer component, because wasmparser compares types only
//! within one [`Validator`]. Function bodies are validated afterwards, on all cores, if they are to be validated.

mod bodies;
mod closed;
mod kind;

pub use kind::FileKind;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentTypeId};
use wasmparser::types::TypesRef;
use wasmparser::{
    Encoding, Error, FuncToValidate, FunctionBody, Parser, Payload, ValidPayload, Validator,
    ValidatorResources, WasmFeatures,
};

use crate::component::{Component, Components, Host, InstanceId};
use crate::diagnostics::{Diagnostic, feature_gated, invalid_component, not_a_component, target_limit};
use crate::input::{Input, Inputs};
use crate::request::Bodies;
use crate::target::Target;

/// How many inputs one link takes: the validator allows 1,000 components in one, and one of them is the table of the
/// target.
const MAX_INPUTS: usize = 999;

/// Parses and validates all inputs, their function bodies as `bodies` says. Fails with a diagnostic for each input that
/// is not a valid component.
pub fn parse<'a>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
) -> Result<Components<'a>, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    if inputs.iter().len() > MAX_INPUTS {
        return Err(vec![target_limit::inputs(inputs.iter().len(), MAX_INPUTS)]);
    }
    let mut outer = Outer::new(target);
    let mut found = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        if let Err(kind) = kind::component(input.bytes) {
            diagnostics.push(not_a_component::new(input, kind));
        } else if let Err(error) = outer.nest(input, InstanceId(index), &mut found) {
            diagnostics.push(invalid(input, &error, target));
            // What a failed validator knows cannot be used, but the other inputs deserve their verdicts.
            outer = Outer::new(target);
        }
    }
    let faults = match bodies {
        Bodies::Validated => bodies::validate(found),
        Bodies::Unvalidated => Vec::new(),
    };
    for (index, error) in faults {
        if let Some(input) = inputs.iter().nth(index.0) {
            diagnostics.push(invalid(input, &error, target));
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let components = outer.finish(inputs);
    let packages = inputs.iter().zip(components.iter()).filter(|(_, component)| component.is_wit_package());
    diagnostics.extend(packages.map(|(input, _)| not_a_component::new(input, FileKind::WitPackage)));
    if diagnostics.is_empty() { Ok(components) } else { Err(diagnostics) }
}

/// The diagnostic for an input that the target's validator rejects: it is invalid, or needs more than the target has.
fn invalid(input: &Input<'_>, fault: &Fault, target: &Target) -> Diagnostic {
    let validates = |features| {
        let mut bodies = Vec::new();
        let mut validator = Validator::new_with_features(features);
        let of = InstanceId(0);
        feed(&mut validator, input.bytes, |validator, body| bodies.push(bodies::Body { of, validator, body }))
            .is_ok()
            && bodies::validate(bodies).is_empty()
    };
    match target.missing(validates) {
        Some(missing) => feature_gated::new(input, fault, target, &missing),
        None if validates(WasmFeatures::all()) => feature_gated::new(input, fault, target, &[]),
        None => invalid_component::new(input, fault),
    }
}

/// What is wrong with an input, and where in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The validator's message.
    pub message: String,
    /// The offset in the file, in bytes.
    pub offset: usize,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault { message: error.message().to_owned(), offset: error.offset() }
    }
}

/// The synthetic component around all inputs. The table of the target comes first, if there is one.
struct Outer {
    validator: Validator,
    has_table: bool,
}

impl Outer {
    fn new(target: &Target) -> Outer {
        const VALID: &str = "an empty component is valid, and so is the table of a target, a WIT package";
        let mut validator = Validator::new_with_features(target.features());
        validator.version(kind::COMPONENT_VERSION, Encoding::Component, &(0..8)).expect(VALID);
        if let Some(table) = target.table() {
            validator.component_section(&(0..table.len())).expect(VALID);
            feed(&mut validator, table, |_, _| {}).expect(VALID);
        }
        Outer { validator, has_table: target.table().is_some() }
    }

    fn nest<'a>(
        &mut self,
        input: &Input<'a>,
        id: InstanceId,
        bodies: &mut Vec<bodies::Body<'a>>,
    ) -> Result<(), Fault> {
        self.validator.component_section(&(0..input.bytes.len()))?;
        feed(&mut self.validator, input.bytes, |validator, body| {
            bodies.push(bodies::Body { of: id, validator, body })
        })
    }

    fn finish<'a>(mut self, inputs: &Inputs<'a>) -> Components<'a> {
        let types = self.validator.end(0).expect("a component that only nests valid components is valid");
        let nested = |index: usize| types.as_ref().component_at(index as u32);
        let first = usize::from(self.has_table);
        let list = inputs.iter().enumerate().map(|(index, input)| {
            Component::new(InstanceId(index), input, types.as_ref(), nested(first + index))
        });
        let list = list.collect::<Vec<_>>();
        let host = match self.has_table {
            true => Host::new(types.as_ref(), world(types.as_ref(), nested(0))),
            false => Host::default(),
        };
        Components { types, list, host }
    }
}

/// Validates the component in `bytes` but for its function bodies, which it hands over.
fn feed<'a>(
    validator: &mut Validator,
    bytes: &'a [u8],
    mut hand_over: impl FnMut(FuncToValidate<ValidatorResources>, FunctionBody<'a>),
) -> Result<(), Fault> {
    let mut scopes = closed::Scopes::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        scopes.check(&payload)?;
        if let ValidPayload::Func(body_validator, body) = validator.payload(&payload)? {
            hand_over(body_validator, body);
        }
    }
    Ok(())
}

/// The component type of the only world in a WIT package. A package exports its worlds as component types, each of which
/// exports the type of the world itself (wit-component's encoding of packages).
fn world(types: TypesRef<'_>, package: ComponentTypeId) -> ComponentTypeId {
    let exported = types[package].exports.values().find_map(|item| match item.ty {
        ComponentEntityType::Type { created: ComponentAnyTypeId::Component(id), .. } => Some(id),
        ComponentEntityType::Component(id) => Some(id),
        _ => None,
    });
    exported.map_or(package, |exported| world(types, exported))
}

/// Whether a payload opens or closes a nested module or component.
fn nesting(payload: &Payload<'_>) -> Option<i32> {
    match payload {
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => Some(1),
        Payload::End(_) => Some(-1),
        _ => None,
    }
}
