//! The check: the composition is validated with the parser, features and limits of the target runtime.
//!
//! Modules of inputs that are embedded byte for byte were validated with the inputs, so only their types are looked at. Of
//! those that something was left out of, functions and segments are passed over. What the link made itself, for adapters, is validated
//! here.

use wasmparser::Validator;

use crate::component::Components;
use crate::emit::Output;
use crate::parse::{Contents, Fault, Scopes, fault, feed};

/// Validates `output`, which was made of `components`, and gives the number of modules and components in it. Fails with what
/// the validator says; that would be a bug of emitting.
pub fn check(output: &Output<'_>, components: &Components<'_>) -> Result<u32, Fault> {
    check_in(components.modules.enclosing(), output, components)
}

/// Checks as [`check`] does, within the component that is open in `validator`: that of `Modules::enclosing`.
pub(crate) fn check_in(
    mut validator: Validator,
    output: &Output<'_>,
    components: &Components<'_>,
) -> Result<u32, Fault> {
    let modules = &components.modules;
    validator.component_section(&(0..output.len()))?;
    let contents = |new| if new { Contents::Read } else { Contents::Skipped };
    let pieces = output.pieces().map(|(bytes, new)| (bytes, contents(new)));
    // What wraps the inputs nests deeper than they.
    let mut scopes = Scopes::new(u32::MAX);
    let fed = feed(&mut validator, pieces, modules.inside(0), |payload| scopes.check(payload))?;
    validator.end(output.len())?;
    fault(&fed.code).map_or(Ok(fed.definitions), Err)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{Alias, Component, ComponentAliasSection, ComponentOuterAliasKind};

    use super::*;
    use crate::input::{Input, Inputs, InstanceName};
    use crate::parse::{Parsed, parse_for};
    use crate::request::Bodies;
    use crate::target::Target;

    /// Around the output stands a component that has the types of modules. What takes something from there is valid nowhere
    /// else.
    #[test]
    fn an_output_may_not_reach_out_of_itself() {
        let input = wat::parse_str(r#"(component (core module (func (export "f"))))"#).unwrap();
        let name = InstanceName::new("input").unwrap();
        let inputs = Inputs::new(vec![Input { name, file: "input.wasm".into(), bytes: &input }]).unwrap();
        let alias = |count| {
            let mut aliases = ComponentAliasSection::new();
            aliases.alias(Alias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index: 0 });
            let mut component = Component::new();
            component.section(&aliases);
            component.finish()
        };
        let outputs = [
            (input.clone(), Ok(1)),
            (alias(1), Err("invalid outer alias count of 1".into())),
            // Its own modules are its own.
            (alias(0), Err("unknown module 0: module index out of bounds".into())),
        ];
        for (bytes, expected) in outputs {
            let parsed = parse_for(&inputs, &Target::default(), Bodies::Validated, |parsed| parsed).unwrap();
            let Parsed { components, enclosing } = parsed;
            let output = Output { rope: bytes.into(), ..Output::default() };
            // Where parsing ended, and in a component that has nothing else.
            let checked = [check_in(enclosing, &output, &components), check(&output, &components)];
            assert_eq!(
                checked.map(|checked| checked.map_err(|fault| fault.message)),
                [expected.clone(), expected]
            );
        }
    }
}
