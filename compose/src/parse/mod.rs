//! Parsing: bytes in, [`Components`] out. It owns what counts as a component and the validation of inputs; it knows
//! nothing of what connects to what.
//!
//! All inputs are validated as if they were nested in one outer component, because wasmparser compares types only
//! within one [`Validator`]. Function bodies are validated afterwards, on all cores, if they are to be validated.

mod bodies;
mod closed;
mod feed;
mod kind;
mod nesting;
pub(crate) mod outer;
mod world;

pub(crate) use closed::MAX_DEPTH;
pub(crate) use feed::feed;
pub use kind::FileKind;
pub use nesting::nesting;
pub(crate) use world::beside_world;

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
use crate::rope::Rope;
use crate::share::{Definitions, Kind as DefinitionKind, SharedDefinition};
use crate::target::Target;
use bodies::Body;

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
    if inputs.iter().len() > MAX_INPUTS {
        return Err(vec![target_limit::inputs(inputs.iter().len(), MAX_INPUTS)]);
    }
    let components = valid(inputs, target, bodies)?;
    let packages = inputs.iter().zip(components.iter()).filter(|(_, component)| component.is_wit_package());
    let packages = packages.map(|(input, _)| not_a_component::new(input, FileKind::WitPackage));
    let packages = packages.collect::<Vec<_>>();
    if packages.is_empty() { Ok(components) } else { Err(packages) }
}

/// Validates the inputs. Fails with a diagnostic for each that is not valid.
fn valid<'a>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
) -> Result<Components<'a>, Vec<Diagnostic>> {
    match together(inputs, target, bodies) {
        Some(components) => Ok(components),
        None => one_by_one(inputs, target, bodies),
    }
}

/// Validates the inputs with each of their definitions once only. `None` if something is wrong with one of them.
fn together<'a>(inputs: &Inputs<'a>, target: &Target, bodies: Bodies) -> Option<Components<'a>> {
    if inputs.iter().any(|input| kind::component(input.bytes).is_err() || nesting(input.bytes).is_err()) {
        return None;
    }
    let definitions = Definitions::read(inputs)?;
    let apart = definitions.apart(inputs);
    let mut outer = Outer::new(target);
    let mut found = Vec::new();
    for definition in &apart.definitions {
        outer.definition(definition, &mut found).ok()?;
    }
    for input in &apart.inputs {
        outer.input(input, &mut found).ok()?;
    }
    faults(bodies, found).is_empty().then_some(())?;
    Some(outer.finish(inputs, target, definitions))
}

