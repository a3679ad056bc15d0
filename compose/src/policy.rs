//! Policies: which imports of the host a composition, or one instance of it, may reach. They are checked on a resolution
//! that is complete, and change nothing about it.
//!
//! An instance reaches what it imports from the host, and all that the instances reach that serve it. So it is by
//! instance: which functions really call each other is not looked at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use wcompose_wit::MatchKey;

use crate::component::{Components, Extern, ImportId, InstanceId};
use crate::diagnostics::{Diagnostic, denied_import, unknown_name};
use crate::request::{Pattern, SyntaxError};
use crate::resolve::{ImportState, Resolution};

/// A rule on what of the host may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whom it binds.
    pub subject: PolicySubject,
    /// What it asks of them.
    pub rule: PolicyRule,
}

/// Whom a policy binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySubject {
    /// All instances.
    Whole,
    /// The instance of that name, with all that serve it, also through others.
    Instance(String),
}

/// What a policy asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyRule {
    /// No import of the host may be reached that one of the patterns covers. One that covers nothing is no mistake.
    Deny(Vec<Pattern>),
    /// Only imports of the host may be reached that one of the patterns covers.
    Only(Vec<Pattern>),
}

impl Policy {
    /// Reads `[INSTANCE=]PATTERN[,PATTERN]` as imports that may not be reached.
    pub fn deny(text: &str) -> Result<Policy, SyntaxError> {
        read(text).map(|(subject, patterns)| Policy { subject, rule: PolicyRule::Deny(patterns) })
    }

    /// Reads `[INSTANCE=]PATTERN[,PATTERN]` as the only imports that may be reached.
    pub fn only(text: &str) -> Result<Policy, SyntaxError> {
        read(text).map(|(subject, patterns)| Policy { subject, rule: PolicyRule::Only(patterns) })
    }

    fn forbids(&self, import: &Extern) -> bool {
        let names = || [Some(&import.name), import.implements.as_ref()].into_iter().flatten();
        let covered = |patterns: &[Pattern]| {
            patterns.iter().any(|pattern| names().any(|name| pattern.matches(name.as_str())))
        };
        match &self.rule {
            PolicyRule::Deny(patterns) => covered(patterns),
            PolicyRule::Only(patterns) => !covered(patterns),
        }
    }
}

impl fmt::Display for Policy {
    /// As an option: `--deny parser=wasi:sockets/*`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (option, patterns) = match &self.rule {
            PolicyRule::Deny(patterns) => ("--deny", patterns),
            PolicyRule::Only(patterns) => ("--only", patterns),
        };
        let instance = match &self.subject {
            PolicySubject::Whole => String::new(),
            PolicySubject::Instance(name) => format!("{name}="),
        };
        let patterns = patterns.iter().map(Pattern::as_str).collect::<Vec<_>>().join(",");
        write!(f, "{option} {instance}{patterns}")
    }
}

/// One diagnostic for each import that a policy forbids and its subject reaches, and for each policy whose subject is not
/// there.
pub(crate) fn violations(
    components: &Components<'_>,
    resolution: &Resolution,
    policies: &[Policy],
) -> Vec<Diagnostic> {
    policies.iter().flat_map(|policy| violations_of(components, resolution, policy)).collect()
}

