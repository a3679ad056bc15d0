//! `denied-import`: a policy forbids an import of the host that is reached.

use super::{Code, Diagnostic, import_subject, options};
use crate::component::Components;
use crate::policy::{Policy, PolicyRule, PolicySubject, Reached};

pub(crate) const CODE: Code = Code {
    name: "denied-import",
    text: "A policy, `--deny` or `--only`, forbids an import of the host that the composition, or the instance that the policy names,
reaches: it imports it, or an instance does that serves it, directly or through others. The notes show each way.

Provide the interface from an input, which is then what is reached; connect the instance to another provider; or widen the
policy. Whether an instance is reached counts, not which of its functions are called.",
};

/// How many ways are shown.
const SHOWN: usize = 10;

/// `reached`: the ways to the imports of one interface, at least one.
pub(crate) fn new(components: &Components<'_>, policy: &Policy, reached: &[Reached]) -> Diagnostic {
    let first = &reached[0];
    let (import, importer) = (components.import(first.import), components.get(first.import.instance));
    let subject = match &policy.subject {
        PolicySubject::Whole => "the composition".into(),
        PolicySubject::Instance(name) => {
            let file = components.by_name(name).map_or("", |component| &component.file);
            format!("`{name}` ({file})")
        }
    };
    let option = policy.to_string();
    let message = format!("{subject} reaches `{}` of the host, against `{option}`", import.name);
    let mut diagnostic = Diagnostic::error(CODE, import_subject(components, first.import), message);
    for Reached { way, import } in reached.iter().take(SHOWN) {
        let instances = way.iter().map(|id| components.get(*id).name.as_str());
        let way = instances.chain([components.import(*import).name.as_str()]).collect::<Vec<_>>();
        diagnostic = diagnostic.note(format!("the way there: `{}`", way.join(" -> ")));
    }
    if reached.len() > SHOWN {
        diagnostic = diagnostic.note(format!("{} more ways lead there", reached.len() - SHOWN));
    }
    let name = import.name.interface().map_or(import.name.as_str(), |interface| &interface.path);
    let served = format!("it then serves `{}` in place of the host", importer.name);
    diagnostic = diagnostic.help(format!("add a component that exports `{name}`: {served}"));
    match policy.rule {
        PolicyRule::Deny(_) => diagnostic,
        PolicyRule::Only(_) => {
            let (option, value) = option.split_once(' ').unwrap_or((&option, ""));
            diagnostic.help(format!("{option} {} to allow it", options::word(&format!("{value},{name}"))))
        }
    }
}
