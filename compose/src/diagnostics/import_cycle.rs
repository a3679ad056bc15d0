//! `import-cycle`: the only provider depends on its importer.

use super::{Code, Diagnostic, import_subject, import_words};
use crate::component::{Components, ImportId, InstanceId};

pub(crate) const CODE: Code = Code {
    name: "import-cycle",
    text: "The only input that could serve an import needs, directly or through others, an export of the importing instance.
Instances are made one after the other, so a composition cannot have cycles (Explainer, \"Instance Definitions\").

Break the cycle: split one of the components, or leave one of the imports to the host with `--allow-import`.",
};

/// `cycle` leads from the provider to the importer along connections.
pub(crate) fn new(components: &Components<'_>, import: ImportId, cycle: &[InstanceId]) -> Diagnostic {
    let message = format!("{} would close a cycle", import_words(components, import));
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    let name = |id: InstanceId| format!("`{}` ({})", components.get(id).name, components.get(id).file);
    let mut importer = import.instance;
    for id in cycle {
        diagnostic = diagnostic.note(format!("{} depends on {}", name(importer), name(*id)));
        importer = *id;
    }
    diagnostic
}
