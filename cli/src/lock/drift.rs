//! How two locks of a composition differ, fact by fact.

use std::collections::BTreeMap;

use super::{Locked, LockedInputs, chosen_target};
use crate::settings::Settings;

/// What a fact is about, in the order in which differences are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Target,
    Input,
    Import,
    Export,
}

/// What is said of each thing: `input \`a\`` is `a.wasm, 12 bytes, sha256 ...`.
type Facts = BTreeMap<(About, String), String>;

impl Locked {
    /// What of `self` does not hold for a link that came to `now`, in words.
    pub(crate) fn drift(&self, now: &Locked) -> Vec<String> {
        differences(&facts(self).collect(), &facts(now).collect())
    }

    /// What of `self` does not hold for a link by `settings` of these inputs, before anything in them is looked at.
    pub(crate) fn drift_of_inputs(&self, settings: &Settings, inputs: &LockedInputs) -> Vec<String> {
        let (target, features) = chosen_target(settings);
        let now = Locked { target, features, inputs: inputs.0.clone(), ..Locked::empty() };
        let before = facts(self).filter(|((about, _), _)| *about <= About::Input).collect();
        differences(&before, &facts(&now).collect())
    }

    fn empty() -> Locked {
        Locked {
            target: String::new(),
            features: Vec::new(),
            inputs: Vec::new(),
            connections: Vec::new(),
            host: Vec::new(),
            exports: Vec::new(),
        }
    }
}

/// What a lock says something of more than once.
pub(super) fn said_twice(locked: &Locked) -> Option<String> {
    let mut seen = Facts::new();
    facts(locked).find_map(|(of, fact)| seen.insert(of.clone(), fact).map(|_| of.1))
}

fn facts(locked: &Locked) -> impl Iterator<Item = ((About, String), String)> {
    let features = locked.features.iter().map(|name| format!(" with `{name}`")).collect::<String>();
    let target = ((About::Target, "target".to_owned()), format!("`{}`{features}", locked.target));
    let inputs = locked.inputs.iter().map(|input| {
        let fact = format!("`{}`, {} bytes, sha256 {}", input.path, input.size, input.sha256);
        ((About::Input, format!("input `{}`", input.name)), fact)
    });
    let import = |importer: &str, import: &str| (About::Import, format!("import `{import}` of `{importer}`"));
    let connections = locked.connections.iter().map(move |connection| {
        let bridge = connection.bridge.as_ref().map(|bridge| format!(" by {bridge}")).unwrap_or_default();
        let renames =
            connection.renames.iter().map(|(needed, offered)| format!(", `{needed}` to `{offered}`"));
        let renames = renames.collect::<String>();
        let fact = format!(
            "connected to `{}` of `{}` ({}){bridge}{renames}",
            connection.export, connection.provider, connection.how
        );
        (import(&connection.importer, &connection.import), fact)
    });
    let host = locked
        .host
        .iter()
        .map(move |host| (import(&host.importer, &host.import), "left to the host".to_owned()));
    let exports = locked.exports.iter().map(|export| {
        let fact = format!("`{}` of `{}`", export.export, export.instance);
        ((About::Export, format!("export `{}`", export.name)), fact)
    });
    std::iter::once(target).chain(inputs).chain(connections).chain(host).chain(exports)
}

fn differences(before: &Facts, now: &Facts) -> Vec<String> {
    let mut subjects = before.keys().chain(now.keys()).collect::<Vec<_>>();
    subjects.sort();
    subjects.dedup();
    let told = subjects.into_iter().filter_map(|subject| {
        let of = &subject.1;
        match (before.get(subject), now.get(subject)) {
            (Some(before), Some(now)) if before == now => None,
            (Some(before), Some(now)) => Some(format!("{of} was {before}; it is {now}")),
            (None, Some(now)) => Some(format!("{of} is new: {now}")),
            (Some(before), None) => Some(format!("{of} is gone: it was {before}")),
            (None, None) => None,
        }
    });
    told.collect()
}
