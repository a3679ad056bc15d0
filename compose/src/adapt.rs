//! Adapters: which connections get a component between their two sides, because these differ in effect and are not
//! recoloured. How that component is made is the business of `emit/adapter`.

use std::collections::BTreeSet;
use std::fmt;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use crate::Resolved;
use crate::component::{Components, ImportId};
use crate::request::Request;
use crate::resolve::{Connection, Effects, resolve_under};

/// A component that stands between the two sides of a connection: it imports what the provider exports, and exports what
/// the importer needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The functions whose effect differs; none if it only gives functions other names. All else is passed on as it is.
    pub functions: Vec<AdaptedFunction>,
}

/// A function whose effect differs on the two sides of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdaptedFunction {
    /// Its name in the interface; none if the import is no interface but the function itself.
    pub name: Option<String>,
    /// Which side is `async`.
    pub crossing: Crossing,
}

/// How the effects of the two sides of a function differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// The importer needs an `async` function, and the provider has a synchronous one. That always works.
    AsyncOverSync,
    /// The importer needs a synchronous function, and the provider has an `async` one. That works as long as each call
    /// returns at once, and traps if one does not.
    SyncOverAsync,
}

impl Crossing {
    /// Whether only calls work that return at once.
    pub fn is_eager_only(self) -> bool {
        self == Crossing::SyncOverAsync
    }
}

/// A call that did not return at once, as the name of the core function that traps then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEager {
    pub(crate) importer: String,
    pub(crate) provider: String,
    pub(crate) function: String,
}

impl NotEager {
    /// The name of the core modules of adapters.
    pub(crate) const MODULE: &'static str = "adapter";

    const END: &'static str = "which did not return at once";

    /// What happened, in words, if a function of that name in a module of that name has trapped because of it.
    pub fn words<'n>(module: Option<&str>, function: Option<&'n str>) -> Option<&'n str> {
        function.filter(|name| module == Some(NotEager::MODULE) && name.ends_with(NotEager::END))
    }
}

impl fmt::Display for NotEager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NotEager { importer, provider, function } = self;
        write!(f, "`{importer}` called `{function}` of `{provider}`, {}", NotEager::END)
    }
}

/// The functions of `import` whose effect is another than where they come from.
pub(crate) fn differing(
    components: &Components<'_>,
    import: ImportId,
    Connection { provider, renames, .. }: &Connection,
) -> Vec<AdaptedFunction> {
    let served = components.served(import, *provider, renames).into_iter();
    let is_interface = matches!(components.import(import).ty, ComponentEntityType::Instance(_));
    let functions = served.filter(|served| served.needed_async != served.offered_async).map(|served| {
        let crossing = if served.needed_async { Crossing::AsyncOverSync } else { Crossing::SyncOverAsync };
        AdaptedFunction { name: is_interface.then_some(served.needed), crossing }
    });
    functions.collect()
}

/// Whether an adapter can pass on all that an import needs: functions, types of values and resources.
pub(crate) fn can_adapt(components: &Components<'_>, import: ImportId) -> bool {
    match components.import(import).ty {
        ComponentEntityType::Func(_) => true,
        ComponentEntityType::Instance(id) => {
            components.items(id).values().all(|item| passes(item.ty) || is_function(item.ty))
        }
        _ => false,
    }
}

/// Whether an adapter passes on a type.
pub(crate) fn passes(ty: ComponentEntityType) -> bool {
    use ComponentAnyTypeId::{Defined, Resource};
    matches!(ty, ComponentEntityType::Type { referenced: Defined(_) | Resource(_), .. })
}

/// Whether only a component can give the functions of an import other names: those of a resource stand under its name, and
/// an instance that is put together from exports names no resources.
pub(crate) fn needs_component(components: &Components<'_>, import: ImportId) -> bool {
    let functions = components.functions(components.import(import));
    functions.iter().any(|(name, _)| name.starts_with('['))
}

/// Whether the functions of an import can be given other names.
pub(crate) fn can_rename(components: &Components<'_>, import: ImportId) -> bool {
    !needs_component(components, import) || can_adapt(components, import)
}

fn is_function(ty: ComponentEntityType) -> bool {
    matches!(ty, ComponentEntityType::Func(_))
}

/// Makes fit what does not fit for its effect alone, with an adapter for each such connection. Gives `strict` back if
/// that is not what is wrong with it.
pub(crate) fn bridge<'a>(strict: Resolved<'a>, request: &Request) -> Resolved<'a> {
    let components = &strict.components;
    let (resolution, _) = resolve_under(components, request, Effects::Ignored);
    let apart = resolution.connections().filter(|(import, connection)| {
        can_adapt(components, *import) && !differing(components, *import, connection).is_empty()
    });
    let adapted = apart.map(|(import, _)| import).collect::<BTreeSet<_>>();
    if adapted.is_empty() {
        return strict;
    }
    let (resolution, diagnostics) = resolve_under(components, request, Effects::Adapted(&adapted));
    Resolved { resolution, diagnostics, ..strict }
}
