//! The first difference between a type that is offered and one that is needed, in WIT terms.

use serde::Serialize;
use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentValType, ResourceId,
};
use wasmparser::names::KebabString;
use wasmparser::types::TypesRef;

use super::{Part, Spelling};
use crate::request::Rename;

/// Where two types part, and what stands there on each side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The way to the place, from the outside: ``function `total` ``, ``parameter `xs` ``, `stream payload`.
    pub place: Vec<Part>,
    /// What the importer needs there.
    pub expected: String,
    /// What the provider has there.
    pub found: String,
    /// Whether the effect (`async` or not) of a function is all that differs between the two sides.
    pub effect_only: bool,
    /// Which part of what stands there differs, if it is not all of it: for the importer, and for the provider.
    pub parts: [Option<Part>; 2],
}

/// What stands for a missing item.
pub(crate) const NOTHING: &str = "nothing";

/// What stands for resources that look the same.
const SAME: &str = "the same resource";
const ANOTHER: &str = "another resource of that name";

impl Difference {
    /// The whole in words: ``in parameter `xs` of function `total`: expected `u32`, found `u64` ``.
    pub fn sentence(&self) -> String {
        let words = |text: &str| [NOTHING, SAME, ANOTHER].contains(&text);
        let quote = |text: &str| if words(text) { text.to_owned() } else { format!("`{text}`") };
        let place = self.place();
        let place = if place.is_empty() { place } else { format!("in {place}: ") };
        format!("{place}expected {}, found {}", quote(&self.expected), quote(&self.found))
    }

    /// The way to the place, from the inside: ``parameter `xs` of function `total` ``.
    pub fn place(&self) -> String {
        self.place.iter().rev().map(Part::to_string).collect::<Vec<_>>().join(" of ")
    }

    /// A difference that has no place: what was said of the types as a whole.
    pub(crate) fn of_all(expected: &str, found: &str) -> Difference {
        let (expected, found) = (expected.into(), found.into());
        Difference { place: Vec::new(), expected, found, effect_only: false, parts: [None, None] }
    }
}

/// Finds where `offered`, whose functions go by the names that `renames` give them, stops fitting `needed`. `same` says
/// whether two resources are one type. `None` if no difference is found.
pub(crate) fn first_difference(
    types: TypesRef<'_>,
    offered: ComponentEntityType,
    renames: &[Rename],
    needed: ComponentEntityType,
    same: &dyn Fn(ResourceId, ResourceId) -> bool,
) -> Option<Difference> {
    let search = |effects| Search {
        types,
        same,
        renames,
        effects,
        offered: Spelling::of(types, offered),
        needed: Spelling::of(types, needed),
    };
    let found = |effect_only, mut found: Found| {
        found.place.reverse();
        let Found { place, expected, found, parts } = found;
        Difference { place, expected, found, effect_only, parts }
    };
    match search(false).entity(offered, needed) {
        Err(difference) => Some(found(false, difference)),
        Ok(()) => search(true).entity(offered, needed).err().map(|difference| found(true, difference)),
    }
}

/// The name under which an export has the function that an import knows as `needed`.
pub(crate) fn offered_name<'n>(renames: &'n [Rename], needed: &'n str) -> &'n str {
    let rename = renames.iter().find(|rename| rename.needed == needed);
    rename.map_or(needed, |rename| &rename.offered)
}

/// A difference on the way outwards.
struct Found {
    /// The way, innermost first.
    place: Vec<Part>,
    expected: String,
    found: String,
    parts: [Option<Part>; 2],
}

struct Search<'t> {
    types: TypesRef<'t>,
    same: &'t dyn Fn(ResourceId, ResourceId) -> bool,
    renames: &'t [Rename],
    /// Whether a difference in effect counts. Structure is searched first: it is the worse news.
    effects: bool,
    offered: Spelling<'t>,
    needed: Spelling<'t>,
}

fn at(part: Part) -> impl FnOnce(Found) -> Found {
    move |mut found| {
        found.place.push(part);
        found
    }
}

/// Says which part differs on each side.
fn parts(needed: Option<Part>, offered: Option<Part>) -> impl FnOnce(Found) -> Found {
    move |found| Found { parts: [needed, offered], ..found }
}

