//! Version tracks: which versions of an interface may stand in for each other.

use std::fmt;

use semver::Version;

/// The semver-compatible line of a version: within one track a provider of any version may serve an importer of any
/// other, provided that the types fit.
///
/// Source: Component Model, Explainer, "Canonical interface name" (`canonversion`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Track {
    /// `1.2.3` is on track `1`.
    Major(u64),
    /// `0.3.2` is on track `0.3`.
    Minor(u64),
    /// `0.0.4` is on track `0.0.4`: nothing else is compatible with it.
    Patch(u64),
    /// `0.3.0-rc-1` is a track of its own.
    PreRelease(Version),
}

impl Track {
    /// The track that `version` is on. Build metadata does not count, except on a pre-release.
    pub fn of(version: &Version) -> Track {
        match version {
            v if !v.pre.is_empty() => Track::PreRelease(v.clone()),
            Version { major: 0, minor: 0, patch, .. } => Track::Patch(*patch),
            Version { major: 0, minor, .. } => Track::Minor(*minor),
            Version { major, .. } => Track::Major(*major),
        }
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Track::Major(major) => write!(f, "{major}"),
            Track::Minor(minor) => write!(f, "0.{minor}"),
            Track::Patch(patch) => write!(f, "0.0.{patch}"),
            Track::PreRelease(version) => write!(f, "{version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(version: &str) -> String {
        Track::of(&Version::parse(version).unwrap()).to_string()
    }

    /// A track is what decides whether two versions may meet at all, so each boundary is pinned.
    #[test]
    fn tracks_follow_semver_compatibility() {
        assert_eq!(track("1.2.3"), "1");
        assert_eq!(track("0.3.2"), "0.3");
        assert_eq!(track("0.0.4"), "0.0.4");
        assert_eq!(track("0.3.0-rc-2026-03-15"), "0.3.0-rc-2026-03-15");
        assert_eq!(Track::of(&Version::new(0, 3, 0)), Track::of(&Version::new(0, 3, 2)));
        assert_ne!(Track::of(&Version::new(0, 2, 12)), Track::of(&Version::new(0, 3, 0)));
    }
}
