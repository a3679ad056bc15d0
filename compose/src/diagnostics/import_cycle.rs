//! `import-cycle`: the only provider depends on its importer.

use super::{Code, Diagnostic, import_subject, import_words, options};
use crate::component::{Components, ImportId, InstanceId};
use crate::resolve::{ImportState, ResolvedImport};

pub(crate) const CODE: Code = Code {
    name: "import-cycle",
    text: "The only input that could serve an import needs, directly or through others, an export of the importing instance.
Instances are made one after the other, so a composition cannot have cycles (Explainer, \"Instance Definitions\").

If all that export it are middleware, the end of their chain is missing: add it. Otherwise break the cycle: split one of the components, or leave one of the imports to the host with `--allow-import`.",
};

/// `cycle` leads from the provider to the importer along connections, which are among `imports`.
pub(crate) fn new(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    import: ImportId,
    cycle: &[InstanceId],
) -> Diagnostic {
    let message = format!("{} would close a cycle", import_words(components, import));
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    let instance = |id: InstanceId| format!("`{}` ({})", components.get(id).name, components.get(id).file);
    let mut closing = Some(import);
    let mut importer = import.instance;
    for provider in cycle.iter().copied() {
        // The first step is the import in question; the others are connected.
        let step = closing.take().or_else(|| connection(imports, importer, provider));
        let name = step.map_or("something".into(), |id| format!("`{}`", components.import(id).name));
        diagnostic =
            diagnostic.note(format!("{} imports {name} from {}", instance(importer), instance(provider)));
        importer = provider;
    }
    if cycle == [import.instance] {
        // Only a wire can ask for that.
        return diagnostic;
    }
    let key = components.import(import).key();
    let all_import_it = components.iter().all(|component| {
        let exports = component.exports.iter().any(|export| export.key() == key);
        !exports || component.imports.iter().any(|needed| needed.key() == key)
    });
    if all_import_it {
        // Middleware alone: what is missing is the end of the chain.
        diagnostic =
            diagnostic.help("add the component that exports it without importing it: the end of the chain");
    }
    let allow = options::allow_import(components.import(import).name.as_str());
    diagnostic.help(format!("{allow} to leave it to the host"))
}

fn connection(imports: &[&ResolvedImport], importer: InstanceId, provider: InstanceId) -> Option<ImportId> {
    let connects = |resolved: &&&ResolvedImport| match &resolved.state {
        ImportState::Connected(connection) => {
            resolved.import.instance == importer && connection.provider.instance == provider
        }
        _ => false,
    };
    imports.iter().find(connects).map(|resolved| resolved.import)
}
