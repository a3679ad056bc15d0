//! Parsing: bytes in, [`Components`] out. It owns what counts as a component and the validation of inputs; it knows
//! nothing of what connects to what.
//!
//! All inputs are validated as if they were nested in one outer component, because wasmparser compares types only
//! within one [`Validator`]. Function bodies are validated meanwhile and afterwards, on all cores, if they are to be
//! validated.

mod bodies;
mod closed;
mod feed;
mod kind;
mod nesting;
pub(crate) mod outer;
mod world;

pub(crate) use bodies::{Body, faulty};
pub(crate) use closed::MAX_DEPTH;
pub(crate) use feed::{Code, feed};
pub use kind::FileKind;
pub use nesting::nesting;
pub(crate) use world::beside_world;

use rayon::prelude::*;
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
    parse_for(inputs, target, bodies, |components| components)
}

/// Parses and validates as `parse` does, and gives what `then` makes of the components. It is made while modules are still
/// being validated: what it makes of inputs that turn out not to be valid is thrown away.
pub(crate) fn parse_for<'a, T: Send>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
    then: impl Fn(Components<'a>) -> T + Sync,
) -> Result<T, Vec<Diagnostic>> {
    if inputs.iter().len() > MAX_INPUTS {
        return Err(vec![target_limit::inputs(inputs.iter().len(), MAX_INPUTS)]);
    }
    let unless_packages = |components: Components<'a>| {
        let packages = inputs.iter().zip(components.iter());
        let packages = packages.filter(|(_, component)| component.is_wit_package());
        let packages = packages.map(|(input, _)| not_a_component::new(input, FileKind::WitPackage));
        let packages = packages.collect::<Vec<_>>();
        if packages.is_empty() { Ok(then(components)) } else { Err(packages) }
    };
    valid(inputs, target, bodies, unless_packages)?
}

/// Validates the inputs, and gives what `then` makes of them. Fails with a diagnostic for each that is not valid.
fn valid<'a, T: Send>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
    then: impl Fn(Components<'a>) -> T + Sync,
) -> Result<T, Vec<Diagnostic>> {
    match together(inputs, target, bodies, &then) {
        Some(made) => Ok(made),
        None => one_by_one(inputs, target, bodies).map(then),
    }
}

/// Validates the inputs with each of their definitions once only. `None` if something is wrong with one of them.
fn together<'a, T: Send>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
    then: &(impl Fn(Components<'a>) -> T + Sync),
) -> Option<T> {
    if inputs.iter().any(|input| kind::component(input.bytes).is_err() || nesting(input.bytes).is_err()) {
        return None;
    }
    let definitions = Definitions::read(inputs)?;
    let apart = definitions.apart(inputs);
    let (code, alone) = match bodies {
        Bodies::Validated => {
            (Code::HandedOver, apart.definitions.iter().filter(|d| is_small_module(d)).collect())
        }
        Bodies::Unvalidated => (Code::Skipped, Vec::new()),
    };
    let nested = || -> Option<T> {
        let mut outer = Outer::new(target);
        let mut found = Vec::new();
        for definition in &apart.definitions {
            let code = if is_small_module(definition) { Code::Skipped } else { code };
            outer.nest(definition.kind, &definition.bytes, code, &mut found).ok()?;
        }
        for input in &apart.inputs {
            outer.nest(DefinitionKind::Component, input, code, &mut found).ok()?;
        }
        let components = outer.finish(inputs, target, definitions);
        let (made, faulty) = rayon::join(|| then(components), || faulty(found));
        faulty.is_empty().then_some(made)
    };
    let (made, valid) = rayon::join(nested, || are_valid(&alone, target));
    made.filter(|_| valid)
}

/// Whether a definition is a module that is validated by itself: all of it twice, but for its code, which costs less than
/// the snapshot of all types that goes with each section of code.
fn is_small_module(definition: &SharedDefinition<'_>) -> bool {
    const SMALL: usize = 1 << 16;
    definition.kind == DefinitionKind::Module && definition.bytes.len() < SMALL
}

/// Whether these modules are valid, function bodies included.
fn are_valid(modules: &[&SharedDefinition<'_>], target: &Target) -> bool {
    modules.par_iter().all(|module| {
        let mut validator = Validator::new_with_features(target.features());
        let mut found = Vec::new();
        let hand_over = |validator, body| found.push(Body { of: (), validator, body });
        let pieces = module.bytes.pieces().map(|piece| (piece, Code::HandedOver));
        feed(&mut validator, pieces, hand_over).is_ok() && faulty(found).is_empty()
    })
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
        } else if let Err(error) = outer.nest_closed(input, InstanceId(index), &mut found) {
            diagnostics.push(invalid(input, &error, target));
            // What a failed validator knows cannot be used, but the other inputs deserve their verdicts.
            outer = Outer::new(target);
        }
    }
    if bodies == Bodies::Unvalidated {
        found.clear();
    }
    for (index, error) in faulty(found) {
        if let Some(input) = inputs.iter().nth(index.0) {
            diagnostics.push(invalid(input, &error, target));
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    Ok(outer.finish(inputs, target, Definitions::unread(inputs)))
}

/// The diagnostic for an input that the target's validator rejects: it is invalid, or needs more than the target has.
fn invalid(input: &Input<'_>, fault: &Fault, target: &Target) -> Diagnostic {
    let validates = |features| {
        let mut bodies = Vec::new();
        let mut validator = Validator::new_with_features(features);
        let hand_over = |validator, body| bodies.push(Body { of: (), validator, body });
        feed_closed(&mut validator, input.bytes, hand_over).is_ok() && faulty(bodies).is_empty()
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

    /// Nests what inputs share, or an input without that.
    fn nest<'p>(
        &mut self,
        kind: DefinitionKind,
        rope: &'p Rope<'_>,
        code: Code,
        found: &mut Vec<Body<'p, ()>>,
    ) -> Result<(), Fault> {
        match kind {
            DefinitionKind::Module => self.validator.module_section(&(0..rope.len()))?,
            DefinitionKind::Component => self.component_section(rope.len())?,
        }
        let hand_over = |validator, body| found.push(Body { of: (), validator, body });
        feed(&mut self.validator, rope.pieces().map(|piece| (piece, code)), hand_over).map(drop)
    }

    /// Nests an input as it is.
    fn nest_closed<'a>(
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
            let whole = std::iter::once((table, Code::Skipped));
            feed(&mut self.validator, whole, |_, _| {}).expect(VALID);
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
