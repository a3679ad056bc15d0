//! Profiles: how a composition is stored and what is checked, by name. Each inherits what it does not say.

use std::collections::BTreeMap;

use toml::Spanned;
use wcompose::{Bodies, Strip};

use super::raw::{RawProfile, RawStrip};
use crate::fault::{Fault, fault};
use crate::settings::Settings;

/// The profile where none is asked for.
pub(crate) const DEV: &str = "dev";
/// The profile that `--release` asks for.
pub(crate) const RELEASE: &str = "release";

/// All that a profile says, its own and what it inherits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    strip: Strip,
    keep_copies: bool,
    bodies: Bodies,
    optimize: bool,
}

impl Profile {
    /// Puts what it says into the settings.
    pub(super) fn apply(self, settings: &mut Settings) {
        let Profile { strip, keep_copies, bodies, optimize } = self;
        settings.request.strip = strip;
        settings.request.keep_copies = keep_copies;
        settings.request.bodies = bodies;
        settings.optimize = optimize;
    }

    /// What `raw` says, over what it inherits.
    fn over(self, raw: &RawProfile) -> Profile {
        Profile {
            strip: raw.strip.map_or(self.strip, |strip| match strip {
                RawStrip::None => Strip::None,
                RawStrip::Debug => Strip::Debug,
                RawStrip::All => Strip::All,
            }),
            keep_copies: raw.dedup.map_or(self.keep_copies, |dedup| !dedup),
            bodies: raw
                .check
                .map_or(self.bodies, |check| if check { Bodies::Validated } else { Bodies::Unvalidated }),
            optimize: raw.optimize.unwrap_or(self.optimize),
        }
    }
}

/// The profiles of a manifest with the built-in ones, or what is wrong with them.
pub(super) fn profiles(
    raw: &BTreeMap<Spanned<String>, RawProfile>,
) -> Result<BTreeMap<String, Profile>, Vec<Fault>> {
    let mut profiles = [DEV, RELEASE].map(|name| (name.to_owned(), built_in(name))).into();
    let mut faults = Vec::new();
    for name in raw.keys() {
        match inherited(raw, name) {
            Ok(profile) => _ = BTreeMap::insert(&mut profiles, name.get_ref().clone(), profile),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(profiles) } else { Err(faults) }
}

/// What a profile is that the manifest says nothing of, or that inherits nothing.
fn built_in(name: &str) -> Profile {
    let strip = if name == RELEASE { Strip::Debug } else { Strip::None };
    Profile { strip, ..Profile::default() }
}

/// The profile `name`, with what it inherits.
fn inherited(raw: &BTreeMap<Spanned<String>, RawProfile>, name: &Spanned<String>) -> Result<Profile, Fault> {
    let (mut line, mut next) = (Vec::<&str>::new(), name);
    let base = loop {
        let current = next.get_ref().as_str();
        if let Some(first) = line.iter().position(|earlier| *earlier == current) {
            // Told of one profile of the circle, and of none that only lead to it.
            if line[first..].iter().min() != Some(&name.get_ref().as_str()) {
                return Ok(Profile::default());
            }
            let way = [&line[..], &[current]].concat().join("` inherits from `");
            let message = format!("profiles inherit in a circle: `{way}`");
            return Err(fault(next.span(), message).help("take one `inherits` out"));
        }
        line.push(current);
        match raw.get(current).map(|said| &said.inherits) {
            Some(Some(inherits)) => next = inherits,
            Some(None) => break built_in(current),
            None if [DEV, RELEASE].contains(&current) => break built_in(current),
            None => return Err(unknown(raw, next)),
        }
    };
    let said = line.iter().rev().filter_map(|name| raw.get(*name));
    Ok(said.fold(base, Profile::over))
}

fn unknown(raw: &BTreeMap<Spanned<String>, RawProfile>, name: &Spanned<String>) -> Fault {
    let names = raw.keys().map(|name| name.get_ref().as_str()).chain([DEV, RELEASE]);
    let told = fault(name.span(), format!("there is no profile `{}`", name.get_ref()));
    match wcompose::suggestion(name.get_ref(), names) {
        Some(near) => told.help(format!("did you mean `{near}`?")),
        None => told,
    }
}
