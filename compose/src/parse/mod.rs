//! Parsing: bytes in, [`Components`] out. It owns what counts as a component and the validation of inputs; it knows
//! nothing of what connects to what.
//!
//! All inputs are validated as if they were nested in one outer component, because wasmparser compares types only
//! within one [`Validator`]. It takes a snapshot of all types wherever a component ends, so each input is nested in the one
//! before if it can be, and none of these ends before all were read. Their modules are validated before, each once, and
//! the bodies of functions last, on all cores, beside what is made of the components, if they are to be validated.

mod closed;
mod feed;
mod functions;
mod kind;
mod module_types;
mod modules;
mod nesting;
pub(crate) mod outer;
mod tables;
mod world;

pub(crate) use closed::{MAX_DEPTH, Scopes};
pub(crate) use feed::{Contents, feed};
pub(crate) use functions::fault;
pub use kind::FileKind;
use modules::Inside;
pub(crate) use modules::Modules;
pub use nesting::nesting;
pub(crate) use world::beside_world;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentTypeId};
use wasmparser::types::{Types, TypesRef};
use wasmparser::{Error, Payload, Validator, WasmFeatures};

use crate::component::{Component, Components, Host, InstanceId};
use crate::diagnostics::{Diagnostic, feature_gated, invalid_component, not_a_component, target_limit};
use crate::input::{Bytes, Input, Inputs};
use crate::request::Bodies;
use crate::rope::Rope;
use crate::share::{Definitions, Kind, Nested, NestedInput};
use crate::target::{Table, Target};

/// Parses and validates all inputs, their function bodies and segments as `bodies` says. Fails with a diagnostic for each input that
/// is not a valid component.
pub fn parse<'a>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
) -> Result<Components<'a>, Vec<Diagnostic>> {
    parse_for(inputs, target, bodies, |parsed| parsed.components)
}

/// What parsing gives.
pub(crate) struct Parsed<'a> {
    pub components: Components<'a>,
    /// Their modules as far as they are known.
    pub modules: Modules,
}

/// Parses and validates as `parse` does, and gives what `then` makes of what that gives. It is made while functions are still
/// being validated: what it makes of inputs that turn out not to be valid is thrown away.
pub(crate) fn parse_for<'a, T: Send>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
    then: impl Fn(Parsed<'a>) -> T + Sync,
) -> Result<T, Vec<Diagnostic>> {
    // They may have to be validated beside each other, and beside tables of the target.
    let most = Target::MAX_DEFINITIONS - target.tables().len();
    if inputs.iter().len() > most {
        return Err(vec![target_limit::inputs(inputs.iter().len(), most)]);
    }
    let unless_packages = |parsed: Parsed<'a>| {
        let packages = inputs.iter().zip(parsed.components.iter());
        let packages = packages.filter(|(_, component)| component.is_wit_package());
        let packages = packages.map(|(input, _)| not_a_component::new(input, FileKind::WitPackage));
        let packages = packages.collect::<Vec<_>>();
        if packages.is_empty() { Ok(then(parsed)) } else { Err(packages) }
    };
    valid(inputs, target, bodies, unless_packages)?
}

/// Validates the inputs, and gives what `then` makes of them. Fails with a diagnostic for each that is not valid.
fn valid<'a, T: Send>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
    then: impl Fn(Parsed<'a>) -> T + Sync,
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
    then: &(impl Fn(Parsed<'a>) -> T + Sync),
) -> Option<T> {
    if inputs.iter().any(|input| kind::component(input.bytes).is_err() || nesting(input.bytes).is_err()) {
        return None;
    }
    let definitions = Definitions::read(inputs)?;
    let groups = definitions.modules(inputs);
    let (mut modules, code) = Modules::validate(&groups, target.features(), bodies)?;
    let nested = definitions.nested(inputs, target.tables().len());
    let outer = Outer::validate(nested, &tables::needed(inputs, target), &mut modules).ok()?;
    let parsed = Parsed { components: outer.components(inputs, definitions), modules };
    let (made, fault) = rayon::join(|| then(parsed), || fault(&code));
    fault.is_none().then_some(made)
}

/// Validates one input after the other, to say what is wrong with each.
fn one_by_one<'a>(
    inputs: &Inputs<'a>,
    target: &Target,
    bodies: Bodies,
) -> Result<Parsed<'a>, Vec<Diagnostic>> {
    const VALID: &str = "a component is valid that only nests valid ones, such as the tables of a target";
    let mut diagnostics = Vec::new();
    let mut validator = modules::component(target.features());
    for input in inputs.iter() {
        if let Err(kind) = kind::component(input.bytes) {
            diagnostics.push(not_a_component::new(input, kind));
        } else if let Err(fault) = nesting(input.bytes) {
            diagnostics.push(target_limit::nesting(input, &fault, target));
        } else if let Err(error) = nest(&mut validator, input.bytes, bodies) {
            diagnostics.push(invalid(input, &error, target, bodies));
            // What a failed validator knows cannot be used, but the other inputs deserve their verdicts.
            validator = modules::component(target.features());
        }
    }
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let tables = tables::needed(inputs, target);
    for table in &tables {
        nest(&mut validator, table.package, Bodies::Unvalidated).expect(VALID);
    }
    let types = validator.end(0).expect(VALID);
    let nested = (0..).map(|index| types.as_ref().component_at(index));
    let inputs_and_tables = nested.take(inputs.iter().len() + tables.len()).collect::<Vec<_>>();
    let (nested, tables) = inputs_and_tables.split_at(inputs.iter().len());
    let outer = Outer { inputs: nested.to_vec(), tables: tables.to_vec(), types };
    let components = outer.components(inputs, Definitions::unread(inputs));
    Ok(Parsed { components, modules: Modules::none(target.features()) })
}

