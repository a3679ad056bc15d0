//! `resource-mismatch`: the two sides of a connection mean different resources.

use std::collections::BTreeSet;

use wasmparser::component_types::ComponentAnyTypeId;

use super::{Code, Diagnostic, import_subject, options, type_mismatch};
use crate::component::{Components, ImportId, InstanceId};
use crate::resolve::{Connection, ImportState, Rejected, ResolvedImport};
use crate::types::referenced;

pub(crate) const CODE: Code = Code {
    name: "resource-mismatch",
    text: "A provider and an importer agree on everything but on where a resource comes from: each has it from another instance,
and handles of one cannot be used as handles of the other. An interface that uses types of another fits only if both
sides resolve the used one to the same instance.

Let both take the used interface from the same provider: order the inputs so, or say it with the `--wire` in the help.",
};

/// `imports`: what became of every import.
pub(crate) fn new(
    components: &Components<'_>,
    imports: &[ResolvedImport],
    import: ImportId,
    rejected: &[Rejected],
) -> Diagnostic {
    let message = type_mismatch::message(components, import, rejected);
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    let mut diagnostic = type_mismatch::with_candidates(diagnostic, components, import, rejected);
    for source in sources(components, import) {
        for Rejected { provider, .. } in rejected {
            if let Some(instance) = source_of(components, imports, source, provider.instance) {
                let of = components.get(instance).name.as_str();
                diagnostic = diagnostic.help(options::wire_to(components, source, of));
            }
        }
    }
    type_mismatch::with_host(diagnostic, components, import)
}

/// The other imports of the instance whose resources `import` uses.
fn sources(components: &Components<'_>, import: ImportId) -> Vec<ImportId> {
    let used = referenced(components.types(), components.import(import).ty);
    let used = used.iter().filter_map(|ty| match ty {
        ComponentAnyTypeId::Resource(id) => Some(id.resource()),
        _ => None,
    });
    let used = used.collect::<Vec<_>>();
    let resources = components.get(import.instance).resources.imported.iter();
    let homes = resources.filter(|resource| used.contains(&resource.id)).filter_map(|resource| {
        let (index, _) = resource.places.first()?;
        Some(ImportId { index: *index, ..import })
    });
    homes.filter(|home| *home != import).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The instance from which `provider` has what the import `source` is for: itself, or what its own import is connected to.
fn source_of(
    components: &Components<'_>,
    imports: &[ResolvedImport],
    source: ImportId,
    provider: InstanceId,
) -> Option<InstanceId> {
    let key = components.import(source).key();
    if components.get(provider).exports.iter().any(|export| export.key() == key) {
        return Some(provider);
    }
    let own = |resolved: &&ResolvedImport| {
        resolved.import.instance == provider && components.import(resolved.import).key() == key
    };
    match imports.iter().find(own)?.state {
        ImportState::Connected(Connection { provider, .. }) if provider.instance != source.instance => {
            Some(provider.instance)
        }
        _ => None,
    }
}
