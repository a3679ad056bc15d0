//! Options in help, spelled as a shell takes them when they are pasted.

use crate::component::{Components, ExportId, ImportId};
use crate::request::Rename;

/// `--wire IMPORTER:IMPORT=PROVIDER[:EXPORT]`, with the export where its name is another.
pub(super) fn wire(components: &Components<'_>, import: ImportId, export: ExportId) -> String {
    let (needed, offered) = (&components.import(import).name, &components.export(export).name);
    let provider = &components.get(export.instance).name;
    if needed == offered {
        wire_to(components, import, provider.as_str())
    } else {
        wire_to(components, import, &format!("{provider}:{offered}"))
    }
}

/// `--wire IMPORTER:IMPORT#FUNCTION=PROVIDER[:EXPORT]#FUNCTION`.
pub(super) fn wire_function(
    components: &Components<'_>,
    import: ImportId,
    export: ExportId,
    rename: &Rename,
) -> String {
    let (importer, needed) = (&components.get(import.instance).name, &components.import(import).name);
    let (provider, offered) = (&components.get(export.instance).name, &components.export(export).name);
    let Rename { needed: function, offered: served_by } = rename;
    let end = if needed == offered { String::new() } else { format!(":{offered}") };
    format!("--wire {}", word(&format!("{importer}:{needed}#{function}={provider}{end}#{served_by}")))
}

/// The same as `wire`, to whatever stands after the `=`.
pub(super) fn wire_to(components: &Components<'_>, import: ImportId, end: &str) -> String {
    let (importer, name) = (&components.get(import.instance).name, &components.import(import).name);
    format!("--wire {}", word(&format!("{importer}:{name}={end}")))
}

/// `--root NAME`.
pub(super) fn root(instance: &str) -> String {
    format!("--root {}", word(instance))
}

/// `--export WHAT`.
pub(super) fn export(what: &str) -> String {
    format!("--export {}", word(what))
}

/// `--allow-import 'NAME'`.
pub(super) fn allow_import(name: &str) -> String {
    format!("--allow-import {}", quoted(name))
}

/// A word for a shell: quoted if the shell would take it apart.
pub(super) fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "@%+=:,./_-".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
