//! What stands behind the indices of a component once it is instantiated: functions that are known by where they begin.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A function, by where it begins. However it is passed on, it is the same function and has one type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Function {
    /// An import of the component: the name of the import, and the way inside if that is an instance.
    Import(Vec<String>),
    /// The n-th `canon lift` of one of the instances inside.
    Lift { inner: usize, index: usize },
    /// Something that nothing is known of.
    Opaque,
}

/// What one index of an index space stands for.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Function(Function),
    Instance(Instance),
    Component(Closure),
    Other,
}

/// An instance.
#[derive(Clone, Debug)]
pub(super) enum Instance {
    /// An import of the component, or an instance inside one.
    Import(Vec<String>),
    /// Its exports.
    Made(Rc<BTreeMap<String, Value>>),
    /// Something that nothing is known of.
    Opaque,
}

/// A component that can be instantiated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Closure {
    /// A definition, and the instance inside which it stands.
    Known { definition: usize, parent: usize },
    /// One that is imported or taken out of an instance.
    Opaque,
}

/// The kinds of things that an instance has under a name and whose values matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Instance,
    Component,
    Other,
}

impl From<wasmparser::ComponentExternalKind> for Kind {
    fn from(kind: wasmparser::ComponentExternalKind) -> Kind {
        match kind {
            wasmparser::ComponentExternalKind::Func => Kind::Function,
            wasmparser::ComponentExternalKind::Instance => Kind::Instance,
            wasmparser::ComponentExternalKind::Component => Kind::Component,
            _ => Kind::Other,
        }
    }
}

impl Value {
    /// What an import of the component itself is.
    pub(super) fn import(kind: Kind, path: Vec<String>) -> Value {
        match kind {
            Kind::Function => Value::Function(Function::Import(path)),
            Kind::Instance => Value::Instance(Instance::Import(path)),
            Kind::Component => Value::Component(Closure::Opaque),
            Kind::Other => Value::Other,
        }
    }

    /// A value of that kind of which nothing is known.
    pub(super) fn opaque(kind: Kind) -> Value {
        match kind {
            Kind::Function => Value::Function(Function::Opaque),
            Kind::Instance => Value::Instance(Instance::Opaque),
            Kind::Component => Value::Component(Closure::Opaque),
            Kind::Other => Value::Other,
        }
    }

    /// What stands at `path` inside; the value itself if there is no path.
    pub(super) fn at(&self, path: &[String], kind: Kind) -> Value {
        let Some((name, rest)) = path.split_first() else { return self.clone() };
        let Value::Instance(instance) = self else { return Value::opaque(kind) };
        let of = if rest.is_empty() { kind } else { Kind::Instance };
        instance.get(name, of).at(rest, kind)
    }

    /// The ways to those of `functions` that stand inside; one empty way if it is one of them itself.
    pub(super) fn ways(&self, functions: &BTreeSet<Function>) -> Vec<Vec<String>> {
        match self {
            Value::Function(function) if functions.contains(function) => vec![Vec::new()],
            Value::Instance(instance) => instance.ways(functions),
            _ => Vec::new(),
        }
    }
}

impl Instance {
    /// What the instance has under `name`, which is of that kind.
    pub(super) fn get(&self, name: &str, kind: Kind) -> Value {
        match self {
            Instance::Import(path) => {
                let path = path.iter().cloned().chain([name.to_owned()]);
                Value::import(kind, path.collect())
            }
            Instance::Made(exports) => exports.get(name).cloned().unwrap_or_else(|| Value::opaque(kind)),
            Instance::Opaque => Value::opaque(kind),
        }
    }

    fn ways(&self, functions: &BTreeSet<Function>) -> Vec<Vec<String>> {
        match self {
            Instance::Import(prefix) => {
                let first = Function::Import(prefix.clone());
                let inside = functions.range(first..).map_while(|function| match function {
                    Function::Import(path) => path.strip_prefix(prefix.as_slice()),
                    _ => None,
                });
                inside.map(<[String]>::to_vec).collect()
            }
            Instance::Made(exports) => {
                let inside = exports.iter().flat_map(|(name, value)| {
                    let ways = value.ways(functions).into_iter();
                    ways.map(|way| [name.clone()].into_iter().chain(way).collect())
                });
                inside.collect()
            }
            Instance::Opaque => Vec::new(),
        }
    }
}