/// Validates one input after the other, to say what is wrong with each.
fn one_by_one<'a>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
) -> Result<Components<'a>, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut outer = Outer::new(target);
    let mut found = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        if let Err(kind) = kind::component(input.bytes) {
            diagnostics.push(not_a_component::new(input, kind));
        } else if let Err(fault) = nesting(input.bytes) {
            diagnostics.push(target_limit::nesting(input, &fault, target));
        } else if let Err(error) = outer.nest(input, InstanceId(index), &mut found) {
            diagnostics.push(invalid(input, &error, target));
            // What a failed validator knows cannot be used, but the other inputs deserve their verdicts.
            outer = Outer::new(target);
        }
    }
    for (index, error) in faults(bodies, found) {
        if let Some(input) = inputs.iter().nth(index.0) {
            diagnostics.push(invalid(input, &error, target));
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    Ok(outer.finish(inputs, target, Definitions::unread(inputs)))
}

/// What is wrong with the bodies that were found, if they are to be validated.
fn faults<T: Copy + Ord + Send>(bodies: Bodies, found: Vec<Body<'_, T>>) -> Vec<(T, Fault)> {
    match bodies {
        Bodies::Validated => bodies::validate(found),
        Bodies::Unvalidated => Vec::new(),
    }
}

/// The diagnostic for an input that the target's validator rejects: it is invalid, or needs more than the target has.
fn invalid(input: &Input<'_>, fault: &Fault, target: &Target) -> Diagnostic {
    let validates = |features| {
        let mut bodies = Vec::new();
        let mut validator = Validator::new_with_features(features);
        let hand_over = |validator, body| bodies.push(Body { of: (), validator, body });
        feed_closed(&mut validator, input.bytes, hand_over).is_ok() && bodies::validate(bodies).is_empty()
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

/// The synthetic component around all inputs. What they share comes first, the table of the target last.
struct Outer {
    validator: Validator,
    /// How many components were nested so far.
    components: usize,
}

impl Outer {
    fn new(target: &Target) -> Outer {
        let mut validator = Validator::new_with_features(target.features());
        let begun = validator.version(kind::COMPONENT_VERSION, Encoding::Component, &(0..8));
        begun.expect("the header of a component is valid");
        Outer { validator, components: 0 }
    }

    /// Nests what inputs share.
    fn definition<'p>(
        &mut self,
        definition: &'p SharedDefinition<'_>,
        bodies: &mut Vec<Body<'p, ()>>,
    ) -> Result<(), Fault> {
        match definition.kind {
            DefinitionKind::Module => self.validator.module_section(&(0..definition.bytes.len()))?,
            DefinitionKind::Component => self.component_section(definition.bytes.len())?,
        }
        self.pieces(&definition.bytes, bodies)
    }

    /// Nests an input without what it shares.
    fn input<'p>(&mut self, rope: &'p Rope<'_>, bodies: &mut Vec<Body<'p, ()>>) -> Result<(), Fault> {
        self.component_section(rope.len())?;
        self.pieces(rope, bodies)
    }

    fn pieces<'p>(&mut self, rope: &'p Rope<'_>, bodies: &mut Vec<Body<'p, ()>>) -> Result<(), Fault> {
        let hand_over = |validator, body| bodies.push(Body { of: (), validator, body });
        feed(&mut self.validator, rope.pieces(), hand_over).map(drop)
    }

    /// Nests an input as it is.
    fn nest<'a>(
        &mut self,
        input: &Input<'a>,
        id: InstanceId,
        bodies: &mut Vec<Body<'a, InstanceId>>,
    ) -> Result<(), Fault> {
        self.component_section(input.bytes.len())?;
        feed_closed(&mut self.validator, input.bytes, |validator, body| {
            bodies.push(Body { of: id, validator, body })
        })
    }

    fn component_section(&mut self, len: usize) -> Result<(), Fault> {
        self.components += 1;
        Ok(self.validator.component_section(&(0..len))?)
    }

    /// The inputs are the components that were nested last.
    fn finish<'a>(
        mut self,
        inputs: &Inputs<'a>,
        target: &Target,
        definitions: Definitions,
    ) -> Components<'a> {
        const VALID: &str = "a component is valid that only nests valid ones, such as the table of a target";
        let first = self.components - inputs.iter().len();
        let table = target.table().map(|table| {
            self.component_section(table.len()).expect(VALID);
            feed_closed(&mut self.validator, table, |_, _| {}).expect(VALID);
            self.components - 1
        });
        let types = self.validator.end(0).expect(VALID);
        let nested = |index: usize| types.as_ref().component_at(index as u32);
        let list = inputs.iter().enumerate().map(|(index, input)| {
            Component::new(InstanceId(index), input, types.as_ref(), nested(first + index))
        });
        let list = list.collect::<Vec<_>>();
        let host = table.map(|table| Host::new(types.as_ref(), world(types.as_ref(), nested(table))));
        Components { host: host.unwrap_or_default(), types, list, definitions }
    }
}

/// Validates the component in `bytes` but for its function bodies, which it hands over. It may not reach outside itself.
fn feed_closed<'a>(
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
fn opens(payload: &Payload<'_>) -> Option<i32> {
    match payload {
        Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => Some(1),
        Payload::End(_) => Some(-1),
        _ => None,
    }
}
