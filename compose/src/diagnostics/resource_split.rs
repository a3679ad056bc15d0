//! `resource-split`: some importers have a resource from a guest, others from the host.

use super::{Code, Diagnostic, import_subject, import_words, options};
use crate::component::{Components, ExportId, ImportId, InstanceId};

pub(crate) const CODE: Code = Code {
    name: "resource-split",
    text: "An interface with resources is provided by an input to some instances, but another instance would take it from the host.
Handles of the one cannot be used with the other. The guest serves all users or none.

Connect the instance that is left to the same provider with `--wire`, or change the order of the inputs. If an interface
of the host uses a resource of an interface that an input provides, provide both or neither.",
};

/// `import` is left to the host, while `provider` serves the same import of others.
pub(crate) fn new(components: &Components<'_>, import: ImportId, provider: ExportId) -> Diagnostic {
    let guest = components.get(provider.instance);
    let (needed, offered) = (components.import(import), components.export(provider));
    let importer = &components.get(import.instance).name;
    let message = format!(
        "{} would come from the host, while `{}` ({}) provides it to others",
        import_words(components, import),
        guest.name,
        guest.file
    );
    let diagnostic = Diagnostic::error(CODE, import_subject(components, import), message);
    if needed.key() == offered.key() {
        // It was a candidate, so it was left for a reason.
        return diagnostic
            .note(format!("`{}` does not fit there, or depends on `{importer}` itself", guest.name));
    }
    diagnostic.help(options::wire(components, import, provider))
}

/// The host's `import` uses a resource of the import `source`, which `guest` provides.
pub(crate) fn through(
    components: &Components<'_>,
    import: ImportId,
    source: ImportId,
    guest: InstanceId,
) -> Diagnostic {
    let guest = components.get(guest);
    let name = &components.import(import).name;
    let message = format!(
        "{} would come from the host, but uses a resource that `{}` ({}) provides",
        import_words(components, import),
        guest.name,
        guest.file
    );
    Diagnostic::error(CODE, import_subject(components, import), message)
        .note(format!("the resource is in import `{}`", components.import(source).name))
        .help(format!("add a component that exports `{name}` as well, or leave `{}` out", guest.name))
}
