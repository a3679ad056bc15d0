//! The report of a link: the state of every import and every diagnostic, as data with a published schema
//! (`docs/report.schema.json`). Its form is here; how it is filled is `fill`.

mod fill;

use schemars::JsonSchema;
use serde::Serialize;
use wcompose::Diagnostic;
use wcompose_run::Compiler;

use crate::paint;

/// What `--report` and `--format json` give.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "wcompose report")]
pub(crate) struct Report {
    /// The version of this format; it grows when a reader could be misled by a change.
    pub version: u32,
    /// Whether all that was asked for succeeded: no errors among the diagnostics.
    pub ok: bool,
    /// The runtime that the verdict is for.
    pub target: Target,
    /// What was done with the function bodies and segments of the inputs. All else of them is always validated.
    pub bodies: Bodies,
    /// Every import of every input, by input and then in the order of the binary. Empty if an input cannot be parsed.
    pub imports: Vec<Import>,
    /// What the composition exports.
    pub exports: Vec<Export>,
    /// The functions that were made `async`, by input.
    pub recoloured: Vec<Recoloured>,
    /// The inputs that are left out because nobody takes anything from them.
    pub unused: Vec<String>,
    /// What its roots export and the composition does not, as where its world does not ask for it.
    pub dropped: Vec<Dropped>,
    /// What the inputs define more than once and the composition stores once.
    pub shared: Shared,
    /// Every problem.
    pub diagnostics: Vec<Problem>,
    /// What compiled the composition, if it was compiled: `winch` or `cranelift`.
    pub engine: Option<&'static str>,
}

/// What the sandbox made of a composition.
pub(crate) struct Ran {
    /// What compiled it, if that was possible.
    pub compiler: Option<Compiler>,
    /// What is wrong with it, if anything is.
    pub diagnostic: Option<Diagnostic>,
}

/// The runtime that a verdict is for: its validator, its features and its interfaces gave it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Target {
    /// The name, as `--target` takes it.
    pub name: &'static str,
    /// The runtime.
    pub runtime: &'static str,
    /// The version of the runtime.
    pub version: &'static str,
    /// The features that were switched on beside those that it has on by itself, as `--feature` takes them.
    pub features: Vec<&'static str>,
}

/// What was done with function bodies and segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Bodies {
    /// They were validated.
    Validated,
    /// They were not read: `--no-check`.
    Unvalidated,
}

impl Bodies {
    /// The word, as it stands in the report.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Bodies::Validated => "validated",
            Bodies::Unvalidated => "unvalidated",
        }
    }
}

/// One import.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Import {
    /// The importing instance.
    pub instance: String,
    /// Its file, as it was given.
    pub file: String,
    /// The name of the import.
    pub name: String,
    /// What became of it.
    #[serde(flatten)]
    pub state: State,
    /// The candidates that do not fit.
    pub rejected: Vec<Rejection>,
}

/// What became of an import.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum State {
    /// It is connected to an export of another instance.
    Connected {
        /// The providing instance.
        provider: String,
        /// The name of its export.
        export: String,
        /// How the provider was chosen: `wire`, `only`, `chain` or `earlier`.
        matched: &'static str,
        /// What makes the two sides fit, if they do not by themselves: `recolour` or `adapter`.
        bridge: Option<&'static str>,
        /// The functions that the export has under other names than the import.
        renames: Vec<Rename>,
    },
    /// It is left for the runtime.
    Host {
        /// Why: `target`, `allowed` or `types-only`.
        reason: &'static str,
    },
    /// It is a type of the world, given as an equal type.
    Substituted,
    /// It is not satisfied.
    Unsatisfied {
        /// Why: `no-provider`, `misfit`, `host`, `ambiguous` or `cycle`.
        reason: &'static str,
    },
}

/// A function that goes by another name on each side of a connection.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rename {
    /// The name in the import.
    pub needed: String,
    /// The name in the export.
    pub offered: String,
}

/// A candidate that does not fit.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rejection {
    /// The instance that exports it.
    pub provider: String,
    /// The name of the export.
    pub export: String,
    /// The first difference, in words.
    pub difference: String,
}

/// A function that was made `async`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Recoloured {
    /// The instance that it belongs to.
    pub instance: String,
    /// Whether the instance imports or exports it: `import` or `export`.
    pub side: &'static str,
    /// The function: `demo:kv/store#get`.
    pub function: String,
    /// The name that the export has now, if it is another.
    pub renamed: Option<String>,
}

/// One export of the composition.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Export {
    /// Its name in the composition.
    pub name: String,
    /// The instance that has it.
    pub instance: String,
    /// Its name there.
    pub export: String,
    /// Whether it is there only because another export uses its types.
    pub for_types: bool,
}

/// An export that is left out.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Dropped {
    /// The instance that has it.
    pub instance: String,
    /// Its name there.
    pub export: String,
}

/// What is stored once for several.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Shared {
    /// How many bytes need not be stored.
    pub saved: usize,
    /// What is shared, in the order in which it is written.
    pub definitions: Vec<SharedDefinition>,
}

/// A module or component that is stored once for several.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SharedDefinition {
    /// `module` or `component`.
    pub kind: &'static str,
    /// What a name section of the inputs calls it.
    pub name: Option<String>,
    /// How many times the inputs have it.
    pub copies: usize,
    /// The bytes of the copies that are not stored.
    pub saved: usize,
}

/// One diagnostic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// The code, as `wcompose explain` takes it.
    pub code: &'static str,
    /// `error`, `warning` or `bug`.
    pub severity: String,
    /// The file that it is about.
    pub file: Option<String>,
    /// The instance that it is about.
    pub instance: Option<String>,
    /// The import or export that it is about.
    pub item: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Facts that explain it; types that differ, in words, come first.
    pub notes: Vec<String>,
    /// The declarations of types that differ, side by side.
    pub comparisons: Vec<Vec<Declaration>>,
    /// Things to type or change.
    pub help: Vec<String>,
    /// The calls, one after the other, by which code may come to what must not happen; left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<String>,
}

/// The WIT of a function or type that differs from another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Declaration {
    /// Where it stands: file, instance, import or export.
    pub origin: String,
    /// The WIT, in one or several lines.
    pub text: String,
    /// Where the part begins that differs, in bytes of the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What to say of it.
    pub label: String,
}

impl Report {
    /// Adds what the sandbox says of the composition.
    pub(crate) fn add(&mut self, ran: &Ran) {
        self.engine = ran.compiler.map(|compiler| match compiler {
            Compiler::Cranelift => "cranelift",
            Compiler::Winch => "winch",
        });
        ran.diagnostic.iter().for_each(|diagnostic| self.fail(diagnostic));
    }

    /// Adds what is wrong with a composition that was made.
    pub(crate) fn fail(&mut self, why: &Diagnostic) {
        self.ok = false;
        self.diagnostics.push(Problem::new(why));
    }

    /// The JSON text.
    pub(crate) fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a report holds only text, numbers and lists");
        paint::json(&text) + "\n"
    }
}

impl Problem {
    /// The notes and helps, one line each, as other formats write them below the message.
    pub(crate) fn details(&self) -> impl Iterator<Item = String> + '_ {
        let notes = self.notes.iter().map(|note| format!("note: {note}"));
        notes.chain(self.help.iter().map(|help| format!("help: {help}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readers of reports rely on the published schema, so it must be that of the types above.
    #[test]
    fn the_schema_is_published() {
        crate::schema::published::<Report>("report");
    }
}