impl Search<'_> {
    fn differ(&self, expected: impl Into<String>, found: impl Into<String>) -> Result<(), Found> {
        let (expected, found) = (expected.into(), found.into());
        Err(Found { place: Vec::new(), expected, found, parts: [None, None] })
    }

    fn entity(&self, offered: ComponentEntityType, needed: ComponentEntityType) -> Result<(), Found> {
        use ComponentEntityType as Entity;
        match (offered, needed) {
            (Entity::Instance(a), Entity::Instance(b)) => {
                for (name, item) in &self.types[b].exports {
                    let what = Part::item(name, item.ty);
                    match self.types[a].exports.get(offered_name(self.renames, name)) {
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
        let whole = |in_needed, in_offered| {
            self.differ(self.needed.function(b), self.offered.function(a))
                .map_err(parts(in_needed, in_offered))
        };
        if self.effects && offered.async_ != needed.async_ {
            return whole(Some(Part::Effect), Some(Part::Effect));
        }
        let names = |params: &[(KebabString, ComponentValType)]| {
            params.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>()
        };
        let (a_names, b_names) = (names(&offered.params), names(&needed.params));
        if a_names != b_names {
            let [in_needed, in_offered] = names_apart("parameter", &b_names, &a_names);
            return whole(in_needed, in_offered);
        }
        for ((_, a), (name, b)) in offered.params.iter().zip(&needed.params) {
            self.value(*a, *b).map_err(at(Part::Parameter(name.to_string())))?;
        }
        match (offered.result, needed.result) {
            (Some(a), Some(b)) => self.value(a, b).map_err(at(Part::Result)),
            (None, None) => Ok(()),
            (None, _) => whole(Some(Part::Result), Some(Part::Missing("a result".into()))),
            (_, None) => whole(Some(Part::Missing("a result".into())), Some(Part::Result)),
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
        let (needed, offered) = (self.needed.resource(b), self.offered.resource(a));
        if (self.same)(a, b) {
            Ok(())
        } else if needed != offered {
            self.differ(needed, offered)
        } else {
            self.differ(SAME, ANOTHER)
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
        part: Part,
    ) -> Result<(), Found> {
        let spell = |spelling: &Spelling<'_>, ty: &Option<ComponentValType>| {
            ty.map_or(NOTHING.into(), |ty| spelling.value(ty))
        };
        match (a, b) {
            (Some(a), Some(b)) => self.value(*a, *b),
            (None, None) => Ok(()),
            _ => self.differ(spell(&self.needed, b), spell(&self.offered, a)),
        }
        .map_err(at(part))
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
                    return self.names("field", x.fields.keys(), y.fields.keys());
                }
                x.fields.iter().zip(y.fields.values()).try_for_each(|((name, x), y)| {
                    self.value(*x, *y).map_err(at(Part::Field(name.to_string())))
                })
            }
            (Type::Variant(x), Type::Variant(y)) => {
                if !x.cases.keys().eq(y.cases.keys()) {
                    return self.names("case", x.cases.keys(), y.cases.keys());
                }
                x.cases
                    .iter()
                    .zip(y.cases.values())
                    .try_for_each(|((name, x), y)| self.optional(&x.ty, &y.ty, Part::Case(name.to_string())))
            }
            (Type::List { element: x, .. }, Type::List { element: y, .. }) => {
                self.value(*x, *y).map_err(at(Part::ListElement))
            }
            (
                Type::FixedLengthList { element: x, length: m, .. },
                Type::FixedLengthList { element: y, length: n, .. },
            ) if m == n => self.value(*x, *y).map_err(at(Part::ListElement)),
            (Type::Map { key: k, value: x, .. }, Type::Map { key: l, value: y, .. }) => {
                self.value(*k, *l).map_err(at(Part::MapKey))?;
                self.value(*x, *y).map_err(at(Part::MapValue))
            }
            (Type::Tuple(x), Type::Tuple(y)) if x.types.len() == y.types.len() => x
                .types
                .iter()
                .zip(&y.types)
                .enumerate()
                .try_for_each(|(i, (x, y))| self.value(*x, *y).map_err(at(Part::TupleElement(i)))),
            (Type::Flags(x), Type::Flags(y)) => {
                if x.iter().eq(y.iter()) {
                    Ok(())
                } else {
                    self.names("flag", x.iter(), y.iter())
                }
            }
            (Type::Enum(x), Type::Enum(y)) => {
                if x.iter().eq(y.iter()) {
                    Ok(())
                } else {
                    self.names("case", x.iter(), y.iter())
                }
            }
            (Type::Option { ty: x, .. }, Type::Option { ty: y, .. }) => {
                self.value(*x, *y).map_err(at(Part::OptionPayload))
            }
            (Type::Result { ok: x, err: v, .. }, Type::Result { ok: y, err: w, .. }) => {
                self.optional(x, y, Part::OkPayload)?;
                self.optional(v, w, Part::ErrorPayload)
            }
            (Type::Own(x), Type::Own(y)) | (Type::Borrow(x), Type::Borrow(y)) => {
                self.resource(x.resource(), y.resource())
            }
            (Type::Future { ty: x, .. }, Type::Future { ty: y, .. }) => {
                self.optional(x, y, Part::FuturePayload)
            }
            (Type::Stream { ty: x, .. }, Type::Stream { ty: y, .. }) => {
                self.optional(x, y, Part::StreamPayload)
            }
            _ => whole(),
        }
    }

    /// Says which names differ, rather than listing types that may have hundreds.
    fn names<T: ToString>(
        &self,
        what: &str,
        offered: impl Iterator<Item = T>,
        needed: impl Iterator<Item = T>,
    ) -> Result<(), Found> {
        let collect =
            |names: &mut dyn Iterator<Item = T>| names.map(|name| name.to_string()).collect::<Vec<_>>();
        let (offered, needed) = (collect(&mut offered.into_iter()), collect(&mut needed.into_iter()));
        let list = |names: &[String]| {
            if names.is_empty() { format!("no {what}s") } else { format!("{what}s {}", names.join(", ")) }
        };
        let [in_needed, in_offered] = names_apart(what, &needed, &offered);
        self.differ(list(&needed), list(&offered)).map_err(parts(in_needed, in_offered))
    }
}

/// Where two lists of names part: at two names, or at one that the other list lacks.
fn names_apart(what: &str, needed: &[String], offered: &[String]) -> [Option<Part>; 2] {
    let missing = |name: &String| Part::Missing(format!("{what} `{name}`"));
    let name = |name: &String| Part::Name(name.clone());
    let lacking =
        |names: &[String], others: &[String]| names.iter().find(|name| !others.contains(name)).cloned();
    match (lacking(needed, offered), lacking(offered, needed)) {
        (Some(of_needed), None) => [Some(name(&of_needed)), Some(missing(&of_needed))],
        (None, Some(of_offered)) => [Some(missing(&of_offered)), Some(name(&of_offered))],
        (Some(of_needed), Some(of_offered)) => [Some(name(&of_needed)), Some(name(&of_offered))],
        (None, None) => {
            let apart = needed.iter().zip(offered).find(|(needed, offered)| needed != offered);
            apart.map_or([None, None], |(needed, offered)| [Some(name(needed)), Some(name(offered))])
        }
    }
}
