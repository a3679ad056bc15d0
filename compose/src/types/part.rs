//! The parts of a type: steps on the way to a place in it.

use std::fmt;

use serde::{Serialize, Serializer};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use super::wit::function_name;

/// A part of an interface, a function or a type. It is written, and serialized, as messages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A function of an interface.
    Function(String),
    /// A type of an interface.
    Type(String),
    /// A resource of an interface.
    Resource(String),
    /// Anything else that has a name.
    Item(String),
    /// Whether a function is `async`.
    Effect,
    /// A parameter.
    Parameter(String),
    /// The result of a function.
    Result,
    /// A field of a record.
    Field(String),
    /// A case of a variant or an enum.
    Case(String),
    /// The element of a list.
    ListElement,
    /// The key of a map.
    MapKey,
    /// The value of a map.
    MapValue,
    /// An element of a tuple, by its place.
    TupleElement(usize),
    /// What an option holds.
    OptionPayload,
    /// What a result holds if it is ok.
    OkPayload,
    /// What a result holds if it is an error.
    ErrorPayload,
    /// What a future gives.
    FuturePayload,
    /// What a stream gives.
    StreamPayload,
    /// The name of a parameter, field, case or flag.
    Name(String),
    /// What the other side has, in words: the function or type lacks it.
    Missing(String),
}

impl Part {
    /// An item of an interface.
    pub(crate) fn item(name: &str, ty: ComponentEntityType) -> Part {
        match ty {
            ComponentEntityType::Func(_) => Part::Function(name.into()),
            ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(_), .. } => {
                Part::Resource(name.into())
            }
            ComponentEntityType::Type { .. } => Part::Type(name.into()),
            _ => Part::Item(name.into()),
        }
    }

    /// The name of an item of an interface.
    pub(crate) fn item_name(&self) -> Option<&str> {
        match self {
            Part::Function(name) | Part::Type(name) | Part::Resource(name) | Part::Item(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Function(name) => write!(f, "function `{}`", function_name(name)),
            Part::Type(name) => write!(f, "type `{name}`"),
            Part::Resource(name) => write!(f, "resource `{name}`"),
            Part::Item(name) => write!(f, "`{name}`"),
            Part::Effect => f.write_str("effect"),
            Part::Parameter(name) => write!(f, "parameter `{name}`"),
            Part::Result => f.write_str("result"),
            Part::Field(name) => write!(f, "field `{name}`"),
            Part::Case(name) => write!(f, "case `{name}`"),
            Part::ListElement => f.write_str("list element"),
            Part::MapKey => f.write_str("map key"),
            Part::MapValue => f.write_str("map value"),
            Part::TupleElement(index) => write!(f, "tuple element {index}"),
            Part::OptionPayload => f.write_str("option payload"),
            Part::OkPayload => f.write_str("ok payload"),
            Part::ErrorPayload => f.write_str("error payload"),
            Part::FuturePayload => f.write_str("future payload"),
            Part::StreamPayload => f.write_str("stream payload"),
            Part::Name(name) => write!(f, "`{name}`"),
            Part::Missing(what) => write!(f, "without {what}"),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
