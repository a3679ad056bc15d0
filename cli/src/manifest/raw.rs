//! A manifest as TOML has it: which keys there are, and the types of their values. The published schema,
//! `docs/manifest.schema.json`, is made of these types. What may stand beside what is the business of the files beside.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

/// Compositions to link, and profiles to link them by.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "wcompose.toml")]
pub(super) struct RawManifest {
    /// The compositions, by name; at least one.
    #[serde(default, deserialize_with = "tables")]
    #[schemars(with = "BTreeMap<String, RawComposition>")]
    pub(super) composition: BTreeMap<Spanned<String>, RawComposition>,
    /// The profiles, by name. `dev` is used if none is asked for; `release` strips debug information unless it
    /// says otherwise.
    #[serde(default, deserialize_with = "tables")]
    #[schemars(with = "BTreeMap<String, RawProfile>")]
    pub(super) profile: BTreeMap<Spanned<String>, RawProfile>,
}

/// A composition. Keys are named as the options of `wcompose link`, and mean the same.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Composition")]
pub(super) struct RawComposition {
    /// The components, in the order in which they search each other.
    #[schemars(with = "Vec<RawComponent>")]
    pub(super) components: Spanned<Vec<Spanned<RawComponent>>>,
    /// Where the composition is written. By default `NAME.wasm` beside the manifest.
    #[schemars(with = "Option<String>")]
    pub(super) output: Option<Spanned<PathBuf>>,
    /// Connections that are decided: `IMPORTER:IMPORT=PROVIDER[:EXPORT]`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) wires: Vec<Spanned<String>>,
    /// The instances whose exports the composition has. By default the first that nobody takes anything from.
    #[serde(default)]
    pub(super) roots: Vec<String>,
    /// Exports to add: `[NEW=]INSTANCE:EXPORT`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) exports: Vec<Spanned<String>>,
    /// Export only what this world does, with types that fit: `WIT[#WORLD]`, a file or folder, and the name where there are several;
    /// or a world of WASI by its name.
    #[schemars(with = "Option<String>")]
    pub(super) world: Option<Spanned<String>>,
    /// The runtime that the composition is for: `wasmtime-48`, the default, or `none`.
    #[schemars(with = "Option<String>")]
    pub(super) target: Option<Spanned<String>>,
    /// Features that the runtime has switched on.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) features: Vec<Spanned<String>>,
    /// Imports that are left to the host although the target does not have them; `*` matches anything.
    #[serde(default)]
    pub(super) allow_imports: Vec<String>,
    /// Imports of the host that may not be reached: `[INSTANCE=]PATTERN[,PATTERN]`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) deny: Vec<Spanned<String>>,
    /// The only imports of the host that may be reached, all of the list together: `[INSTANCE=]PATTERN[,PATTERN]`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) only: Vec<Spanned<String>>,
    /// What is done where a function is async on one side of a connection only. By default `recolour`.
    pub(super) bridge: Option<RawBridge>,
    /// The instances whose exports may become async in the composition; `true` for all. By default none.
    pub(super) recolour: Option<RawRecolour>,
    /// Whether components that nobody takes anything from are left out in silence. By default not.
    #[serde(default)]
    pub(super) allow_unused: bool,
    /// The most bytes that the composition may have: `40MB`, `38MiB`.
    #[schemars(with = "Option<String>")]
    pub(super) budget: Option<Spanned<String>>,
    /// The suites that `wcompose link --test` tests the composition with.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) suites: Vec<Spanned<PathBuf>>,
}

/// A component: the path of its file, or a table.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Component")]
pub(super) enum RawComponent {
    /// The path of its file; the instance is named after it.
    File(PathBuf),
    /// More about it.
    Table(RawComponentTable),
}

/// A component with `path`, or those that match a `glob`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ComponentTable")]
pub(super) struct RawComponentTable {
    /// The name of the instance. By default that of the file without its extension.
    #[schemars(with = "Option<String>")]
    pub(super) name: Option<Spanned<String>>,
    /// The path of its file.
    pub(super) path: Option<PathBuf>,
    /// A pattern of paths, in whose place the files stand that match, by name.
    #[schemars(with = "Option<String>")]
    pub(super) glob: Option<Spanned<String>>,
    /// The SHA-256 digest that the file must have, in hexadecimal digits.
    #[schemars(with = "Option<String>")]
    pub(super) sha256: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for RawComponent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RawComponent, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = RawComponent;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the path of a component, or a table with `path` or `glob`")
            }

            fn visit_str<E: Error>(self, path: &str) -> Result<RawComponent, E> {
                Ok(RawComponent::File(path.into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawComponent, A::Error> {
                RawComponentTable::deserialize(MapAccessDeserializer::new(map)).map(RawComponent::Table)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// What bridges two sides that differ in effect.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Bridge")]
pub(super) enum RawBridge {
    /// The synchronous side is recoloured.
    Recolour,
    /// A component between the two sides passes calls on.
    Adapter,
    /// Nothing: the two do not fit.
    None,
}

/// Whose exports may become async.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Recolour")]
pub(super) enum RawRecolour {
    /// Those of all instances, or of none.
    All(bool),
    /// Those of these instances.
    Of(Vec<String>),
}

impl<'de> Deserialize<'de> for RawRecolour {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RawRecolour, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = RawRecolour;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true` or a list of instances")
            }

            fn visit_bool<E: Error>(self, all: bool) -> Result<RawRecolour, E> {
                Ok(RawRecolour::All(all))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RawRecolour, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(RawRecolour::Of)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// How a composition is stored and what is checked. No profile changes what is connected to what.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Profile")]
pub(super) struct RawProfile {
    /// The profile whose values count where this one has none.
    #[schemars(with = "Option<String>")]
    pub(super) inherits: Option<Spanned<String>>,
    /// Which custom sections of the components are left out. By default none.
    pub(super) strip: Option<RawStrip>,
    /// Whether what components have in common is stored once. By default it is.
    pub(super) dedup: Option<bool>,
    /// Whether a section says what the composition was made of: names, digests, connections. By default it does.
    pub(super) provenance: Option<bool>,
    /// Whether the function bodies and segments of the components are validated. By default they are.
    pub(super) check: Option<bool>,
    /// Whether Cranelift compiles at once, with `--compile`, `--run` and `--test`. By default not.
    pub(super) optimize: Option<bool>,
}

/// Which custom sections are left out.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Strip")]
pub(super) enum RawStrip {
    /// None of them.
    None,
    /// DWARF and source maps.
    Debug,
    /// All that no runtime acts on: names too.
    All,
}

/// Reads tables by name. A list is none: it would be taken for the values of a table without their keys.
fn tables<'de, D, T>(from: D) -> Result<BTreeMap<Spanned<String>, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let tables = BTreeMap::<Spanned<String>, Table<T>>::deserialize(from)?;
    Ok(tables.into_iter().map(|(name, Table(table))| (name, table)).collect())
}

/// What is read from a table, and from nothing else.
struct Table<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Table<T>, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = Table<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table with a name, `[composition.NAME]` or `[profile.NAME]`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Table<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Table)
            }
        }
        from.deserialize_any(Reader(PhantomData))
    }
}
