//! WIT spelling of component types, named as the interface around them names them.

use std::collections::BTreeMap;

use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentValType, ResourceId,
};
use wasmparser::types::TypesRef;

use super::Part;
use super::marked::MarkedText;

/// Spells types in the words of one import or export.
pub(crate) struct Spelling<'t> {
    pub(super) types: TypesRef<'t>,
    names: BTreeMap<ComponentAnyTypeId, String>,
    resources: BTreeMap<ResourceId, String>,
}

/// How the members of a type are laid out.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// All in one line.
    Inline,
    /// Each in a line of its own.
    Lines,
}

impl<'t> Spelling<'t> {
    /// Uses the names that `entity` exports for its types.
    pub(crate) fn of(types: TypesRef<'t>, entity: ComponentEntityType) -> Spelling<'t> {
        let mut spelling = Spelling { types, names: BTreeMap::new(), resources: BTreeMap::new() };
        spelling.learn(entity);
        spelling
    }

    fn learn(&mut self, entity: ComponentEntityType) {
        let ComponentEntityType::Instance(id) = entity else {
            return;
        };
        let types = self.types;
        for (name, item) in &types[id].exports {
            match item.ty {
                ComponentEntityType::Type { created, .. } => {
                    if let ComponentAnyTypeId::Resource(id) = created {
                        self.resources.entry(id.resource()).or_insert_with(|| name.clone());
                    }
                    self.names.entry(created).or_insert_with(|| name.clone());
                }
                nested @ ComponentEntityType::Instance(_) => self.learn(nested),
                _ => {}
            }
        }
    }

    /// `async func(name: string) -> string`.
    pub(crate) fn function(&self, id: ComponentFuncTypeId) -> String {
        plain(|text| self.write_function(text, id, 0))
    }

    /// A value type: its name if it has one, else its structure.
    pub(crate) fn value(&self, ty: ComponentValType) -> String {
        plain(|text| self.write_value(text, ty))
    }

    /// The structure of a type, whatever its name.
    pub(crate) fn structure(&self, id: ComponentDefinedTypeId) -> String {
        plain(|text| self.write_structure(text, id, "", Layout::Inline))
    }

    /// The kind and structure of an import, export or item: what stands after its name in WIT.
    pub(crate) fn entity(&self, entity: ComponentEntityType) -> String {
        match entity {
            ComponentEntityType::Func(id) => self.function(id),
            ComponentEntityType::Instance(_) => "interface".into(),
            ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(id), .. } => self.structure(id),
            ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(_), .. } => "resource".into(),
            ComponentEntityType::Type { .. } => "type".into(),
            ComponentEntityType::Value(ty) => format!("value {}", self.value(ty)),
            ComponentEntityType::Module(_) => "core module".into(),
            ComponentEntityType::Component(_) => "component".into(),
        }
    }

    /// The name of a resource.
    pub(crate) fn resource(&self, id: ResourceId) -> &str {
        self.resources.get(&id).map_or("resource", String::as_str)
    }

    /// The name of a type, if it has one.
    pub(super) fn name(&self, id: ComponentDefinedTypeId) -> Option<&str> {
        self.names.get(&ComponentAnyTypeId::Defined(id)).map(String::as_str)
    }

    /// What stands after the name of a function, without the first `hidden` parameters.
    pub(super) fn write_function(&self, text: &mut MarkedText<'_>, id: ComponentFuncTypeId, hidden: usize) {
        let ty = &self.types[id];
        text.part(Part::Effect, |text| text.push(if ty.async_ { "async func" } else { "func" }));
        self.write_parameters(text, id, hidden);
        self.write_result(text, ty.result);
    }

    /// `(n: u32)`: of a constructor, whose result is the resource, unless it can fail.
    pub(super) fn write_constructor(&self, text: &mut MarkedText<'_>, id: ComponentFuncTypeId) {
        self.write_parameters(text, id, 0);
        let owned = |ty: &ComponentValType| matches!(ty, ComponentValType::Type(id) if matches!(self.types[*id], ComponentDefinedType::Own(_)));
        self.write_result(text, self.types[id].result.filter(|ty| !owned(ty)));
    }

    fn write_result(&self, text: &mut MarkedText<'_>, result: Option<ComponentValType>) {
        if let Some(ty) = result {
            text.push(" -> ");
            text.part(Part::Result, |text| self.write_value(text, ty));
        }
    }

    fn write_parameters(&self, text: &mut MarkedText<'_>, id: ComponentFuncTypeId, hidden: usize) {
        text.push("(");
        for (index, (name, ty)) in self.types[id].params.iter().skip(hidden).enumerate() {
            text.push(if index == 0 { "" } else { ", " });
            text.member(name);
            text.push(": ");
            text.part(Part::Parameter(name.to_string()), |text| self.write_value(text, *ty));
        }
        text.push(")");
    }

    fn write_value(&self, text: &mut MarkedText<'_>, ty: ComponentValType) {
        match ty {
            ComponentValType::Primitive(ty) => text.push(primitive(ty)),
            ComponentValType::Type(id) => match self.name(id) {
                Some(name) => text.type_name(name),
                None => self.write_structure(text, id, "", Layout::Inline),
            },
        }
    }

    /// The structure of a type; of one whose members have names, with its own `name`.
    pub(super) fn write_structure(
        &self,
        text: &mut MarkedText<'_>,
        id: ComponentDefinedTypeId,
        name: &str,
        layout: Layout,
    ) {
        use ComponentDefinedType as Type;
        let head = |keyword: &str| format!("{keyword} {name}").trim_end().to_owned();
        match &self.types[id] {
            Type::Primitive(ty) => text.push(primitive(*ty)),
            Type::Record(record) => {
                members(text, &head("record"), layout, &record.fields, |text, (name, ty)| {
                    text.member(name);
                    text.push(": ");
                    text.part(Part::Field(name.to_string()), |text| self.write_value(text, *ty));
                });
            }
            Type::Variant(variant) => {
                members(text, &head("variant"), layout, &variant.cases, |text, (name, case)| match case.ty {
                    Some(ty) => {
                        text.member(name);
                        text.push("(");
                        text.part(Part::Case(name.to_string()), |text| self.write_value(text, ty));
                        text.push(")");
                    }
                    None => text.bare_member(Part::Case(name.to_string()), name),
                });
            }
            Type::Flags(names) => {
                members(text, &head("flags"), layout, names, |text, name| text.member(name))
            }
            Type::Enum(names) => members(text, &head("enum"), layout, names, |text, name| text.member(name)),
            Type::List { element, .. } => {
                self.write_arguments(text, "list", [(Part::ListElement, Some(*element))]);
            }
            Type::FixedLengthList { element, length, .. } => {
                text.push("list<");
                text.part(Part::ListElement, |text| self.write_value(text, *element));
                text.push(&format!(", {length}>"));
            }
            Type::Map { key, value, .. } => {
                let arguments = [(Part::MapKey, Some(*key)), (Part::MapValue, Some(*value))];
                self.write_arguments(text, "map", arguments);
            }
            Type::Tuple(tuple) => {
                let elements = tuple.types.iter().enumerate();
                let elements = elements.map(|(index, ty)| (Part::TupleElement(index), Some(*ty)));
                self.write_arguments(text, "tuple", elements);
            }
            Type::Option { ty, .. } => {
                self.write_arguments(text, "option", [(Part::OptionPayload, Some(*ty))]);
            }
            Type::Result { ok: None, err: None, .. } => text.push("result"),
            Type::Result { ok, err: None, .. } => {
                self.write_arguments(text, "result", [(Part::OkPayload, *ok)]);
            }
            Type::Result { ok, err, .. } => {
                self.write_arguments(text, "result", [(Part::OkPayload, *ok), (Part::ErrorPayload, *err)]);
            }
            Type::Own(id) => text.push(self.resource(id.resource())),
            Type::Borrow(id) => text.push(&format!("borrow<{}>", self.resource(id.resource()))),
            Type::Future { ty: None, .. } => text.push("future"),
            Type::Future { ty, .. } => self.write_arguments(text, "future", [(Part::FuturePayload, *ty)]),
            Type::Stream { ty: None, .. } => text.push("stream"),
            Type::Stream { ty, .. } => self.write_arguments(text, "stream", [(Part::StreamPayload, *ty)]),
        }
    }

    /// `result<_, string>`.
    fn write_arguments(
        &self,
        text: &mut MarkedText<'_>,
        keyword: &str,
        arguments: impl IntoIterator<Item = (Part, Option<ComponentValType>)>,
    ) {
        text.push(keyword);
        for (index, (part, ty)) in arguments.into_iter().enumerate() {
            text.push(if index == 0 { "<" } else { ", " });
            text.part(part, |text| match ty {
                Some(ty) => self.write_value(text, ty),
                None => text.push("_"),
            });
        }
        text.push(">");
    }
}

