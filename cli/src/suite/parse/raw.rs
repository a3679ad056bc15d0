//! A suite as TOML has it: which keys there are, and the types of their values. What may stand beside what is `case`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use wcompose_run::CallExpression;

use super::super::settings::{self, Settings};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawSuite {
    pub(super) component: Option<PathBuf>,
    #[serde(default)]
    pub(super) defaults: Settings,
    #[serde(default, rename = "case")]
    pub(super) cases: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawCase {
    pub(super) name: Spanned<String>,
    pub(super) invoke: Option<Spanned<CallExpression>>,
    pub(super) returns: Option<Spanned<String>>,
    pub(super) run: Option<Spanned<Vec<String>>>,
    pub(super) status: Option<Spanned<u8>>,
    pub(super) request: Option<Spanned<RawRequest>>,
    pub(super) response: Option<Spanned<RawResponse>>,
    pub(super) traps: Option<Spanned<Traps>>,
    pub(super) ends: Option<Spanned<Ends>>,
    #[serde(default)]
    pub(super) stdin: String,
    pub(super) stdout: Option<String>,
    #[serde(default)]
    pub(super) stdout_contains: Vec<String>,
    pub(super) stderr: Option<String>,
    #[serde(default)]
    pub(super) stderr_contains: Vec<String>,
    #[serde(default)]
    pub(super) env: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "settings::duration")]
    pub(super) timeout: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRequest {
    #[serde(default = "get")]
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawResponse {
    #[serde(default = "ok")]
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) body_contains: Vec<String>,
}

fn get() -> String {
    "GET".into()
}

pub(super) fn ok() -> u16 {
    200
}

/// `traps`: true, or the kind of the trap.
pub(super) struct Traps(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Traps {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Traps, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Traps;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true` or the kind of a trap")
            }

            fn visit_bool<E: Error>(self, traps: bool) -> Result<Traps, E> {
                let none = || E::custom("a case that does not trap needs no `traps`");
                traps.then_some(Traps(None)).ok_or_else(none)
            }

            fn visit_str<E: Error>(self, kind: &str) -> Result<Traps, E> {
                Ok(Traps(Some(kind.to_owned())))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// `ends`: how, if neither well nor with a trap.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Ends {
    Deadlocked,
    TimedOut,
    Exceeded,
    Refused,
}
