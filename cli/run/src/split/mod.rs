//! A component in parts: its core modules, and the *shell* around them, which imports them. So a module is compiled once,
//! in whatever component it stands. Nothing here compiles; a component that does not come apart by this is left whole.

mod module_type;

use std::ops::Range;
use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentImportSection, ComponentOuterAliasKind, ComponentSectionId,
    ComponentTypeRef, CoreTypeSection, Encode,
};
use wasmparser::{Chunk, ComponentAlias, Parser, Payload};

/// Bytes of the header of a component.
const HEADER: usize = 8;

/// A component in parts.
pub(crate) struct Split {
    /// The component with an import in the place of each core module, and without custom sections.
    pub(crate) shell: Vec<u8>,
    /// Where the modules stand in the component, in the order of the imports.
    pub(crate) modules: Vec<Range<usize>>,
}

impl Split {
    /// The parts of `component`. `None` if it has no core modules, is not well-formed, or gives its outermost core
    /// modules or types other indices than those that the shell gives them.
    pub(crate) fn of(component: &[u8]) -> Option<Split> {
        let mut walk = Walk::new(outermost_modules(component)?);
        let mut rest = component;
        while let depth @ 1.. = walk.open.len() {
            let outermost = depth == 1;
            let open = &mut walk.open[depth - 1];
            let Chunk::Parsed { consumed, payload } = open.parser.parse(rest, true).ok()? else {
                return None;
            };
            let (section, behind) = rest.split_at_checked(consumed)?;
            rest = behind;
            match payload {
                Payload::ModuleSection { unchecked_range, .. } => {
                    rest = rest.get(unchecked_range.len()..)?;
                    walk.module(unchecked_range);
                }
                Payload::ComponentSection { parser, .. } => {
                    walk.open.push(Open { parser, bytes: Vec::new() });
                }
                Payload::End(_) => walk.close(),
                Payload::CustomSection(_) => {}
                payload if outermost && shifts(&payload) => return None,
                _ => open.bytes.extend_from_slice(section),
            }
        }
        walk.done(component)
    }

    /// What the shell calls the module with this number in [`Split::modules`].
    pub(crate) fn name(module: usize) -> String {
        format!("wcompose-module{module}")
    }
}

/// The shell while it is written.
struct Walk {
    /// The components that are open, the outermost first.
    open: Vec<Open>,
    /// The outermost component, when it is closed.
    root: Vec<u8>,
    /// How many modules stand in the outermost component. They keep their indices, and the others come behind them.
    outermost: usize,
    outer: Vec<Range<usize>>,
    nested: Vec<Range<usize>>,
}

struct Open {
    parser: Parser,
    /// What is written of it.
    bytes: Vec<u8>,
}

impl Walk {
    fn new(outermost: usize) -> Self {
        let open = vec![Open { parser: Parser::new(0), bytes: Vec::new() }];
        Self { open, root: Vec::new(), outermost, outer: Vec::new(), nested: Vec::new() }
    }

    /// An alias of an import of the shell takes the place of a nested module, so that no index changes.
    fn module(&mut self, range: Range<usize>) {
        let depth = self.open.len() - 1;
        match self.open.last_mut() {
            Some(open) if depth > 0 => {
                let mut aliases = ComponentAliasSection::new();
                aliases.alias(Alias::Outer {
                    kind: ComponentOuterAliasKind::CoreModule,
                    count: depth as u32,
                    index: (self.outermost + self.nested.len()) as u32,
                });
                section(&mut open.bytes, ComponentSectionId::Alias, &aliases);
                self.nested.push(range);
            }
            _ => self.outer.push(range),
        }
    }

    fn close(&mut self) {
        let Some(Open { bytes, .. }) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(Open { bytes: around, .. }) => {
                around.push(ComponentSectionId::Component.into());
                bytes.encode(around);
            }
            None => self.root = bytes,
        }
    }

    fn done(self, component: &[u8]) -> Option<Split> {
        let modules = [self.outer, self.nested].concat();
        let (mut types, mut imports) = (CoreTypeSection::new(), ComponentImportSection::new());
        for (number, range) in modules.iter().enumerate() {
            types.ty().module(&module_type::of(component.get(range.clone())?)?);
            imports.import(Split::name(number).as_str(), ComponentTypeRef::Module(number as u32));
        }
        let (header, content) = self.root.split_at_checked(HEADER)?;
        let mut shell = header.to_vec();
        section(&mut shell, ComponentSectionId::CoreType, &types);
        section(&mut shell, ComponentSectionId::Import, &imports);
        shell.extend_from_slice(content);
        (!modules.is_empty()).then_some(Split { shell, modules })
    }
}

fn section(to: &mut Vec<u8>, id: ComponentSectionId, section: &impl Encode) {
    to.push(id.into());
    section.encode(to);
}

