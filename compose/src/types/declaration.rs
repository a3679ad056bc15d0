//! The WIT of one item of an import or export, with a mark on a part of it.

use std::ops::Range;

use serde::Serialize;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentFuncTypeId,
    ComponentInstanceTypeId,
};
use wasmparser::types::TypesRef;

use super::marked::MarkedText;
use super::wit::Layout;
use super::{Part, Spelling};

/// The WIT of a function or a type, and the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Declaration {
    /// The WIT, in one or several lines.
    pub text: String,
    /// The part, in bytes of the text.
    pub mark: Range<usize>,
}

/// The declaration of what the `way` leads to in the import or export `name`: of the named type around the last part,
/// or else of the function. `None` if that is no function or type.
pub(crate) fn declaration(
    types: TypesRef<'_>,
    name: &str,
    entity: ComponentEntityType,
    way: &[Part],
) -> Option<Declaration> {
    let spelling = Spelling::of(types, entity);
    let (mut name, mut item, mut way, mut around) = (name, entity, way, None);
    while let ComponentEntityType::Instance(id) = item {
        let (first, rest) = way.split_first()?;
        let exports = &types[id].exports;
        (name, item, way, around) = (first.item_name()?, exports.get(first.item_name()?)?.ty, rest, Some(id));
    }
    let mut text = spelling.declare(name, item, way)?;
    while let Some((name, rest)) = text.beyond()
        && let Some(ty) = around.and_then(|id: ComponentInstanceTypeId| types[id].exports.get(name))
        && let Some(inner) = spelling.declare(name, ty.ty, rest)
    {
        text = inner;
    }
    let (text, mark) = text.finish();
    Some(Declaration { text, mark })
}

impl Spelling<'_> {
    fn declare<'w>(&self, name: &str, item: ComponentEntityType, way: &'w [Part]) -> Option<MarkedText<'w>> {
        let mut text = MarkedText::with_way(way);
        match item {
            ComponentEntityType::Func(id) => self.declare_function(&mut text, name, id),
            ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(_), .. } => {
                text.push("resource ");
                text.head(name);
                text.push(";");
            }
            ComponentEntityType::Type { created: ComponentAnyTypeId::Defined(id), .. } => {
                use ComponentDefinedType as Type;
                match &self.types[id] {
                    Type::Record(_) | Type::Variant(_) | Type::Flags(_) | Type::Enum(_) => {
                        self.write_structure(&mut text, id, name, Layout::Lines);
                    }
                    _ => {
                        text.push(&format!("type {name} = "));
                        text.whole(|text| self.write_structure(text, id, name, Layout::Inline));
                        text.push(";");
                    }
                }
            }
            _ => return None,
        }
        Some(text)
    }

    /// `get: async func(key: string) -> string;`, inside of its resource if it is a method.
    fn declare_function(&self, text: &mut MarkedText<'_>, name: &str, id: ComponentFuncTypeId) {
        let of_resource = name.strip_prefix('[').and_then(|name| name.split_once(']'));
        let Some((kind, path)) = of_resource else {
            text.head(name);
            text.push(": ");
            self.write_function(text, id, 0);
            return text.push(";");
        };
        let (resource, function) = path.split_once('.').unwrap_or((path, "constructor"));
        text.push(&format!("resource {resource} {{\n  "));
        text.head(function);
        if kind == "constructor" {
            self.write_constructor(text, id);
        } else {
            text.push(if kind == "static" { ": static " } else { ": " });
            self.write_function(text, id, usize::from(kind == "method"));
        }
        text.push(";\n}");
    }
}
