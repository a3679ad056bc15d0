//! Components that are made up for tests of sharing, and what they mean once every outer alias is resolved.

use anyhow::{Context, Result};
use wasmparser::{ComponentAlias, ComponentInstance, ComponentOuterAliasKind, Parser, Payload};

/// Makes the text of a component without imports out of few ingredients, so that equal ones meet in different places: the
/// same seed gives the same text, as far as what is around it allows.
pub struct Generator {
    state: u64,
    scopes: Vec<Counts>,
}

/// How many of each there are in an open component.
#[derive(Clone, Copy, Default)]
struct Counts {
    modules: u64,
    components: u64,
    types: u64,
}

impl Generator {
    /// Starts from `seed`.
    pub fn new(seed: u64) -> Generator {
        Generator { state: seed, scopes: Vec::new() }
    }

    /// The items of a component that nests others at most `depth` deep.
    pub fn items(&mut self, depth: u32) -> String {
        self.scopes.push(Counts::default());
        let text = (0..2 + self.below(5)).map(|_| self.item(depth)).collect();
        self.scopes.pop();
        text
    }

    fn item(&mut self, depth: u32) -> String {
        let last = self.scopes.len() - 1;
        let outer = self.below(self.scopes.len() as u64) as usize;
        let from = self.scopes[last - outer];
        let own = self.scopes[last];
        match self.below(9) {
            0 | 1 => {
                self.scopes[last].modules += 1;
                format!(r#"(core module (func (export "f{}")))"#, self.below(3))
            }
            2 | 3 if depth > 0 => {
                // The same few seeds, so that the same text stands in different components.
                let seed = self.below(4);
                let after = std::mem::replace(&mut self.state, seed);
                let items = self.items(depth - 1);
                self.state = after;
                self.scopes[last].components += 1;
                format!("(component {items})")
            }
            4 if from.modules > 0 => {
                self.scopes[last].modules += 1;
                format!("(alias outer {outer} {} (core module))", self.below(from.modules))
            }
            5 if from.components > 0 => {
                self.scopes[last].components += 1;
                format!("(alias outer {outer} {} (component))", self.below(from.components))
            }
            6 if from.types > 0 => {
                self.scopes[last].types += 1;
                format!("(alias outer {outer} {} (type))", self.below(from.types))
            }
            7 if own.modules > 0 => format!("(core instance (instantiate {}))", self.below(own.modules)),
            8 if own.components > 0 => format!("(instance (instantiate {}))", self.below(own.components)),
            _ => {
                self.scopes[last].types += 1;
                format!("(type (list {}))", ["u8", "u16"][self.below(2) as usize])
            }
        }
    }

    /// A number below `limit`, by a linear congruence whose high bits are good enough.
    fn below(&mut self, limit: u64) -> u64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % limit
    }
}

/// What an open component has under its indices, resolved.
#[derive(Default)]
struct Scope {
    modules: Vec<String>,
    components: Vec<String>,
}

/// What each component that the root instantiates means: its content, with the content of what it aliases in the place of
/// the alias. Custom sections are left out.
pub fn meanings(bytes: &[u8]) -> Result<Vec<String>> {
    let mut made = Vec::new();
    meaning(bytes, &mut Vec::new(), &mut made)?;
    Ok(made)
}

fn meaning(bytes: &[u8], scopes: &mut Vec<Scope>, made: &mut Vec<String>) -> Result<String> {
    scopes.push(Scope::default());
    let (mut text, mut depth) = (String::new(), 0);
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if depth > 0 || matches!(payload, Payload::CustomSection(_)) {
            depth += match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => 1,
                Payload::End(_) => -1,
                _ => 0,
            };
            continue;
        }
        let last = scopes.len() - 1;
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                depth += 1;
                let module = format!("module {:?};", &bytes[unchecked_range]);
                scopes[last].modules.push(module.clone());
                text += &module;
            }
            Payload::ComponentSection { unchecked_range, .. } => {
                depth += 1;
                let component =
                    format!("component {{ {} }}", meaning(&bytes[unchecked_range], scopes, made)?);
                scopes[last].components.push(component.clone());
                text += &component;
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    text += &resolved(&alias?, scopes)?;
                }
            }
            Payload::ComponentInstanceSection(section) if last == 0 => {
                for instance in section {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        made.push(scopes[0].components[component_index as usize].clone());
                    }
                }
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    text += &format!("section {id} {:?};", &bytes[range]);
                }
            }
        }
    }
    scopes.pop();
    Ok(text)
}

/// What an alias stands for; it gets its index here.
fn resolved(alias: &ComponentAlias<'_>, scopes: &mut [Scope]) -> Result<String> {
    let ComponentAlias::Outer { kind, count, index } = *alias else {
        return Ok(format!("{alias:?};"));
    };
    let last = scopes.len() - 1;
    let from = &scopes[last.checked_sub(count as usize).context("an alias of something outside")?];
    let (found, index) = match kind {
        ComponentOuterAliasKind::CoreModule => (from.modules.get(index as usize), index),
        ComponentOuterAliasKind::Component => (from.components.get(index as usize), index),
        _ => return Ok(format!("{alias:?};")),
    };
    let found = found.with_context(|| format!("nothing at index {index}"))?.clone();
    match kind {
        ComponentOuterAliasKind::CoreModule => scopes[last].modules.push(found.clone()),
        _ => scopes[last].components.push(found.clone()),
    }
    Ok(found)
}
