//! Counts the instances that a component will have, before anything makes them: a few hundred bytes can ask for millions.
//!
//! Every definition is instantiated in thought, with what is really given to it, since it may instantiate what it imports.
//! What was instantiated in the same way before is not looked at again, so that the count of a doubling is as quick as
//! its text is short.

mod definitions;

use crate::limits::{Limits, Quantity};
use crate::outcome::Verdict;
use definitions::{Item, Sort, Step, Unread};
use std::collections::BTreeMap;

/// How many steps are taken before the rest is left to the clock of the compiler.
const MOST_STEPS: u64 = 2_000_000;

/// The verdict on `component`, in the binary format, if it has too many instances or they are nested too deep.
pub(super) fn verdict(component: &[u8], limits: &Limits) -> Option<Verdict> {
    let exceeds = match definitions::read(component, limits.nesting) {
        Ok(definitions) => Count::new(&definitions, limits).root().err()?,
        Err(Unread::Exceeds(exceeds)) => exceeds,
        Err(Unread::Malformed) => return None,
    };
    match exceeds {
        Exceeds::Instances => Some((Quantity::Instances, limits.instances)),
        Exceeds::Nesting => Some((Quantity::Nesting, limits.nesting)),
        Exceeds::Steps => None,
    }
    .map(|(quantity, limit)| Verdict::Exceeded { quantity, limit })
}

/// What there is too much of.
#[derive(Clone, Copy)]
enum Exceeds {
    Instances,
    Nesting,
    /// Of the work of counting.
    Steps,
}

/// What an index stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// Something of the host, or an index of nothing.
    Unknown,
    /// A definition, and the scope in which it stands.
    Component(usize, Scope),
    /// The exports of an instance, by their place in [`Count::exports`].
    Instance(usize),
}

/// The index spaces of one instantiation, by their place in [`Count::scopes`]; `None` around the outermost.
type Scope = Option<usize>;

/// What has a name: exports, or arguments.
type Named<'a> = Vec<(&'a str, Value)>;

struct Spaces {
    around: Scope,
    components: Vec<Value>,
    instances: Vec<Value>,
}

struct Count<'a> {
    definitions: &'a [Vec<Step<'a>>],
    limits: &'a Limits,
    scopes: Vec<Spaces>,
    exports: Vec<Named<'a>>,
    /// How many instances an instantiation makes, and what it exports.
    known: BTreeMap<(usize, Scope, Named<'a>), (u64, Value)>,
    steps: u64,
}

impl<'a> Count<'a> {
    fn new(definitions: &'a [Vec<Step<'a>>], limits: &'a Limits) -> Self {
        Self {
            definitions,
            limits,
            scopes: Vec::new(),
            exports: Vec::new(),
            known: BTreeMap::new(),
            steps: 0,
        }
    }

    fn root(mut self) -> Result<u64, Exceeds> {
        let (instances, _) = self.instantiate(Value::Component(0, None), Vec::new(), 0)?;
        Ok(instances)
    }

    /// How many instances an instantiation of `component` makes, itself among them, and the instance.
    fn instantiate(
        &mut self,
        component: Value,
        given: Named<'a>,
        depth: u64,
    ) -> Result<(u64, Value), Exceeds> {
        let Value::Component(definition, around) = component else { return Ok((1, Value::Unknown)) };
        let way = (definition, around, given);
        if let Some(known) = self.known.get(&way) {
            return Ok(*known);
        }
        if depth > self.limits.nesting {
            return Err(Exceeds::Nesting);
        }
        let here = self.scopes.len();
        self.scopes.push(Spaces { around, components: Vec::new(), instances: Vec::new() });
        let (mut instances, mut exports) = (1_u64, Vec::new());
        for step in &self.definitions[definition] {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Err(Exceeds::Steps);
            }
            instances = instances.saturating_add(self.step(step, here, &way.2, &mut exports, depth)?);
            if instances > self.limits.instances {
                return Err(Exceeds::Instances);
            }
        }
        let instance = self.bundle(exports);
        self.known.insert(way, (instances, instance));
        Ok((instances, instance))
    }

    /// Takes a step in the scope `here`. How many instances it makes.
    fn step(
        &mut self,
        step: &'a Step<'a>,
        here: usize,
        given: &Named<'a>,
        exports: &mut Named<'a>,
        depth: u64,
    ) -> Result<u64, Exceeds> {
        let mut made = 0;
        let (sort, value) = match *step {
            Step::Core(count) => return Ok(count),
            Step::Define(definition) => (Sort::Component, Value::Component(definition, Some(here))),
            Step::Import(sort, name) => (sort, named(given, name)),
            Step::Outer { outwards, index } => (Sort::Component, self.outer(here, outwards, index)),
            Step::Alias { sort, instance, name } => {
                let instance = self.get(here, Item { sort: Sort::Instance, index: instance });
                let Value::Instance(instance) = instance else {
                    return Ok(self.push(here, sort, Value::Unknown));
                };
                (sort, self.exported(instance, name))
            }
            Step::Export { item, name } => {
                let value = self.get(here, item);
                exports.push((name, value));
                (item.sort, value)
            }
            Step::Bundle(ref items) => {
                let items = self.get_all(here, items);
                (Sort::Instance, self.bundle(items))
            }
            Step::Instantiate { component, ref arguments } => {
                let component = self.get(here, Item { sort: Sort::Component, index: component });
                let arguments = self.get_all(here, arguments);
                let (instances, instance) = self.instantiate(component, arguments, depth + 1)?;
                made = instances;
                (Sort::Instance, instance)
            }
        };
        self.push(here, sort, value);
        Ok(made)
    }

    /// Adds an entry, which makes no instance.
    fn push(&mut self, scope: usize, sort: Sort, value: Value) -> u64 {
        let spaces = &mut self.scopes[scope];
        match sort {
            Sort::Component => spaces.components.push(value),
            Sort::Instance => spaces.instances.push(value),
        }
        0
    }

    fn get(&self, scope: usize, item: Item) -> Value {
        let spaces = &self.scopes[scope];
        let space = match item.sort {
            Sort::Component => &spaces.components,
            Sort::Instance => &spaces.instances,
        };
        space.get(item.index as usize).copied().unwrap_or(Value::Unknown)
    }

    fn get_all(&mut self, scope: usize, items: &[(&'a str, Item)]) -> Named<'a> {
        self.steps += items.len() as u64;
        items.iter().map(|(name, item)| (*name, self.get(scope, *item))).collect()
    }

    fn outer(&self, mut scope: usize, outwards: u32, index: u32) -> Value {
        for _ in 0..outwards {
            let Some(around) = self.scopes[scope].around else { return Value::Unknown };
            scope = around;
        }
        self.get(scope, Item { sort: Sort::Component, index })
    }

    fn exported(&mut self, instance: usize, name: &str) -> Value {
        self.steps += self.exports[instance].len() as u64;
        named(&self.exports[instance], name)
    }

    fn bundle(&mut self, exports: Named<'a>) -> Value {
        self.exports.push(exports);
        Value::Instance(self.exports.len() - 1)
    }
}

fn named(items: &Named<'_>, name: &str) -> Value {
    items.iter().find(|(given, _)| *given == name).map_or(Value::Unknown, |(_, value)| *value)
}
