//! `recolour-needed`: a connection can be made, but exports of the composition would become `async`.

use std::collections::BTreeMap;

use super::{Code, Diagnostic, Subject};
use crate::component::{Change, Components, Facing, InstanceId};
use crate::request::Request;
use crate::resolve::Resolution;

pub(crate) const CODE: Code = Code {
    name: "recolour-needed",
    text: "A synchronous component is connected to `async` functions. It can stay as it is if its own functions become `async` too,
because they may have to wait. Here that reaches the exports of the composition: whoever uses them would find other types.
The notes list each function that would change.

Say `--recolour` to accept it, or `--recolour=INSTANCE` for the exports of one instance.",
};

/// One diagnostic for each instance with exports that would change without consent. `reason` says why an instance changes.
pub(crate) fn all(
    components: &Components<'_>,
    changes: &BTreeMap<InstanceId, Vec<Change>>,
    resolution: &Resolution,
    request: &Request,
    reason: &dyn Fn(InstanceId) -> Option<String>,
) -> Vec<Diagnostic> {
    let mut problems = BTreeMap::<InstanceId, Vec<String>>::new();
    for export in &resolution.exports {
        let (id, name) = (export.export.instance, &components.export(export.export).name);
        if request.recolour.covers(&components.get(id).name) {
            continue;
        }
        let changed = changes.get(&id).into_iter().flatten();
        let changed = changed.filter(|change| change.side == Facing::Export && change.item == *name);
        let notes = changed.map(|change| {
            let function = Change { item: export.name.clone(), ..change.clone() }.function();
            let renamed = change.renamed.as_ref().map_or(String::new(), |name| format!(", as `{name}`"));
            format!("`{function}` would become async{renamed}")
        });
        let notes = notes.collect::<Vec<_>>();
        if !notes.is_empty() {
            problems.entry(id).or_default().extend(notes);
        }
    }
    let problems =
        problems.into_iter().map(|(id, notes)| (id, notes.into_iter().chain(reason(id)).collect()));
    problems.map(|(id, notes)| new(components, id, notes)).collect()
}

fn new(components: &Components<'_>, instance: InstanceId, notes: Vec<String>) -> Diagnostic {
    let component = components.get(instance);
    let subject = Subject {
        file: Some(component.file.clone()),
        instance: Some(component.name.to_string()),
        item: None,
    };
    let message = format!(
        "exports of `{}` ({}) would become async, because it is connected to async functions",
        component.name, component.file
    );
    let diagnostic = notes.into_iter().fold(Diagnostic::error(CODE, subject, message), Diagnostic::note);
    diagnostic.help(format!("--recolour={}", component.name))
}