fn violations_of(components: &Components<'_>, resolution: &Resolution, policy: &Policy) -> Vec<Diagnostic> {
    let used = |id: &InstanceId| !resolution.unused.contains(id);
    let starts = match &policy.subject {
        // Every way begins at a root, if one leads there.
        PolicySubject::Whole => {
            let roots = resolution.roots.iter().copied();
            let exported = resolution.exports.iter().map(|export| export.export.instance);
            roots.chain(exported).chain(components.iter().map(|component| component.id)).collect::<Vec<_>>()
        }
        PolicySubject::Instance(name) => match components.by_name(name) {
            Some(component) => vec![component.id],
            None => return vec![unknown_name::instance(&policy.to_string(), name, components)],
        },
    };
    let ways = ways(resolution, starts.into_iter().filter(used));
    let mut forbidden = BTreeMap::<MatchKey<'_>, Vec<Reached>>::new();
    for way in ways {
        let imports = components.get(way[way.len() - 1]).import_ids();
        let open = imports.filter(|id| {
            let state = resolution.import(*id).map(|resolved| &resolved.state);
            matches!(state, Some(ImportState::Host(_))) && policy.forbids(components.import(*id))
        });
        for import in open {
            let reached = forbidden.entry(components.import(import).key()).or_default();
            reached.push(Reached { way: way.clone(), import });
        }
    }
    forbidden.into_values().map(|reached| denied_import::new(components, policy, &reached)).collect()
}

/// An import of the host, and how it is reached.
pub(crate) struct Reached {
    /// The instances from the subject of the policy to the one that imports, both included.
    pub way: Vec<InstanceId>,
    pub import: ImportId,
}

/// A shortest way to each instance that can be reached from one of `starts`, the shorter ones first. What was reached from
/// an earlier start is not looked for from a later one.
fn ways(resolution: &Resolution, starts: impl Iterator<Item = InstanceId>) -> Vec<Vec<InstanceId>> {
    let mut providers = BTreeMap::<InstanceId, BTreeSet<InstanceId>>::new();
    for (import, connection) in resolution.connections() {
        providers.entry(import.instance).or_default().insert(connection.provider.instance);
    }
    let (mut ways, mut seen) = (Vec::new(), BTreeSet::new());
    for start in starts {
        if !seen.insert(start) {
            continue;
        }
        let mut queue = VecDeque::from([vec![start]]);
        while let Some(way) = queue.pop_front() {
            for next in providers.get(&way[way.len() - 1]).into_iter().flatten() {
                if seen.insert(*next) {
                    queue.push_back(way.iter().copied().chain([*next]).collect());
                }
            }
            ways.push(way);
        }
    }
    ways
}

/// Takes `[INSTANCE=]PATTERN[,PATTERN]` apart. No name and no pattern that could cover one has a `=`.
fn read(text: &str) -> Result<(PolicySubject, Vec<Pattern>), SyntaxError> {
    let (subject, list) = match text.split_once('=') {
        Some((name, list)) => (PolicySubject::Instance(name.into()), list),
        None => (PolicySubject::Whole, text),
    };
    // An empty pattern covers nothing: whoever writes one means something else.
    if text.starts_with('=') || list.contains('=') || list.split(',').any(str::is_empty) {
        return Err(SyntaxError { text: text.into(), form: "[INSTANCE=]PATTERN[,PATTERN]" });
    }
    // Nothing is called as a package is.
    if list.split(',').any(|pattern| pattern.contains(':') && !pattern.contains(['/', '*'])) {
        let form = "[INSTANCE=]PATTERN[,PATTERN]: the interfaces of a package are `NAMESPACE:PACKAGE/*`";
        return Err(SyntaxError { text: text.into(), form });
    }
    Ok((subject, list.split(',').map(Pattern::new).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A policy that is misread may allow what it should forbid.
    #[test]
    fn policies_are_read_as_they_are_shown() {
        for text in ["wasi:sockets/*", "parser=wasi:sockets/*", "parser=*", "wasi:cli/stdout,wasi:io/*"] {
            assert_eq!(Policy::deny(text).unwrap().to_string(), format!("--deny {text}"));
            assert_eq!(Policy::only(text).unwrap().to_string(), format!("--only {text}"));
        }
        let instance = |text| Policy::deny(text).unwrap().subject;
        assert_eq!(instance("wasi:sockets/*"), PolicySubject::Whole);
        assert_eq!(instance("parser=wasi:sockets/*"), PolicySubject::Instance("parser".into()));
        for text in ["", "=wasi:io/*", "parser=", "wasi:io/*,", "a=b=c"] {
            assert!(Policy::deny(text).is_err(), "{text}");
        }
    }
}
