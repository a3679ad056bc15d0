//! WIT spelling of component types, named as the interface around them names them.

use std::collections::BTreeMap;

use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentValType, ResourceId,
};
use wasmparser::types::TypesRef;

/// Spells types in the words of one import or export.
pub(crate) struct Spelling<'t> {
    types: TypesRef<'t>,
    names: BTreeMap<ComponentAnyTypeId, String>,
    resources: BTreeMap<ResourceId, String>,
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
        let ty = &self.types[id];
        let params =
            ty.params.iter().map(|(name, ty)| format!("{name}: {}", self.value(*ty))).collect::<Vec<_>>();
        let effect = if ty.async_ { "async " } else { "" };
        let result = ty.result.map_or(String::new(), |ty| format!(" -> {}", self.value(ty)));
        format!("{effect}func({}){result}", params.join(", "))
    }

    /// A value type: its name if it has one, else its structure.
    pub(crate) fn value(&self, ty: ComponentValType) -> String {
        match ty {
            ComponentValType::Primitive(ty) => primitive(ty).into(),
            ComponentValType::Type(id) => match self.names.get(&ComponentAnyTypeId::Defined(id)) {
                Some(name) => name.clone(),
                None => self.structure(id),
            },
        }
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

    /// The structure of a type, whatever its name.
    pub(crate) fn structure(&self, id: ComponentDefinedTypeId) -> String {
        let payload = |ty: &Option<ComponentValType>| ty.map_or("_".into(), |ty| self.value(ty));
        match &self.types[id] {
            ComponentDefinedType::Primitive(ty) => primitive(*ty).into(),
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.iter().map(|(name, ty)| format!("{name}: {}", self.value(*ty)));
                format!("record {{ {} }}", fields.collect::<Vec<_>>().join(", "))
            }
            ComponentDefinedType::Variant(variant) => {
                let cases = variant.cases.iter().map(|(name, case)| match case.ty {
                    Some(ty) => format!("{name}({})", self.value(ty)),
                    None => name.to_string(),
                });
                format!("variant {{ {} }}", cases.collect::<Vec<_>>().join(", "))
            }
            ComponentDefinedType::List { element, .. } => format!("list<{}>", self.value(*element)),
            ComponentDefinedType::Map { key, value, .. } => {
                format!("map<{}, {}>", self.value(*key), self.value(*value))
            }
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                format!("list<{}, {length}>", self.value(*element))
            }
            ComponentDefinedType::Tuple(tuple) => {
                let types = tuple.types.iter().map(|ty| self.value(*ty)).collect::<Vec<_>>();
                format!("tuple<{}>", types.join(", "))
            }
            ComponentDefinedType::Flags(names) => {
                format!("flags {{ {} }}", names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", "))
            }
            ComponentDefinedType::Enum(names) => {
                format!("enum {{ {} }}", names.iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", "))
            }
            ComponentDefinedType::Option { ty, .. } => format!("option<{}>", self.value(*ty)),
            ComponentDefinedType::Result { ok: None, err: None, .. } => "result".into(),
            ComponentDefinedType::Result { ok, err: None, .. } => format!("result<{}>", payload(ok)),
            ComponentDefinedType::Result { ok, err, .. } => {
                format!("result<{}, {}>", payload(ok), payload(err))
            }
            ComponentDefinedType::Own(id) => self.resource(id.resource()),
            ComponentDefinedType::Borrow(id) => format!("borrow<{}>", self.resource(id.resource())),
            ComponentDefinedType::Future { ty: None, .. } => "future".into(),
            ComponentDefinedType::Future { ty: Some(ty), .. } => format!("future<{}>", self.value(*ty)),
            ComponentDefinedType::Stream { ty: None, .. } => "stream".into(),
            ComponentDefinedType::Stream { ty: Some(ty), .. } => format!("stream<{}>", self.value(*ty)),
        }
    }

    fn resource(&self, id: ResourceId) -> String {
        self.resources.get(&id).cloned().unwrap_or_else(|| "resource".into())
    }
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