/// How many modules the outermost component holds itself.
fn outermost_modules(component: &[u8]) -> Option<usize> {
    let (mut parser, mut rest, mut count) = (Parser::new(0), component, 0);
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true).ok()? else { return None };
        rest = rest.get(consumed..)?;
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                count += 1;
                rest = rest.get(unchecked_range.len()..)?;
            }
            Payload::ComponentSection { unchecked_range, .. } => rest = rest.get(unchecked_range.len()..)?,
            Payload::End(_) => return Some(count),
            _ => {}
        }
    }
}

/// Whether a section of the outermost component has core modules or core types that are not defined by module sections:
/// the imports of the shell come before them.
fn shifts(payload: &Payload<'_>) -> bool {
    use wasmparser::ComponentExternalKind::Module;
    use wasmparser::ComponentOuterAliasKind;
    match payload {
        Payload::CoreTypeSection(_) => true,
        Payload::ComponentImportSection(section) => {
            section.clone().into_iter().any(|import| import.is_ok_and(|import| import.ty.kind() == Module))
        }
        Payload::ComponentAliasSection(section) => section.clone().into_iter().any(|alias| match alias {
            Ok(ComponentAlias::InstanceExport { kind, .. }) => kind == Module,
            Ok(ComponentAlias::Outer { kind, .. }) => {
                matches!(kind, ComponentOuterAliasKind::CoreModule | ComponentOuterAliasKind::CoreType)
            }
            Ok(ComponentAlias::CoreInstanceExport { .. }) | Err(_) => false,
        }),
        Payload::ComponentExportSection(section) => {
            section.clone().into_iter().any(|export| export.is_ok_and(|export| export.kind == Module))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::Validator;

    fn split(text: &str) -> Option<(String, usize)> {
        let Split { shell, modules } = Split::of(&wat::parse_str(text).unwrap())?;
        Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(&shell).unwrap();
        let payloads = Parser::new(0).parse_all(&shell).map(Result::unwrap);
        let inside = payloads.filter(|payload| matches!(payload, Payload::ModuleSection { .. })).count();
        assert_eq!(inside, 0, "no module is left in the shell");
        Some((String::from_utf8_lossy(&shell).into_owned(), modules.len()))
    }

    /// Each module is another one here by its exports, so that a wrong index is not valid.
    #[test]
    fn indices_mean_what_they_meant() {
        let text = r#"(component
            (core module $a (type (func (param i64))) (func (export "a") (type 0)) (memory (export "m") 1))
            (component $c
              (core module $b (import "" "a" (func (param i64))) (func (export "b")) (global (export "g") i32 i32.const 0))
              (core instance $a (instantiate 0))
              (alias outer 1 0 (core module $a))
              (core instance $a (instantiate $a))
              (core module $d (func (export "d")))
              (core instance $d (instantiate $d))
              (component (core module (table (export "t") 1 funcref))
                (alias outer 2 1 (core module $e))
                (core instance $e (instantiate $e))
                (func (export "e") (canon lift (core func $e "e"))))
              (func (export "d") (canon lift (core func $d "d"))))
            (core module $e (func (export "e")))
            (core instance $e (instantiate $e))
            (func (export "f") (canon lift (core func $e "e"))))"#;
        let text = text.replace(
            "(core instance $a (instantiate 0))",
            r#"(core module $n (func (export "a") (param i64)))
               (core instance $n (instantiate $n)) (core instance (instantiate $b (with "" (instance $n))))"#,
        );
        assert_eq!(split(&text).unwrap().1, 6);
    }

    /// What only names things is not part of what is compiled.
    #[test]
    fn custom_sections_are_left_out() {
        let component = |custom: &str| {
            format!("(component {custom} (component (@custom \"c\" \"x\")) (core module (func)) )")
        };
        assert_eq!(split(&component("")), split(&component("(@custom \"mine\" \"text\")")));
    }

    #[test]
    fn what_does_not_come_apart_is_left_whole() {
        for text in [
            // No modules.
            "(component)",
            // Imports of the shell would come before these.
            "(component (core type (func)) (core module))",
            "(component (import \"m\" (core module)) (core module))",
            "(component (core module $m) (export \"m\" (core module $m)))",
            "(component (import \"i\" (instance $i (export \"m\" (core module)))) (core module)
                (alias export $i \"m\" (core module)))",
            // A type of a module that an import of it could not say.
            "(component (core module (type $t (func)) (func (export \"f\") (param (ref null $t)))))",
            "(component (core module (rec (type $t (func)) (type (func (param i32)))) (func (export \"f\") (type $t))))",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
        assert!(Split::of(b"\0asm\x0d\0\x01\0\x01\xff").is_none(), "not well-formed");
    }
}
