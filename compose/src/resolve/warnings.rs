//! What is said of a composition that links: what was passed over, and what may go wrong when it runs, as far as types and
//! `canon` definitions tell.

use std::collections::BTreeMap;

use wasmparser::component_types::ComponentEntityType;

use super::outcome::of_instance;
use super::{Bridge, Connection, HostReason, ImportState, Rejected, ResolvedExport, ResolvedImport, Why};
use crate::adapt::differing;
use crate::component::{Component, Components, Extern, InstanceId};
use crate::composition::lowered_without_async;
use crate::diagnostics::{Diagnostic, blocking_import, eager_only, rejected_provider, sync_over_async};
use crate::types::function_name;

/// The warnings: about imports in their order, then about instances in theirs.
pub(super) fn warnings(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    exports: &[ResolvedExport],
) -> Vec<Diagnostic> {
    let mut warnings = rejections(components, imports);
    warnings.extend(eager_only(components, imports));
    warnings.extend(effects(components, imports, exports));
    warnings
}

/// One for each import that rejected an input and took another. Where the connection is bridged, others could have been
/// bridged as well: order passed them over, not their effect.
fn rejections(components: &Components<'_>, imports: &[&ResolvedImport]) -> Vec<Diagnostic> {
    let rejections = imports.iter().filter_map(|resolved| {
        let ImportState::Connected(Connection { provider, bridge, .. }) = resolved.state else { return None };
        let counts = |rejected: &&Rejected| bridge.is_none() || rejected.misfit.why != Why::Effect;
        let rejected = resolved.rejected.iter().filter(counts).cloned().collect::<Vec<_>>();
        let any = !rejected.is_empty();
        any.then(|| rejected_provider::new(components, resolved.import, &rejected, provider))
    });
    rejections.collect()
}

/// One for each import that gets an `async` function from an adapter, which cannot wait for it.
fn eager_only(components: &Components<'_>, imports: &[&ResolvedImport]) -> Vec<Diagnostic> {
    let warnings = imports.iter().filter_map(|resolved| {
        let ImportState::Connected(connection) = &resolved.state else { return None };
        if connection.bridge != Some(Bridge::Adapter) {
            return None;
        }
        let functions = differing(components, resolved.import, connection).into_iter();
        let eager = functions.filter(|function| function.crossing.is_eager_only());
        let own = components.import(resolved.import).name.as_str();
        let eager = eager.map(|function| function_name(function.name.as_deref().unwrap_or(own)));
        let eager = eager.collect::<Vec<_>>();
        (!eager.is_empty()).then(|| eager_only::new(components, resolved.import, connection.provider, &eager))
    });
    warnings.collect()
}

/// At most one of each kind for each instance.
fn effects(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    exports: &[ResolvedExport],
) -> Vec<Diagnostic> {
    if !any_async(components, imports, exports) {
        return Vec::new();
    }
    let called = called(components, imports, exports);
    let mut warnings = Vec::new();
    for component in components.iter() {
        let called = called.get(&component.id).into_iter().flatten();
        let of = |wanted| {
            let some = called.clone().filter(move |(_, called)| **called == wanted);
            some.map(|(words, _)| words.clone()).collect::<Vec<_>>()
        };
        let (plain, constructors) = (of(Called::Plain), of(Called::Constructor));
        let any = !plain.is_empty() || !constructors.is_empty();
        let waits = if any { waits(components, component) } else { Vec::new() };
        if !waits.is_empty() {
            warnings.push(sync_over_async::new(components, component.id, (&plain, &constructors), &waits));
        }
        let of_host = of_instance(imports, component.id).iter().filter(|resolved| {
            matches!(resolved.state, ImportState::Host(HostReason::Target | HostReason::Allowed))
        });
        let blocking = of_host.flat_map(|resolved| blocking(components, components.import(resolved.import)));
        let blocking = blocking.collect::<Vec<_>>();
        if !blocking.is_empty() {
            warnings.push(blocking_import::new(components, component.id, &blocking));
        }
    }
    warnings
}

