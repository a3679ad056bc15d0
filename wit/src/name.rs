//! Extern names: what an import or export is called, and when two of them mean the same interface.

use std::fmt;

use semver::Version;

use crate::Track;

/// The name of an import or export, as it is spelled in the binary.
///
/// Source: Component Model, Explainer, "Import and Export Definitions" (`externname`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExternName {
    text: String,
    interface: Option<InterfaceName>,
}

impl ExternName {
    /// Reads a name. Anything that is not an interface name is taken for a label: names in a validated component are
    /// well-formed, so this cannot fail.
    pub fn new(text: impl Into<String>) -> ExternName {
        let text = text.into();
        let interface = InterfaceName::parse(&text);
        ExternName { text, interface }
    }

    /// The name as it is spelled in the binary.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parts of the name, if it is an interface name.
    pub fn interface(&self) -> Option<&InterfaceName> {
        self.interface.as_ref()
    }

    /// The version in the name, if it has one.
    pub fn version(&self) -> Option<&Version> {
        self.interface.as_ref()?.version.as_ref()
    }

    /// What this name is matched by.
    pub fn key(&self) -> MatchKey<'_> {
        match &self.interface {
            Some(interface) => interface.key(),
            None => MatchKey::Label(&self.text),
        }
    }
}

impl fmt::Display for ExternName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An interface name: `namespace:package/interface@version`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceName {
    /// `namespace:package/interface`, without the version.
    pub path: String,
    /// The version, if the name has one.
    pub version: Option<Version>,
}

impl InterfaceName {
    /// Reads `namespace:package/interface[@version]`; `None` if `text` is not of that form.
    pub fn parse(text: &str) -> Option<InterfaceName> {
        let (path, version) = match text.split_once('@') {
            Some((path, version)) => (path, Some(Version::parse(version).ok()?)),
            None => (text, None),
        };
        let (package, interface) = path.split_once('/')?;
        let (namespace, package) = package.split_once(':')?;
        let plain = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '/'))
        };
        (plain(namespace) && plain(package) && plain(interface))
            .then(|| InterfaceName { path: path.to_owned(), version })
    }

    /// What this name is matched by: its path and the track of its version.
    pub fn key(&self) -> MatchKey<'_> {
        MatchKey::Interface { path: &self.path, track: self.version.as_ref().map(Track::of) }
    }
}

/// What decides whether an export is a candidate for an import: they must have equal keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchKey<'n> {
    /// An interface, whatever its patch version. An interface without a version matches only itself.
    Interface {
        /// `namespace:package/interface`.
        path: &'n str,
        /// The track of the version, if there is a version.
        track: Option<Track>,
    },
    /// A plain name, which matches only itself.
    Label(&'n str),
}

impl fmt::Display for MatchKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MatchKey::Interface { path, track: Some(track) } => write!(f, "{path}@{track}"),
            MatchKey::Interface { path, track: None } => f.write_str(path),
            MatchKey::Label(label) => f.write_str(label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two names are candidates for each other exactly when their keys are equal.
    #[test]
    fn keys_ignore_the_patch_version_only() {
        let meet = |a: &str, b: &str| ExternName::new(a).key() == ExternName::new(b).key();
        assert!(meet("demo:chain/step@0.3.0", "demo:chain/step@0.3.2"));
        assert!(!meet("demo:chain/step@0.3.0", "demo:chain/step@0.4.0"));
        assert!(!meet("demo:chain/step@0.3.0", "demo:chain/step"));
        assert!(!meet("demo:chain/step@0.3.0", "demo:chain/steps@0.3.0"));
        assert_eq!(ExternName::new("greet").key().to_string(), "greet");
        assert_eq!(ExternName::new("demo:chain/step@1.2.3").key().to_string(), "demo:chain/step@1");
    }

    /// Labels, methods and URLs must not be mistaken for interfaces.
    #[test]
    fn only_interface_names_have_parts() {
        for name in
            ["greet", "[method]counter.bump", "url=<https://example.com/a:b/c>", "a:b/c@not-a-version"]
        {
            assert!(ExternName::new(name).interface().is_none(), "{name}");
        }
        assert_eq!(ExternName::new("a:b/c@1.0.0").version(), Some(&Version::new(1, 0, 0)));
    }
}