/// Validates a component as one that is nested in the open one.
fn nest(validator: &mut Validator, bytes: &[u8], bodies: Bodies) -> Result<(), Fault> {
    validator.component_section(&(0..bytes.len()))?;
    validate_closed(validator, bytes, bodies)
}

/// The diagnostic for an input that the target's validator rejects: it is invalid, or needs more than the target has.
fn invalid(input: &Input<'_>, found: &Fault, target: &Target, bodies: Bodies) -> Diagnostic {
    let validates = |features| {
        let mut validator = Validator::new_with_features(features);
        validate_closed(&mut validator, input.bytes, bodies).is_ok()
    };
    match target.missing(validates) {
        Some(missing) => feature_gated::new(input, found, target, &missing),
        None if validates(WasmFeatures::all()) => feature_gated::new(input, found, target, &[]),
        None => invalid_component::new(input, found),
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
        // The validator says where on one line, and what on the next.
        Fault { message: error.message().replace('\n', ": "), offset: error.offset() }
    }
}

/// What is known of the components in the synthetic one around them all.
struct Outer {
    types: Types,
    inputs: Vec<ComponentTypeId>,
    tables: Vec<ComponentTypeId>,
}

impl Outer {
    /// Validates all of them but for functions and segments, in the component that has the modules.
    fn validate(nested: Nested<'_>, tables: &[&Table], modules: &mut Modules) -> Result<Outer, Fault> {
        let Modules { validator, known } = modules;
        let Nested { mut outermost, shared, inputs } = nested;
        for table in tables {
            outermost.extend(Kind::Component.section((&Bytes::Input(table.package)).into()));
        }
        let open = |validator: &mut Validator, component: &Rope<'_>, depth: usize| {
            validator.component_section(&(0..component.len()))?;
            let pieces = component.pieces().map(|piece| (piece, Contents::Skipped));
            feed(validator, pieces, known.inside(depth as u32), |_| Ok(())).map(drop)
        };
        let close = |validator: &mut Validator, component: &Rope<'_>| {
            validator.end(component.len())?;
            let around = validator.types(0).expect("an input stands in a component");
            Ok::<_, Fault>(around.component_at(around.component_count() - 1))
        };
        open(validator, &outermost, 0)?;
        let (mut ids, mut still_open) = (vec![None; inputs.len()], Vec::new());
        for (place, NestedInput { rope, roomy }) in inputs.iter().enumerate() {
            open(validator, rope, 1 + still_open.len())?;
            match roomy {
                true => still_open.push(place),
                false => ids[place] = Some(close(validator, rope)?),
            }
        }
        for place in still_open.into_iter().rev() {
            ids[place] = Some(close(validator, &inputs[place].rope)?);
        }
        let ids = ids.into_iter().map(|id| id.expect("each input was closed"));
        let types = validator.end(outermost.len())?;
        let tables = (shared..).take(tables.len()).map(|index| types.as_ref().component_at(index as u32));
        Ok(Outer { inputs: ids.collect(), tables: tables.collect(), types })
    }

    fn components<'a>(self, inputs: &Inputs<'a>, definitions: Definitions) -> Components<'a> {
        let Outer { types, inputs: ids, tables } = self;
        let list = inputs
            .iter()
            .zip(ids)
            .enumerate()
            .map(|(index, (input, id))| Component::new(InstanceId(index), input, types.as_ref(), id));
        let list = list.collect::<Vec<_>>();
        let worlds = tables.into_iter().map(|table| world(types.as_ref(), table));
        let host = Host::new(types.as_ref(), worlds);
        Components { host, types, list, definitions }
    }
}