fn plain(write: impl FnOnce(&mut MarkedText<'_>)) -> String {
    let mut text = MarkedText::plain();
    write(&mut text);
    text.finish().0
}

/// `record { key: string }`, or with a line for each member.
fn members<'t, M>(
    text: &mut MarkedText<'t>,
    head: &str,
    layout: Layout,
    members: impl IntoIterator<Item = M>,
    each: impl Fn(&mut MarkedText<'t>, M),
) {
    let (open, separator, close) = match layout {
        Layout::Inline => (" { ", ", ", " }"),
        Layout::Lines => (" {\n  ", ",\n  ", ",\n}"),
    };
    text.head(head);
    for (index, member) in members.into_iter().enumerate() {
        text.push(if index == 0 { open } else { separator });
        each(text, member);
    }
    text.push(close);
}

fn primitive(ty: PrimitiveValType) -> &'static str {
    match ty {
        PrimitiveValType::Bool => "bool",
        PrimitiveValType::S8 => "s8",
        PrimitiveValType::U8 => "u8",
        PrimitiveValType::S16 => "s16",
        PrimitiveValType::U16 => "u16",
        PrimitiveValType::S32 => "s32",
        PrimitiveValType::U32 => "u32",
        PrimitiveValType::S64 => "s64",
        PrimitiveValType::U64 => "u64",
        PrimitiveValType::F32 => "f32",
        PrimitiveValType::F64 => "f64",
        PrimitiveValType::Char => "char",
        PrimitiveValType::String => "string",
        PrimitiveValType::ErrorContext => "error-context",
    }
}

/// The name of a function of an interface as WIT has it: of `[method]bucket.get`, `bucket.get`; of `[constructor]bucket`,
/// `bucket.constructor`.
pub(crate) fn function_name(name: &str) -> String {
    match name.strip_prefix("[constructor]") {
        Some(resource) => format!("{resource}.constructor"),
        None => name.split_once(']').map_or(name, |(_, name)| name).to_owned(),
    }
}
