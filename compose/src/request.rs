//! What the user asks of a link beside its inputs: wires, roots, exports, allowed imports, the target, what is
//! validated.

use std::fmt;
use std::str::FromStr;

use wcompose_wit::{ExternName, InterfaceName};

use crate::input::InstanceName;
use crate::policy::Policy;
use crate::target::Target;
use crate::worlds::WorldRequest;

/// What a link is asked to do. The default asks for nothing: every choice is the linker's.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Connections that are decided already.
    pub wires: Vec<Wire>,
    /// Connections that are decided where none of `wires` decides otherwise.
    pub default_wires: Vec<Wire>,
    /// The instances whose exports are the composition's; if empty, the one that nobody consumes.
    pub roots: Vec<String>,
    /// Exports to add to those of the roots.
    pub exports: Vec<ExportRequest>,
    /// The world that says which exports count, and what their types have to fit.
    pub world: Option<WorldRequest>,
    /// Imports that may stay open although the target does not provide them.
    pub allow_imports: Vec<Pattern>,
    /// What of the host may be reached; a link that goes against one of them fails.
    pub policies: Vec<Policy>,
    /// What is done where the two sides of a connection differ in effect.
    pub bridge: BridgeRequest,
    /// Whose exports recolouring may change in the composition.
    pub recolour: Consent,
    /// Whether inputs that nobody takes anything from are left out in silence.
    pub allow_unused: bool,
    /// Whether definitions that inputs have in common are stored once for each.
    pub keep_copies: bool,
    /// Which custom sections of the inputs are left out.
    pub strip: Strip,
    /// Whether the section is left out that says what the composition was made of.
    pub omit_provenance: bool,
    /// What the composition will run in.
    pub target: Target,
    /// What is done with the function bodies and segments of the inputs.
    pub bodies: Bodies,
}

/// Whether the function bodies of the inputs are validated, and with them the element and data segments. All else of an input
/// always is: its structure and its types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bodies {
    /// They are, with the features of the target.
    #[default]
    Validated,
    /// They are not read at all: whoever loads the composition has to.
    Unvalidated,
}

/// Which custom sections of the inputs are left out of the composition. They say nothing about what it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strip {
    /// None of them.
    #[default]
    None,
    /// DWARF and source maps.
    Debug,
    /// All but those that a runtime may use: names go as well.
    All,
}

/// What is done where a function is `async` on one side of a connection only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BridgeRequest {
    /// The synchronous side is recoloured; where that cannot be and the importer is the `async` side, there is an adapter.
    #[default]
    Recolour,
    /// There is an adapter between the two sides, which stay as they are.
    Adapter,
    /// Nothing: the two do not fit.
    None,
}

/// Which instances may have functions made `async` that the composition exports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// None: the exports of the composition keep their types.
    #[default]
    None,
    /// All of them.
    All,
    /// Those of these names.
    Of(Vec<String>),
}

impl Consent {
    /// Whether the exports of the instance may change.
    pub fn covers(&self, instance: &InstanceName) -> bool {
        match self {
            Consent::None => false,
            Consent::All => true,
            Consent::Of(names) => names.iter().any(|name| name == instance.as_str()),
        }
    }
}

impl Request {
    /// Whether an export of an instance is asked for by its name.
    pub(crate) fn asks_for(&self, instance: &InstanceName, export: &ExternName) -> bool {
        let named = self.exports.iter().filter(|asked| asked.instance == instance.as_str());
        let mut named = named.map(|asked| ExternName::new(asked.export.as_str()));
        named.any(|name| name == *export || name.version().is_none())
            || self.world.as_ref().is_some_and(|world| world.asks_for(export))
    }
}

/// `IMPORTER:IMPORT=PROVIDER[:EXPORT]`: connects one import. Without EXPORT, the export that matches the import.
///
/// `IMPORTER:IMPORT#FUNCTION=PROVIDER[:EXPORT]#FUNCTION` says besides which function of the export serves one of the
/// import's; there may be such a wire for each function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The instance that imports.
    pub importer: String,
    /// The name of its import; the version may be left out if that leaves no doubt.
    pub import: String,
    /// The instance that exports.
    pub provider: String,
    /// The name of its export, if it differs from the import's.
    pub export: Option<String>,
    /// The function that the wire is about, if it says so.
    pub function: Option<Rename>,
}

/// A function of an import, and the function of the export that serves it under another name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// The name in the import.
    pub needed: String,
    /// The name in the export.
    pub offered: String,
}

impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <- {}", self.needed, self.offered)
    }
}

impl FromStr for Wire {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Wire, SyntaxError> {
        const FORM: &str = "IMPORTER:IMPORT[#FUNCTION]=PROVIDER[:EXPORT][#FUNCTION]";
        const LONE: &str =
            "IMPORTER:IMPORT#FUNCTION=PROVIDER[:EXPORT]#FUNCTION: it has a function on one side alone";
        let form = || SyntaxError { text: text.into(), form: FORM };
        let lone = || SyntaxError { text: text.into(), form: LONE };
        let (left, right) = text.split_once('=').ok_or_else(form)?;
        let (importer, import) = left.split_once(':').ok_or_else(form)?;
        // The name of an instance may have the mark in it.
        let (import, right, function) = match import.split_once('#') {
            Some((import, needed)) => {
                let (right, offered) = right.rsplit_once('#').ok_or_else(lone)?;
                (import, right, Some(Rename { needed: needed.into(), offered: offered.into() }))
            }
            None => (import, right, None),
        };
        let (provider, export) = match right.split_once(':') {
            Some((_, export)) if export.contains('#') => return Err(lone()),
            Some((provider, export)) => (provider, Some(export.to_owned())),
            None => (right, None),
        };
        let named = function.as_ref().is_none_or(|pair| !pair.needed.is_empty() && !pair.offered.is_empty());
        if [importer, import, provider].contains(&"") || export.as_deref() == Some("") || !named {
            return Err(form());
        }
        Ok(Wire {
            importer: importer.into(),
            import: import.into(),
            provider: provider.into(),
            export,
            function,
        })
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = |name: Option<&String>| name.map_or(String::new(), |name| format!("#{name}"));
        let (needed, offered) = self.function.as_ref().map(|pair| (&pair.needed, &pair.offered)).unzip();
        write!(f, "{}:{}{}={}", self.importer, self.import, mark(needed), self.provider)?;
        self.export.as_ref().map_or(Ok(()), |export| write!(f, ":{export}"))?;
        f.write_str(&mark(offered))
    }
}

