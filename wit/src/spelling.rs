//! Whether WIT can spell the names of a component. wit-component takes that for granted, and panics where it does not
//! hold. All else that cannot be shown, it says by itself.

use wasmparser::names::{ComponentName, ComponentNameKind};
use wasmparser::{
    ComponentExternalKind, ComponentType, ComponentTypeRef, InstanceTypeDeclaration, Parser, Payload,
};

/// The first name of an import or export of the component in `bytes` that is none in WIT. `None` also for what is no
/// component at all.
pub(crate) fn unspeakable(bytes: &[u8]) -> Option<String> {
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.ok()?;
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ if depth == 0 => {
                if let Some(name) = names(payload).into_iter().find(|(name, of)| !is_wit(name, *of)) {
                    return Some(name.0.to_owned());
                }
            }
            _ => {}
        }
    }
    None
}

/// What a name is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Function,
    Other,
}

impl From<ComponentTypeRef> for Of {
    fn from(ty: ComponentTypeRef) -> Of {
        if matches!(ty, ComponentTypeRef::Func(_)) { Of::Function } else { Of::Other }
    }
}

/// The names of imports and exports that a section has: the component's own, and those in types of instances.
fn names(section: Payload<'_>) -> Vec<(&str, Of)> {
    match section {
        Payload::ComponentImportSection(imports) => {
            imports.into_iter().flatten().map(|import| (import.name.name, import.ty.into())).collect()
        }
        Payload::ComponentExportSection(exports) => {
            let of = |kind| if kind == ComponentExternalKind::Func { Of::Function } else { Of::Other };
            exports.into_iter().flatten().map(|export| (export.name.name, of(export.kind))).collect()
        }
        Payload::ComponentTypeSection(types) => types
            .into_iter()
            .flatten()
            .filter_map(|ty| match ty {
                ComponentType::Instance(declarations) => Some(declarations.into_vec()),
                _ => None,
            })
            .flatten()
            .filter_map(|declaration| match declaration {
                InstanceTypeDeclaration::Export { name, ty } => Some((name.name, ty.into())),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_wit(name: &str, of: Of) -> bool {
    ComponentName::new(name, 0).is_ok_and(|parsed| match parsed.kind() {
        ComponentNameKind::Label(_)
        | ComponentNameKind::Constructor(_)
        | ComponentNameKind::Method(_)
        | ComponentNameKind::Static(_) => true,
        ComponentNameKind::Interface(_) => of == Of::Other,
        ComponentNameKind::Dependency(_) | ComponentNameKind::Url(_) | ComponentNameKind::Hash(_) => false,
    })
}
