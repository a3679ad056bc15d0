//! The first difference between a type that is offered and one that is needed, in WIT terms.

use serde::Serialize;
use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentValType, ResourceId,
};
use wasmparser::types::TypesRef;

use super::Spelling;

/// Where two types part, and what stands there on each side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The way to the place: ``function `total` ``, ``parameter `xs` ``, `stream payload`.
    pub place: Vec<String>,
    /// What the importer needs there.
    pub expected: String,
    /// What the provider has there.
    pub found: String,
    /// Whether the effect (`async` or not) of a function is all that differs between the two sides.
    pub effect_only: bool,
}

/// What stands for a missing item.
const NOTHING: &str = "nothing";

impl Difference {
    /// The whole in words: ``in parameter `xs` of function `total`: expected `u32`, found `u64` ``.
    pub fn sentence(&self) -> String {
        let quote = |text: &str| if text == NOTHING { text.to_owned() } else { format!("`{text}`") };
        let place = self.place();
        let place = if place.is_empty() { place } else { format!("in {place}: ") };
        format!("{place}expected {}, found {}", quote(&self.expected), quote(&self.found))
    }

    /// The way to the place, from the inside: ``parameter `xs` of function `total` ``.
    pub fn place(&self) -> String {
        self.place.iter().rev().cloned().collect::<Vec<_>>().join(" of ")
    }
}

/// Finds where `offered` stops fitting `needed`. `same` says whether two resources are one type. `None` if no
/// difference is found.
pub(crate) fn first_difference(
    types: TypesRef<'_>,
    offered: ComponentEntityType,
    needed: ComponentEntityType,
    same: &dyn Fn(ResourceId, ResourceId) -> bool,
) -> Option<Difference> {
    let search = |effects| Search {
        types,
        same,
        effects,
        offered: Spelling::of(types, offered),
        needed: Spelling::of(types, needed),
    };
    if let Err((mut place, expected, found)) = search(false).entity(offered, needed) {
        place.reverse();
        return Some(Difference { place, expected, found, effect_only: false });
    }
    let (mut place, expected, found) = search(true).entity(offered, needed).err()?;
    place.reverse();
    Some(Difference { place, expected, found, effect_only: true })
}

/// The way to the difference, innermost first, then what is expected and what is found.
type Found = (Vec<String>, String, String);

struct Search<'t> {
    types: TypesRef<'t>,
    same: &'t dyn Fn(ResourceId, ResourceId) -> bool,
    /// Whether a difference in effect counts. Structure is searched first: it is the worse news.
    effects: bool,
    offered: Spelling<'t>,
    needed: Spelling<'t>,
}

fn at(place: impl Into<String>) -> impl FnOnce(Found) -> Found {
    move |(mut places, expected, found)| {
        places.push(place.into());
        (places, expected, found)
    }
}