/// `[NEW=]INSTANCE:EXPORT`: adds one export to the composition, under its own name or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportRequest {
    /// The name in the composition, if it differs.
    pub rename: Option<String>,
    /// The instance that exports.
    pub instance: String,
    /// The name of its export; the version may be left out if that leaves no doubt.
    pub export: String,
}

impl FromStr for ExportRequest {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<ExportRequest, SyntaxError> {
        let form = || SyntaxError { text: text.into(), form: "[NEW=]INSTANCE:EXPORT" };
        let (rename, rest) = match text.split_once('=') {
            Some((rename, rest)) => (Some(rename.to_owned()), rest),
            None => (None, text),
        };
        let (instance, export) = rest.split_once(':').ok_or_else(form)?;
        if instance.is_empty() || export.is_empty() {
            return Err(form());
        }
        if rename.as_deref().is_some_and(|name| !is_plain_name(name)) {
            let form = "[NEW=]INSTANCE:EXPORT, with a label or the name of an interface as NEW";
            return Err(SyntaxError { text: text.into(), form });
        }
        Ok(ExportRequest { rename, instance: instance.into(), export: export.into() })
    }
}

impl fmt::Display for ExportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(rename) = &self.rename {
            write!(f, "{rename}=")?;
        }
        write!(f, "{}:{}", self.instance, self.export)
    }
}

/// Whether an export may have this name, whatever it is: a label, or the name of an interface.
fn is_plain_name(name: &str) -> bool {
    use wasmparser::names::{ComponentName, ComponentNameKind};
    ComponentName::new(name, 0).is_ok_and(|parsed| match parsed.kind() {
        ComponentNameKind::Label(_) => true,
        ComponentNameKind::Interface(_) => InterfaceName::parse(name).is_some(),
        _ => false,
    })
}

/// A name in which `*` stands for any run of characters. It is tried on the name with and without its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Takes `text` as a pattern; every text is one.
    pub fn new(text: impl Into<String>) -> Pattern {
        Pattern(text.into())
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the pattern covers `name`.
    pub fn matches(&self, name: &str) -> bool {
        let unversioned = name.split_once('@').map_or(name, |(path, _)| path);
        covers(&self.0, name) || covers(&self.0, unversioned)
    }
}

/// An option whose value is not of its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The value.
    pub text: String,
    /// The form that it should have.
    pub form: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not of the form {}", self.text.escape_debug(), self.form)
    }
}

impl std::error::Error for SyntaxError {}

/// Greedy matching with one point of return: linear in practice, and never exponential.
fn covers(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut n, mut retry) = (0, 0, None);
    while n < name.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            retry = Some((p, n));
            p += 1;
        } else if p < pattern.len() && pattern[p] == name[n] {
            p += 1;
            n += 1;
        } else if let Some((star, from)) = retry {
            retry = Some((star, from + 1));
            p = star + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Interface names hold colons themselves: only the first one on each side separates.
    #[test]
    fn wires_read_interface_names() {
        let wire = "a:wasi:http/client@0.3.0=b:wasi:http/handler@0.3.0".parse::<Wire>().unwrap();
        assert_eq!((wire.importer.as_str(), wire.import.as_str()), ("a", "wasi:http/client@0.3.0"));
        assert_eq!((wire.provider.as_str(), wire.export.as_deref()), ("b", Some("wasi:http/handler@0.3.0")));
        assert_eq!("a:step=b".parse::<Wire>().unwrap().export, None);
        for bad in ["a=b", "a:b", ":x=b", "a:x=", "a:x=b:", "", "a:x#f=b", "a:x#=b#f", "a:x#f=b#", "a:x#f=#f"]
        {
            assert!(bad.parse::<Wire>().is_err(), "{bad}");
        }
    }

    /// What is printed of a wire is what can be typed, with the functions that it names.
    #[test]
    fn wires_name_functions() {
        for text in
            ["a:demo:kv/store@1.0.0#get=b#c:demo:kv/table#fetch", "a:store#get=b#fetch", "a:store=b#c"]
        {
            assert_eq!(text.parse::<Wire>().unwrap().to_string(), text);
        }
        let wire = "a:store#get=b#c#fetch".parse::<Wire>().unwrap();
        let pair = Rename { needed: "get".into(), offered: "fetch".into() };
        assert_eq!((wire.provider.as_str(), wire.function), ("b#c", Some(pair)));
    }

    /// A pattern without a version must cover every version, or users would have to edit it at each update.
    #[test]
    fn patterns_cover_names_with_and_without_version() {
        for (pattern, name, expected) in [
            ("wasi:sockets/*", "wasi:sockets/tcp@0.2.12", true),
            ("wasi:sockets/tcp", "wasi:sockets/tcp@0.2.12", true),
            ("*@0.2.*", "wasi:sockets/tcp@0.2.12", true),
            ("wasi:http/*", "wasi:sockets/tcp@0.2.12", false),
            ("*a*a*a*b", &"a".repeat(60), false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} on {name}");
        }
    }
}
