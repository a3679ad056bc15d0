//! Diagnostics: what is wrong with inputs, as plain data. One file per code holds its text and how it is made.
//!
//! To add one: a file like the others, its line in the list of modules, and its `CODE` in [`ALL`].

use std::fmt;

use serde::{Serialize, Serializer};

use crate::component::{Component, Components, ImportId};

pub use comparison::{Comparison, Side};

pub(crate) mod ambiguous_function;
pub(crate) mod ambiguous_provider;
pub(crate) mod blocking_import;
pub(crate) mod cannot_recolour;
mod comparison;
pub(crate) mod denied_import;
pub(crate) mod eager_only;
pub(crate) mod effect_conflict;
pub(crate) mod effect_mismatch;
pub(crate) mod export_conflict;
pub(crate) mod feature_gated;
pub(crate) mod host_mismatch;
pub(crate) mod import_cycle;
pub(crate) mod invalid_component;
pub(crate) mod invalid_output;
pub(crate) mod merge_conflict;
pub(crate) mod missing_export;
pub(crate) mod not_a_component;
pub(crate) mod not_in_world;
mod options;
pub(crate) mod recolour_needed;
pub(crate) mod rejected_provider;
pub(crate) mod resource_mismatch;
pub(crate) mod resource_split;
pub(crate) mod serialized_calls;
pub(crate) mod sync_over_async;
pub(crate) mod target_limit;
pub(crate) mod type_mismatch;
pub(crate) mod unknown_name;
pub(crate) mod unreadable_provenance;
pub(crate) mod unsatisfied_import;
pub(crate) mod unsupported_import;
pub(crate) mod unused_input;
pub(crate) mod unused_option;
pub(crate) mod wire_conflict;
pub(crate) mod world_mismatch;

/// Every code, by name.
pub const ALL: &[Code] = &[
    ambiguous_function::CODE,
    ambiguous_provider::CODE,
    blocking_import::CODE,
    cannot_recolour::CODE,
    denied_import::CODE,
    eager_only::CODE,
    effect_conflict::CODE,
    effect_mismatch::CODE,
    export_conflict::CODE,
    feature_gated::CODE,
    host_mismatch::CODE,
    import_cycle::CODE,
    invalid_component::CODE,
    invalid_output::CODE,
    merge_conflict::CODE,
    missing_export::CODE,
    not_a_component::CODE,
    not_in_world::CODE,
    recolour_needed::CODE,
    rejected_provider::CODE,
    resource_mismatch::CODE,
    resource_split::CODE,
    serialized_calls::CODE,
    sync_over_async::CODE,
    target_limit::CODE,
    type_mismatch::CODE,
    unknown_name::CODE,
    unreadable_provenance::CODE,
    unsatisfied_import::CODE,
    unsupported_import::CODE,
    unused_input::CODE,
    unused_option::CODE,
    wire_conflict::CODE,
    world_mismatch::CODE,
];

/// The code of a kind of problem, and the text that explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The name, in kebab-case: stable, for people and machines.
    pub name: &'static str,
    /// What it means and what to do about it, in Markdown.
    pub text: &'static str,
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The link fails.
    Error,
    /// The link succeeds, but this may not be meant.
    Warning,
    /// wcompose did something wrong.
    Bug,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Bug => "bug",
        })
    }
}

/// What a diagnostic is about. Each part is there if the problem has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// The file as the user spelled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The import or export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

impl Subject {
    /// An instance as a whole.
    pub(crate) fn of(component: &Component<'_>) -> Subject {
        let (file, instance) = (component.file.clone(), component.name.to_string());
        Subject { file: Some(file), instance: Some(instance), item: None }
    }
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Types that differ, side by side.
    pub comparisons: Vec<Comparison>,
    /// Facts that explain it.
    pub notes: Vec<String>,
    /// Things to type or change.
    pub help: Vec<String>,
    /// The calls, one after the other, by which code may come to what must not happen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<String>,
}

impl Diagnostic {
    /// An error without notes and help.
    pub fn error(code: Code, subject: Subject, message: String) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            subject,
            message,
            comparisons: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            calls: Vec::new(),
        }
    }

    pub(crate) fn warning(code: Code, subject: Subject, message: String) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, subject, message) }
    }

    pub(crate) fn compare(mut self, comparison: Comparison) -> Diagnostic {
        self.comparisons.push(comparison);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn calls(mut self, calls: Vec<String>) -> Diagnostic {
        self.calls = calls;
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help.push(help.into());
        self
    }
}

/// An import as the subject of a diagnostic.
pub(crate) fn import_subject(components: &Components<'_>, import: ImportId) -> Subject {
    let component = components.get(import.instance);
    Subject {
        file: Some(component.file.clone()),
        instance: Some(component.name.to_string()),
        item: Some(components.import(import).name.to_string()),
    }
}

/// `` import `demo:chain/step@0.1.0` of `app` (app.wasm) ``: how every message about an import begins.
pub(crate) fn import_words(components: &Components<'_>, import: ImportId) -> String {
    let component = components.get(import.instance);
    format!("import `{}` of `{}` ({})", components.import(import).name, component.name, component.file)
}

/// `` `a`, `b` and `c` ``; of many only the first, and how many more there are.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let quoted = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>();
    match quoted.split_last() {
        Some(_) if names.len() > SHOWN => {
            format!("{} and {} more", quoted.join(", "), names.len() - SHOWN)
        }
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "nothing".into(),
    }
}

/// The nearest of `names` to a misspelled one, if it is near enough to be meant. Names of interfaces are near if their namespaces, packages and so
/// on are: neighbours in a package are no slips of one another.
pub fn suggestion<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let parts = |name: &'_ str| name.split([':', '/', '@', '#']).count();
    let distance = |name: &str| match parts(wrong) == parts(name) {
        true => {
            let pairs = wrong.split([':', '/', '@', '#']).zip(name.split([':', '/', '@', '#']));
            pairs.map(|(wrong, name)| near(wrong, name)).sum()
        }
        false => near(wrong, name),
    };
    names.filter_map(|name| Some((distance(name)?, name))).min().map(|(_, name)| name)
}

/// How many slips make one name the other, if they are few enough to be slips.
fn near(wrong: &str, name: &str) -> Option<usize> {
    let slips = strsim::damerau_levenshtein(wrong, name);
    (slips == 0 || slips <= 1.max(name.len() / 4) && slips < name.len()).then_some(slips)
}
