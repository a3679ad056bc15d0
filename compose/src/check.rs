//! The check: the composition is validated with the parser, features and limits of the target runtime.
//!
//! Modules of inputs that are embedded byte for byte were validated with the inputs, so only their types are looked at. Of
//! those that something was left out of, functions and segments are passed over. What the link made itself, for adapters, is validated
//! here.

use crate::emit::Output;
use crate::parse::{Contents, Fault, Modules, Scopes, fault, feed};
use crate::target::Target;

/// Validates `output` for `target`, and gives the number of modules and components in it. Fails with what the validator says;
/// that would be a bug of emitting.
pub fn check(output: &Output<'_>, target: &Target) -> Result<u32, Fault> {
    check_in(Modules::none(target.features()), output)
}

/// Checks as [`check`] does, within the component that has the modules.
pub(crate) fn check_in(modules: Modules, output: &Output<'_>) -> Result<u32, Fault> {
    let Modules { mut validator, known } = modules;
    validator.component_section(&(0..output.len()))?;
    let contents = |new| if new { Contents::Read } else { Contents::Skipped };
    let pieces = output.pieces().map(|(bytes, new)| (bytes, contents(new)));
    // What wraps the inputs nests deeper than they.
    let mut scopes = Scopes::new(u32::MAX);
    let fed = feed(&mut validator, pieces, known.inside(0), |payload| scopes.check(payload))?;
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

    /// Around the output stands a component that has the modules. What takes something from there is valid nowhere
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
            let target = Target::default();
            let parsed = parse_for(&inputs, &target, Bodies::Validated, |parsed| parsed).unwrap();
            let Parsed { modules, .. } = parsed;
            let output = Output { rope: bytes.into(), ..Output::default() };
            // Where parsing ended, and in a component that has nothing else.
            let checked = [check_in(modules, &output), check(&output, &target)];
            assert_eq!(
                checked.map(|checked| checked.map_err(|fault| fault.message)),
                [expected.clone(), expected]
            );
        }
    }
}
