//! Core modules: each is validated once, and what stands around it sees no more than its type.
//!
//! A module reaches nothing outside itself, so equal ones are validated once, in a component around all others. What is asked of it where it
//! stands beside that is asked of its type. The validator of the components around is spared their content: it takes a snapshot of all
//! its types at the end of each definition, and one of modules would cost the more, the more of them there are. So most are
//! validated by themselves, and the component around imports modules of their types; only of the few that are large it has
//! the module itself, because to declare their types would cost more than snapshots.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;
use wasmparser::types::Types;
use wasmparser::{Encoding, Validator, WasmFeatures};

use super::feed::feed;
use super::functions::Code;
use super::kind::COMPONENT_VERSION;
use super::module_types::{ModuleTypes, module_type};
use crate::request::Bodies;

/// From how many bytes on a module is large.
const LARGE: usize = 64 << 10;

/// How many modules the component around has itself at most.
const FEW: usize = 16;

/// Modules that were validated. They are found by where they are in memory: the bytes of a component
/// are not copied, and are there as long as it is, borrowed by it or, where it was recoloured, kept by it.
pub(crate) struct Modules {
    /// The component is open in it that has them.
    pub validator: Validator,
    pub known: KnownModules,
}

/// Where the modules are that were validated.
#[derive(Default)]
pub(crate) struct KnownModules(BTreeMap<Place, Known>);

/// Where bytes are in memory.
type Place = (usize, usize);

/// What is known of a module that is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The index of a module of its type in the component around.
    Around(u32),
    /// There is none: its type cannot be declared apart from it, or there are too many, or they are too large together. It has to be
    /// read again.
    Nowhere,
}

/// Modules as they are seen from a component that stands inside the one that has them.
#[derive(Clone, Copy)]
pub(crate) struct Inside<'m> {
    known: Option<&'m KnownModules>,
    /// How many components are between the two.
    depth: u32,
}

impl Inside<'_> {
    /// Where no module is known.
    pub(super) const NONE: Inside<'static> = Inside { known: None, depth: 0 };

    /// What is known of the module in `bytes`.
    pub(super) fn find(self, bytes: &[u8]) -> Option<Known> {
        self.known?.0.get(&place(bytes)).copied()
    }

    /// How far out the modules are for the innermost of so many components, the first of which is the one that stands inside.
    pub(super) fn count(self, components: usize) -> u32 {
        self.depth + components as u32
    }
}

impl KnownModules {
    /// The modules as they are seen `depth` components inside the one that has them.
    pub(crate) fn inside(&self, depth: u32) -> Inside<'_> {
        Inside { known: Some(self), depth }
    }

    fn add(&mut self, equal: &[&[u8]], known: Known) {
        self.0.extend(equal.iter().map(|bytes| (place(bytes), known)));
    }
}

impl Modules {
    /// No modules at all, and an empty component around.
    pub(crate) fn none(features: WasmFeatures) -> Modules {
        Modules { validator: component(features), known: KnownModules::default() }
    }

    /// Validates modules but for the bodies of their functions, which it gives if they are to be validated, as segments are then.
    /// Those of a group are equal. `None` if one is not valid.
    pub(super) fn validate<'a>(
        groups: &[Vec<&'a [u8]>],
        features: WasmFeatures,
        bodies: Bodies,
    ) -> Option<(Modules, Vec<Code<'a>>)> {
        let mut groups =
            groups.iter().filter_map(|equal| Some((*equal.first()?, &equal[..]))).collect::<Vec<_>>();
        groups.sort_by_key(|(module, _)| Reverse(module.len()));
        let large = groups.iter().take(FEW).take_while(|(module, _)| module.len() >= LARGE).count();
        let (large, small) = groups.split_at(large);
        let mut modules = Modules::none(features);
        let mut all = Vec::new();
        for (index, (module, equal)) in (0..).zip(large) {
            modules.validator.module_section(&(0..module.len())).ok()?;
            all.extend(validate(&mut modules.validator, module, bodies)?.1);
            modules.known.add(equal, Known::Around(index));
        }
        let validated = small.par_iter().map(|(module, _)| {
            let (types, code) = validate(&mut Validator::new_with_features(features), module, bodies)?;
            Some((module_type(types.as_ref()), code))
        });
        let mut types = ModuleTypes::after(large.len());
        for ((_, equal), (ty, code)) in small.iter().zip(validated.collect::<Option<Vec<_>>>()?) {
            modules.known.add(equal, ty.and_then(|ty| types.index(ty)).map_or(Known::Nowhere, Known::Around));
            all.extend(code);
        }
        if types.import(&mut modules.validator).is_err() {
            // Modules may have more, and be valid by themselves with more, than types that are declared.
            modules.validator = component(features);
            modules.known.0.values_mut().for_each(|known| *known = Known::Nowhere);
        }
        Some((modules, all))
    }
}

