//! The options of `link` and `check` that say what is linked and how. Each may be left out: then a manifest or the
//! defaults count.

use wcompose::{BridgeRequest, Consent, ExportRequest, Pattern, Policy, Strip, Target, Wire};

use crate::commands::units;
use crate::files::InputFile;
use crate::settings::Settings;
use crate::world::WorldName;

#[derive(Clone, clap::Args)]
pub(in crate::commands) struct LinkOptions {
    /// The components, in the order in which they search each other; without any, a composition of wcompose.toml
    #[arg(value_name = "[NAME=]FILE", value_parser = InputFile::parse)]
    inputs: Vec<InputFile>,

    /// Connect an import to an export, whatever the order says; or one function of it, where it has another name
    #[arg(long = "wire", value_name = "IMPORTER:IMPORT[#FUNCTION]=PROVIDER[:EXPORT][#FUNCTION]")]
    wires: Vec<Wire>,

    /// Export what this instance exports (repeatable)
    #[arg(long = "root", value_name = "NAME")]
    roots: Vec<String>,

    /// Export one more thing
    #[arg(long = "export", value_name = "[NEW=]INSTANCE:EXPORT")]
    exports: Vec<ExportRequest>,

    /// Export only what this world does, with types that fit: a WIT file or folder, and the world's name where there are
    /// several; or a world of WASI
    #[arg(long, value_name = "WIT[#WORLD]|NAME", value_parser = |text: &str| Ok::<_, String>(WorldName::from(text)))]
    world: Option<WorldName>,

    /// Leave imports of this name to the host although the target does not have them (`*` matches anything)
    #[arg(long = "allow-import", value_name = "PATTERN", value_parser = |text: &str| Ok::<_, String>(Pattern::new(text)))]
    allow_imports: Vec<Pattern>,

    /// Fail if the composition, or INSTANCE with all that serve it, reaches an import of the host of that name
    #[arg(long, value_name = "[INSTANCE=]PATTERN[,PATTERN]", value_parser = Policy::deny)]
    deny: Vec<Policy>,

    /// Fail if it reaches an import of the host of any other name
    #[arg(long, value_name = "[INSTANCE=]PATTERN[,PATTERN]", value_parser = Policy::only)]
    only: Vec<Policy>,

    /// What to do where a function is async on one side of a connection only: recolour by itself
    #[arg(long, value_enum, value_name = "HOW")]
    bridge: Option<Bridge>,

    /// Let exports of the composition become async where a synchronous component is connected to async functions
    #[arg(long, value_name = "INSTANCE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    recolour: Vec<String>,

    /// Leave out inputs that nobody takes anything from
    #[arg(long)]
    allow_unused: bool,

    /// Store definitions that inputs have in common once for each of them
    #[arg(long)]
    no_dedup: bool,

    /// Leave out custom sections of the inputs: none (by itself), debug (DWARF and source maps) or all (names too)
    #[arg(long, value_name = "WHAT", value_parser = strip)]
    strip: Option<Strip>,

    /// Leave out the section that says what the composition was made of: names, digests, connections
    #[arg(long)]
    no_provenance: bool,

    /// The runtime that the composition is for: wasmtime-48 (by itself) or none
    #[arg(long, value_name = "TARGET", value_parser = target)]
    target: Option<Target>,

    /// The runtime has this feature switched on (repeatable): what an error names
    #[arg(long = "feature", value_name = "NAME", value_parser = crate::commands::feature)]
    features: Vec<&'static str>,

    /// Fail if the composition has more bytes than this: 950kB, 40MB, 38MiB
    #[arg(long, value_name = "BYTES", value_parser = units::bytes)]
    budget: Option<usize>,

    /// Leave the function bodies and segments of the inputs unvalidated, and say so
    #[arg(long)]
    no_check: bool,
}

impl LinkOptions {
    /// Whether the command line says what is linked.
    pub(super) fn has_inputs(&self) -> bool {
        !self.inputs.is_empty()
    }

    /// Whether the command line says something that may change what is connected to what.
    pub(super) fn decide(&self) -> bool {
        let lists = [self.wires.len(), self.roots.len(), self.exports.len(), self.allow_imports.len()];
        lists.iter().chain(&[self.recolour.len(), self.features.len()]).any(|length| *length > 0)
            || self.world.is_some()
            || self.bridge.is_some()
            || self.target.is_some()
            || self.allow_unused
    }

    /// The settings with what is said here: one value takes the place of another, and a list is added to, but that the
    /// inputs and roots are those that are named here if any are.
    pub(in crate::commands) fn over(self, mut base: Settings) -> Settings {
        let request = &mut base.request;
        request.wires = self.wires;
        if !self.roots.is_empty() {
            request.roots = self.roots;
        }
        request.exports.extend(self.exports);
        request.allow_imports.extend(self.allow_imports);
        request.policies.extend(self.deny.into_iter().chain(self.only));
        request.bridge = self.bridge.map_or(request.bridge, Bridge::request);
        if !self.recolour.is_empty() {
            request.recolour = consent(self.recolour);
        }
        request.allow_unused |= self.allow_unused;
        request.keep_copies |= self.no_dedup;
        request.strip = self.strip.unwrap_or(request.strip);
        request.omit_provenance |= self.no_provenance;
        if let Some(target) = self.target {
            request.target = target;
        }
        if self.no_check {
            request.bodies = wcompose::Bodies::Unvalidated;
        }
        if !self.inputs.is_empty() {
            base.inputs = self.inputs;
        }
        base.world = self.world.or(base.world);
        base.features.extend(self.features);
        base.budget = self.budget.or(base.budget);
        base
    }
}

/// What `--recolour` with these values allows: all, if one of them is none.
fn consent(names: Vec<String>) -> Consent {
    if names.iter().any(String::is_empty) { Consent::All } else { Consent::Of(names) }
}

/// What `--bridge` takes.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Bridge {
    /// Recolour the synchronous side: make its functions async
    Recolour,
    /// Put a component between the two sides that passes calls on
    Adapter,
    /// Nothing: the two sides do not fit
    None,
}

impl Bridge {
    fn request(self) -> BridgeRequest {
        match self {
            Bridge::Recolour => BridgeRequest::Recolour,
            Bridge::Adapter => BridgeRequest::Adapter,
            Bridge::None => BridgeRequest::None,
        }
    }
}

fn strip(what: &str) -> Result<Strip, String> {
    match what {
        "none" => Ok(Strip::None),
        "debug" => Ok(Strip::Debug),
        "all" => Ok(Strip::All),
        _ => Err("it is none, debug or all".into()),
    }
}

fn target(name: &str) -> Result<Target, String> {
    Target::by_name(name).ok_or_else(|| format!("the targets are {}", Target::NAMES.join(" and ")))
}