/// Whether a function is `async` that is imported, that serves an import behind an adapter, or that is exported.
fn any_async(components: &Components<'_>, imports: &[&ResolvedImport], exports: &[ResolvedExport]) -> bool {
    let behind_adapter = |resolved: &ResolvedImport| match &resolved.state {
        ImportState::Connected(Connection { provider, renames, bridge: Some(_), .. }) => {
            let served = components.served(resolved.import, *provider, renames);
            served.iter().any(|served| served.offered_async)
        }
        _ => false,
    };
    let imported = |resolved: &&ResolvedImport| {
        has_async(components, components.import(resolved.import)) || behind_adapter(resolved)
    };
    imports.iter().any(imported)
        || exports.iter().any(|exported| has_async(components, components.export(exported.export)))
}

fn has_async(components: &Components<'_>, item: &Extern) -> bool {
    let is_async = |ty| matches!(ty, ComponentEntityType::Func(id) if components.types()[id].async_);
    match item.ty {
        ComponentEntityType::Instance(id) => components.items(id).values().any(|item| is_async(item.ty)),
        ty => is_async(ty),
    }
}

/// What is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Called {
    /// A function that is `async`.
    Async,
    /// One that is not.
    Plain,
    /// A constructor, which cannot be.
    Constructor,
}

/// Which functions of each instance others or the host may call, in words, each with its own effect: an importer behind an
/// adapter needs another. What a toolchain exports and nobody takes is not among them.
fn called(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    exports: &[ResolvedExport],
) -> BTreeMap<InstanceId, BTreeMap<String, Called>> {
    let mut called = BTreeMap::<_, BTreeMap<String, Called>>::new();
    let mut add = |instance: InstanceId, item: &Extern, function: &str, is_async: bool| {
        let how = match is_async {
            true => Called::Async,
            false if function.starts_with("[constructor]") => Called::Constructor,
            false => Called::Plain,
        };
        called.entry(instance).or_default().insert(words(item, function), how);
    };
    for resolved in imports {
        if let ImportState::Connected(Connection { provider, renames, .. }) = &resolved.state {
            for served in components.served(resolved.import, *provider, renames) {
                let offered = components.export(*provider);
                add(provider.instance, offered, &served.offered, served.offered_async);
            }
        }
    }
    for ResolvedExport { export, .. } in exports {
        let item = components.export(*export);
        let functions = components.functions(item).into_iter();
        functions.for_each(|(function, is_async)| add(export.instance, item, &function, is_async));
    }
    called
}

/// The `async` imports that the code of the component calls without `async`.
fn waits(components: &Components<'_>, component: &Component<'_>) -> Vec<String> {
    let functions = component.imports.iter().flat_map(|import| {
        let functions = components.functions(import).into_iter().filter(|(_, is_async)| *is_async);
        functions.map(move |(function, _)| (import, function))
    });
    let functions = functions.collect::<Vec<_>>();
    if functions.is_empty() {
        return Vec::new();
    }
    let lowered = lowered_without_async(&component.bytes);
    let waits = functions.into_iter().filter(|(import, function)| {
        let import = import.name.to_string();
        lowered.contains(&(import.clone(), None)) || lowered.contains(&(import, Some(function.clone())))
    });
    waits.map(|(import, function)| words(import, &function)).collect()
}

/// The functions of an import that block the thread: those of WASI 0.2 that are made for it.
fn blocking(components: &Components<'_>, import: &Extern) -> Vec<String> {
    let Some(interface) = import.name.interface() else { return Vec::new() };
    let blocks = |function: &str| match interface.path.as_str() {
        "wasi:io/poll" => matches!(function, "poll" | "[method]pollable.block"),
        "wasi:io/streams" => function.contains(".blocking-"),
        _ => false,
    };
    let functions = components.functions(import).into_iter().filter(|(function, _)| blocks(function));
    functions.map(|(function, _)| function_name(&function)).collect()
}

/// ``get` of `demo:kv/store``, to stand between backquotes.
fn words(item: &Extern, function: &str) -> String {
    if item.name.as_str() == function {
        function.to_owned()
    } else {
        format!("{}` of `{}", function_name(function), item.name)
    }
}