/// A validator in which a component is open.
pub(super) fn component(features: WasmFeatures) -> Validator {
    let mut validator = Validator::new_with_features(features);
    let begun = validator.version(COMPONENT_VERSION, Encoding::Component, &(0..8));
    begun.expect("the header of a component is valid");
    validator
}

/// Validates a module.
fn validate<'a>(
    validator: &mut Validator,
    module: &'a [u8],
    bodies: Bodies,
) -> Option<(Types, Vec<Code<'a>>)> {
    let fed = feed(validator, [(module, bodies.into())], Inside::NONE, |_| Ok(())).ok()?;
    Some((validator.end(module.len()).ok()?, fed.code))
}

fn place(bytes: &[u8]) -> Place {
    (bytes.as_ptr().addr(), bytes.len())
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{Component, Encode};

    use super::*;
    use crate::Diagnostic;
    use crate::target::Target;

    fn validated(modules: &[String]) -> (Vec<Option<Known>>, usize) {
        let bytes = modules.iter().map(|text| wat::parse_str(text).unwrap()).collect::<Vec<_>>();
        let groups = bytes.iter().map(|bytes| vec![&bytes[..]]).collect::<Vec<_>>();
        let features = Target::default().features();
        let (modules, code) = Modules::validate(&groups, features, Bodies::Validated).unwrap();
        (bytes.iter().map(|bytes| modules.known.inside(0).find(bytes)).collect(), code.len())
    }

    /// All that a module can import has a type that can be declared apart from it.
    #[test]
    fn ordinary_modules_have_a_type() {
        let imports = r#"(module
            (type $f (func (param i32 v128 externref) (result i64 f32 funcref)))
            (import "a" "f" (func (type $f)))
            (import "a" "g" (func (type $f)))
            (import "a" "memory" (memory i64 1 2))
            (import "a" "shared" (memory 1 2 shared))
            (import "a" "table" (table 1 (ref null func)))
            (import "a" "global" (global (mut i32)))
            (import "b" "tag" (tag (param i32)))
            (func (export "h")))"#;
        let exports =
            r#"(module (func (export "f")) (memory (export "m") 1) (table (export "t") 1 externref))"#;
        let of_one_type = exports.replace("(export \"f\")", "(export \"f\") nop");
        let (known, code) = validated(&[imports.into(), exports.into(), of_one_type]);
        assert_eq!(known, [0, 1, 1].map(|index| Some(Known::Around(index))));
        assert_eq!(code, 3, "each has functions to validate");
    }

    /// What is made of types that the module declares is left to wasmparser: no second declaration of ours stands for them.
    #[test]
    fn modules_of_declared_types_have_none() {
        let texts = [
            r#"(module (type $s (struct (field i32))) (func (export "f") (param (ref $s))))"#,
            r#"(module (rec (type $a (func)) (type $b (func (param (ref null $a))))) (func (export "f") (type $a)))"#,
            r#"(module (type $a (sub (func))) (func (export "f") (type $a)))"#,
            r#"(module (type $a (sub (func))) (type $b (sub $a (func))) (import "a" "f" (func (type $b))))"#,
            r#"(module (type $f (func)) (table (export "t") 1 (ref null $f)))"#,
        ];
        for text in texts {
            assert_eq!(validated(&[text.into()]).0, [Some(Known::Nowhere)], "{text}");
        }
    }

    /// Of a large module no type is declared, so there is none that could not be. All that are not large can do without.
    #[test]
    fn a_few_large_modules_are_there_themselves() {
        let large = |index: usize| {
            let bytes = "x".repeat(LARGE + index);
            format!(
                r#"(module (type $s (struct)) (@custom "x" "{bytes}") (func (export "f") (param (ref $s))))"#
            )
        };
        let small = r#"(module (func (export "f")))"#.to_owned();
        let (known, code) = validated(&[&[small][..], &(0..=FEW).map(large).collect::<Vec<_>>()].concat());
        let around = |index: usize| Some(Known::Around(index as u32));
        assert_eq!(known[0], around(FEW), "after the large ones");
        assert_eq!(known[1], Some(Known::Nowhere), "the least large of too many");
        assert!(known[2..].iter().copied().eq((0..FEW).rev().map(around)));
        assert_eq!(code, FEW + 2, "each has functions to validate");
    }

    /// The validator allows 1,000 modules in one component, and the component around is one.
    #[test]
    fn no_more_types_are_declared_than_the_validator_allows() {
        let module = |index: usize| format!(r#"(module (func (export "f{index:04}")))"#);
        let (known, _) = validated(&(0..=Target::MAX_DEFINITIONS).map(module).collect::<Vec<_>>());
        assert_eq!(
            known[Target::MAX_DEFINITIONS - 1],
            Some(Known::Around(Target::MAX_DEFINITIONS as u32 - 1))
        );
        assert_eq!(known[Target::MAX_DEFINITIONS], Some(Known::Nowhere));
    }

    /// What a link says of a component with these sections; nothing if it is valid.
    fn said(sections: &[Vec<u8>]) -> Option<String> {
        said_of(sections, Bodies::Validated).map(|diagnostic| diagnostic.message)
    }

    fn said_of(sections: &[Vec<u8>], bodies: Bodies) -> Option<Diagnostic> {
        let bytes = [&Component::HEADER[..], &sections.concat()].concat();
        let name = crate::InstanceName::new("input").unwrap();
        let input = crate::Input { name, file: "input.wasm".into(), bytes: &bytes };
        let inputs = crate::Inputs::new(vec![input]).unwrap();
        crate::parse(&inputs, &Target::default(), bodies).err()?.into_iter().next()
    }

    fn section(module: &[u8]) -> Vec<u8> {
        let mut section = vec![1];
        module.encode(&mut section);
        section
    }

    /// By itself, a component is as valid as a module.
    #[test]
    fn a_module_begins_as_one() {
        let module = wat::parse_str("(module)").unwrap();
        assert_eq!(said(&[section(&module)]), None);
        for other in [Component::HEADER, *b"AAAAAAAA"] {
            assert!(said(&[section(&other)]).is_some());
            // What follows the header is the same.
            assert!(said(&[section(&module), section(&other)]).is_some());
            assert!(said(&[section(&other), section(&module)]).is_some());
        }
    }

    /// A module may import something twice, but not inside a component.
    #[test]
    fn what_is_asked_of_a_module_inside_is_asked() {
        let twice = r#"(module (import "a" "f" (func)) (import "a" "f" (func)))"#;
        let said = said(&[section(&wat::parse_str(twice).unwrap())]).unwrap();
        assert!(said.contains("duplicate import name"), "{said}");
    }

    /// A declared type may have 100,000 imports and exports, a module ten times as many. A large one is not declared, but where there are
    /// larger ones enough, it would be.
    #[test]
    fn modules_of_larger_types_than_can_be_declared_are_valid() {
        let mut exports = wasm_encoder::ExportSection::new();
        let mut module = wasm_encoder::Module::new();
        let mut memories = wasm_encoder::MemorySection::new();
        let memory = wasm_encoder::MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        memories.memory(memory);
        (0..100_001).for_each(|name| {
            exports.export(&name.to_string(), wasm_encoder::ExportKind::Memory, 0);
        });
        module.section(&memories).section(&exports);
        let module = module.finish();
        assert_eq!(said(&[section(&module)]), None);
        let larger = (0..FEW as u32).map(|index| {
            let (mut larger, mut memories) =
                (wasm_encoder::Module::new(), wasm_encoder::MemorySection::new());
            memories.memory(wasm_encoder::MemoryType { minimum: index.into(), ..memory });
            let data = vec![0; module.len()].into();
            larger.section(&memories).section(&wasm_encoder::CustomSection { name: "x".into(), data });
            section(&larger.finish())
        });
        assert_eq!(said(&larger.chain([section(&module)]).collect::<Vec<_>>()), None);
    }

    /// Most of a file is code, so that is where most files that are cut off are cut.
    #[test]
    fn a_file_that_is_cut_off_in_code_is_told_of_with_its_place() {
        let bytes = wat::parse_str(r#"(component (core module (func nop nop) (func nop nop)))"#).unwrap();
        let cut = &bytes[8..bytes.len() - 3];
        for bodies in [Bodies::Validated, Bodies::Unvalidated] {
            let said = said_of(&[cut.to_vec()], bodies).unwrap();
            assert!(said.message.contains("unexpected end-of-file"), "{}", said.message);
            assert_eq!(said.notes, ["at offset 0x26 of the file"], "where the body begins that is cut off");
        }
    }
}