/// Validates the component in `bytes`. It may not reach outside itself.
fn validate_closed(validator: &mut Validator, bytes: &[u8], bodies: Bodies) -> Result<(), Fault> {
    let mut scopes = Scopes::new(MAX_DEPTH);
    let fed = feed(validator, [(bytes, bodies.into())], Inside::NONE, |payload| scopes.check(payload))?;
    validator.end(bytes.len())?;
    fault(&fed.code).map_or(Ok(()), Err)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::InstanceName;

    /// A file that ends inside a nested definition is cut off, also where a section of that ends, which wasmparser's own loop over a file
    /// takes for the end of the definition. Only where a section of the outermost component ends may the file end.
    #[test]
    fn a_file_that_is_cut_off_is_not_valid() {
        let text = r#"(component
            (component (core module (func (export "f") nop) (data "1") (@custom "x" "1")) (@custom "x" "1"))
            (core module (table 1 funcref) (elem (i32.const 0)) (func nop) (func nop))
            (core type (module)) (type (instance)) (import "i" (instance (type 0))) (@custom "x" "1"))"#;
        let whole = wat::parse_str(text).unwrap();
        let sections = crate::sections::sections(&whole).map(|section| section.unwrap().range.end);
        let ends = std::iter::once(8).chain(sections).collect::<Vec<_>>();
        assert!(ends.len() > 5 && ends.last() == Some(&whole.len()));
        for bytes in (0..=whole.len()).map(|end| &whole[..end]) {
            let name = InstanceName::new("input").unwrap();
            let inputs = Inputs::new(vec![Input { name, file: "input.wasm".into(), bytes }]).unwrap();
            for bodies in [Bodies::Validated, Bodies::Unvalidated] {
                let valid = parse(&inputs, &Target::default(), bodies).is_ok();
                assert_eq!(valid, ends.contains(&bytes.len()), "the first {} bytes, {bodies:?}", bytes.len());
            }
        }
    }

    /// Of what was validated one by one, each instance is still made of its own input.
    #[test]
    fn what_is_validated_one_by_one_is_composed_of_the_same_inputs() {
        let texts = ["memory", "table"].map(|name| format!(r#"(component (core module (export "{name}")))"#));
        let files = texts.map(|text| wat::parse_str(text).unwrap());
        let inputs = files.iter().zip(["one", "other"]).map(|(bytes, name)| {
            let name = InstanceName::new(name).unwrap();
            Input { name, file: String::new(), bytes }
        });
        let inputs = Inputs::new(inputs.collect()).unwrap();
        let parsed = one_by_one(&inputs, &Target::default(), Bodies::Validated);
        let components = parsed.expect("they are valid").components;
        let request = crate::Request { roots: vec!["one".into(), "other".into()], ..Default::default() };
        let (resolution, _) = crate::resolve(&components, &request);
        let plan = crate::plan(&components, &resolution);
        let output = crate::emit(&components, &plan, &crate::share(&components, &plan, &request)).to_vec();
        for file in &files {
            assert!(output.windows(file.len()).any(|part| part == file));
        }
    }

    /// What is not valid together is validated one by one, and then shares nothing. So nothing may be lost there that is valid:
    /// definitions that inputs share, modules whose type has to be read where they stand, tables of the target, and as many components
    /// in an input as there can be.
    #[test]
    fn inputs_are_valid_together_in_any_order() {
        let exports = |name: &str| format!(r#"(instance $own) (export "{name}" (instance $own))"#);
        let module = r#"(core module (func (export "f")))"#;
        let nested = format!(r#"(component {module}) (component {module} (core module (memory 1)))"#);
        let texts = [
            ("plain", module.to_owned()),
            ("one", nested.clone()),
            ("other", format!("{module} {nested}")),
            (
                "untyped",
                r#"(core module (type $s (struct)) (func (export "f") (param (ref $s))))"#.to_owned(),
            ),
            ("host", r#"(import "wasi:cli/environment@0.3.0" (instance))"#.to_owned()),
            ("full", "(component)".repeat(Target::MAX_DEFINITIONS)),
            ("also-full", "(component)".repeat(Target::MAX_DEFINITIONS)),
        ];
        let files = texts.map(|(name, text)| {
            let text = format!("(component {text} {})", exports(name));
            (name, wat::parse_str(text).unwrap())
        });
        let mut list = files.each_ref().map(|(name, bytes)| {
            let name = InstanceName::new(*name).unwrap();
            Input { name, file: String::new(), bytes }
        });
        for _ in 0..list.len() {
            list.rotate_left(1);
            let inputs = Inputs::new(list.to_vec()).unwrap();
            let components =
                together(&inputs, &Target::default(), Bodies::Validated, &|parsed| parsed.components);
            let components = components.expect("they are valid together");
            for component in components.iter() {
                let exports = component.exports.iter().map(|export| export.name.to_string());
                assert_eq!(exports.collect::<Vec<_>>(), [component.name.to_string()]);
            }
            let mut provided = components.host.imports.iter().map(|import| import.name.to_string());
            assert!(provided.any(|name| name.starts_with("wasi:cli/environment@0.3")));
        }
    }
}