impl Search<'_> {
    fn differ(&self, expected: impl Into<String>, found: impl Into<String>) -> Result<(), Found> {
        Err((Vec::new(), expected.into(), found.into()))
    }

    fn entity(&self, offered: ComponentEntityType, needed: ComponentEntityType) -> Result<(), Found> {
        use ComponentEntityType as Entity;
        match (offered, needed) {
            (Entity::Instance(a), Entity::Instance(b)) => {
                for (name, item) in &self.types[b].exports {
                    let what = describe(name, item.ty);
                    match self.types[a].exports.get(name) {
                        Some(offered) => self.entity(offered.ty, item.ty).map_err(at(what))?,
                        None => return self.differ(self.needed.entity(item.ty), NOTHING).map_err(at(what)),
                    }
                }
                Ok(())
            }
            (Entity::Func(a), Entity::Func(b)) => self.function(a, b),
            (Entity::Type { created: a, .. }, Entity::Type { created: b, .. }) => self.any_type(a, b),
            (Entity::Value(a), Entity::Value(b)) => self.value(a, b),
            (Entity::Module(a), Entity::Module(b)) => {
                let (offered, needed) = (&self.types[a].exports, &self.types[b].exports);
                match needed.keys().find(|name| !offered.contains_key(*name)) {
                    Some(missing) => self.differ(format!("export {missing}"), NOTHING),
                    None => Ok(()),
                }
            }
            (Entity::Component(_), Entity::Component(_)) => Ok(()),
            (a, b) => self.differ(self.needed.entity(b), self.offered.entity(a)),
        }
    }

    fn function(&self, a: ComponentFuncTypeId, b: ComponentFuncTypeId) -> Result<(), Found> {
        let (offered, needed) = (&self.types[a], &self.types[b]);
        let whole = || self.differ(self.needed.function(b), self.offered.function(a));
        if self.effects && offered.async_ != needed.async_ {
            return whole();
        }
        if offered.params.len() != needed.params.len() || offered.result.is_some() != needed.result.is_some()
        {
            return whole();
        }
        for ((found, a), (name, b)) in offered.params.iter().zip(&needed.params) {
            if found != name {
                return whole();
            }
            self.value(*a, *b).map_err(at(format!("parameter `{name}`")))?;
        }
        match (offered.result, needed.result) {
            (Some(a), Some(b)) => self.value(a, b).map_err(at("result")),
            _ => Ok(()),
        }
    }

    fn any_type(&self, a: ComponentAnyTypeId, b: ComponentAnyTypeId) -> Result<(), Found> {
        match (a, b) {
            (ComponentAnyTypeId::Defined(a), ComponentAnyTypeId::Defined(b)) => self.defined(a, b),
            (ComponentAnyTypeId::Resource(a), ComponentAnyTypeId::Resource(b)) => {
                self.resource(a.resource(), b.resource())
            }
            (ComponentAnyTypeId::Resource(_), _) => self.differ("type", "resource"),
            (_, ComponentAnyTypeId::Resource(_)) => self.differ("resource", "type"),
            _ => Ok(()),
        }
    }

    fn resource(&self, a: ResourceId, b: ResourceId) -> Result<(), Found> {
        if (self.same)(a, b) {
            Ok(())
        } else {
            self.differ("the same resource", "another resource of that name")
        }
    }

    fn value(&self, a: ComponentValType, b: ComponentValType) -> Result<(), Found> {
        match (a, b) {
            (ComponentValType::Type(a), ComponentValType::Type(b)) => self.defined(a, b),
            _ if self.primitive(a).is_some() && self.primitive(a) == self.primitive(b) => Ok(()),
            _ => self.differ(self.needed.value(b), self.offered.value(a)),
        }
    }

    /// The primitive type that `ty` is, under a name or not.
    fn primitive(&self, ty: ComponentValType) -> Option<PrimitiveValType> {
        match ty {
            ComponentValType::Primitive(ty) => Some(ty),
            ComponentValType::Type(id) => match self.types[id] {
                ComponentDefinedType::Primitive(ty) => Some(ty),
                _ => None,
            },
        }
    }

    fn optional(
        &self,
        a: &Option<ComponentValType>,
        b: &Option<ComponentValType>,
        what: &str,
    ) -> Result<(), Found> {
        let spell = |spelling: &Spelling<'_>, ty: &Option<ComponentValType>| {
            ty.map_or(NOTHING.into(), |ty| spelling.value(ty))
        };
        match (a, b) {
            (Some(a), Some(b)) => self.value(*a, *b),
            (None, None) => Ok(()),
            _ => self.differ(spell(&self.needed, b), spell(&self.offered, a)),
        }
        .map_err(at(what))
    }

    fn defined(&self, a: ComponentDefinedTypeId, b: ComponentDefinedTypeId) -> Result<(), Found> {
        use ComponentDefinedType as Type;
        let whole = || {
            let of = ComponentValType::Type;
            let (needed, offered) = (self.needed.value(of(b)), self.offered.value(of(a)));
            if needed == offered {
                // One name for two types: what is behind it says more.
                return self.differ(self.needed.structure(b), self.offered.structure(a));
            }
            self.differ(needed, offered)
        };
        match (&self.types[a], &self.types[b]) {
            (Type::Primitive(x), Type::Primitive(y)) if x == y => Ok(()),
            (Type::Record(x), Type::Record(y)) => {
                if !x.fields.keys().eq(y.fields.keys()) {
                    return self.names("fields", x.fields.keys(), y.fields.keys());
                }
                x.fields
                    .iter()
                    .zip(y.fields.values())
                    .try_for_each(|((name, x), y)| self.value(*x, *y).map_err(at(format!("field `{name}`"))))
            }
            (Type::Variant(x), Type::Variant(y)) => {
                if !x.cases.keys().eq(y.cases.keys()) {
                    return self.names("cases", x.cases.keys(), y.cases.keys());
                }
                x.cases
                    .iter()
                    .zip(y.cases.values())
                    .try_for_each(|((name, x), y)| self.optional(&x.ty, &y.ty, &format!("case `{name}`")))
            }
            (Type::List { element: x, .. }, Type::List { element: y, .. }) => {
                self.value(*x, *y).map_err(at("list element"))
            }
            (
                Type::FixedLengthList { element: x, length: m, .. },
                Type::FixedLengthList { element: y, length: n, .. },
            ) if m == n => self.value(*x, *y).map_err(at("list element")),
            (Type::Map { key: k, value: x, .. }, Type::Map { key: l, value: y, .. }) => {
                self.value(*k, *l).map_err(at("map key"))?;
                self.value(*x, *y).map_err(at("map value"))
            }
            (Type::Tuple(x), Type::Tuple(y)) if x.types.len() == y.types.len() => x
                .types
                .iter()
                .zip(&y.types)
                .enumerate()
                .try_for_each(|(i, (x, y))| self.value(*x, *y).map_err(at(format!("tuple element {i}")))),
            (Type::Flags(x), Type::Flags(y)) => {
                if x.iter().eq(y.iter()) {
                    Ok(())
                } else {
                    self.names("flags", x.iter(), y.iter())
                }
            }
            (Type::Enum(x), Type::Enum(y)) => {
                if x.iter().eq(y.iter()) {
                    Ok(())
                } else {
                    self.names("cases", x.iter(), y.iter())
                }
            }
            (Type::Option { ty: x, .. }, Type::Option { ty: y, .. }) => {
                self.value(*x, *y).map_err(at("option payload"))
            }
            (Type::Result { ok: x, err: v, .. }, Type::Result { ok: y, err: w, .. }) => {
                self.optional(x, y, "ok payload")?;
                self.optional(v, w, "error payload")
            }
            (Type::Own(x), Type::Own(y)) | (Type::Borrow(x), Type::Borrow(y)) => {
                self.resource(x.resource(), y.resource())
            }
            (Type::Future { ty: x, .. }, Type::Future { ty: y, .. }) => self.optional(x, y, "future payload"),
            (Type::Stream { ty: x, .. }, Type::Stream { ty: y, .. }) => self.optional(x, y, "stream payload"),
            _ => whole(),
        }
    }

    /// Says which names differ, rather than listing types that may have hundreds.
    fn names<T: ToString + PartialEq>(
        &self,
        what: &str,
        offered: impl Iterator<Item = T>,
        needed: impl Iterator<Item = T>,
    ) -> Result<(), Found> {
        let list = |names: Vec<String>| {
            if names.is_empty() { "none".into() } else { names.join(", ") }
        };
        let offered = offered.map(|name| name.to_string()).collect();
        let needed = needed.map(|name| name.to_string()).collect();
        self.differ(format!("{what} {}", list(needed)), format!("{what} {}", list(offered)))
    }
}

/// An item of an interface in words: ``function `total` ``.
pub(crate) fn describe(name: &str, ty: ComponentEntityType) -> String {
    match ty {
        ComponentEntityType::Func(_) => format!("function `{name}`"),
        ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(_), .. } => {
            format!("resource `{name}`")
        }
        ComponentEntityType::Type { .. } => format!("type `{name}`"),
        _ => format!("`{name}`"),
    }
}
