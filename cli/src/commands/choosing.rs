//! Which composition of which manifest a command is about.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::exit::Exit;
use crate::fault::LoadError;
use crate::manifest::{self, DEV, Manifest, RELEASE};
use crate::paint;
use crate::settings::Settings;
use crate::watch::Watch;

#[derive(Clone, clap::Args)]
pub(super) struct Choosing {
    /// The manifest [default: wcompose.toml, here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// The composition, where the manifest has several
    #[arg(short = 'p', long, value_name = "NAME")]
    composition: Option<String>,

    /// The profile of the manifest: dev by itself
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,

    /// The same as --profile release
    #[arg(long, conflicts_with = "profile")]
    release: bool,
}

/// One composition of a manifest, or all.
#[derive(clap::Args)]
pub(super) struct ChoosingSome {
    #[command(flatten)]
    one: Choosing,

    /// All compositions, each after those that it is made of; the first that fails is the last
    #[arg(long, conflicts_with = "composition")]
    all: bool,
}

/// A composition of a manifest.
pub(super) struct Chosen {
    pub manifest: Rc<Manifest>,
    /// Its name.
    pub composition: String,
    /// What linking it goes by.
    pub settings: Settings,
}

impl Choosing {
    /// An option that was given, if any was.
    pub(super) fn given(&self) -> Option<&'static str> {
        let options = [
            (self.manifest.is_some(), "--manifest"),
            (self.composition.is_some(), "--composition"),
            (self.profile.is_some(), "--profile"),
            (self.release, "--release"),
        ];
        options.into_iter().find_map(|(given, option)| given.then_some(option))
    }

    /// The composition that is meant. What keeps it from being known is told, and is the error.
    pub(super) fn chosen(&self) -> Result<Chosen, Exit> {
        self.chosen_of(&self.manifest()?, None)
    }

    /// The composition of the manifest that is meant: without an option, `otherwise`, or the only one.
    pub(super) fn chosen_of(&self, manifest: &Rc<Manifest>, otherwise: Option<&str>) -> Result<Chosen, Exit> {
        Chosen::of(manifest, self.composition.as_deref().or(otherwise), self.profile())
    }

    /// What a change of could change what is meant, as far as that can be known now: the manifest, and what it names.
    pub(super) fn watch(&self) -> Watch {
        let Some(path) = self.manifest.clone().or_else(manifest::find) else { return Watch::default() };
        let manifest = Manifest::load(&path);
        let composition = manifest.as_ref().ok().and_then(|manifest| {
            let composition = manifest.composition(self.composition.as_deref()).ok()?;
            Some(manifest.watch(&composition.name))
        });
        composition.unwrap_or(Watch { paths: vec![path], patterns: Vec::new() })
    }

    /// The manifest that is meant. What keeps it from being read is told, and is the error.
    pub(super) fn manifest(&self) -> Result<Rc<Manifest>, Exit> {
        load(self.manifest.as_deref()).map(Rc::new)
    }

    fn profile(&self) -> &str {
        match &self.profile {
            Some(profile) => profile,
            None if self.release => RELEASE,
            None => DEV,
        }
    }
}

impl ChoosingSome {
    /// Whether all are meant.
    pub(super) fn all(&self) -> bool {
        self.all
    }

    /// The one that is meant, if not all are.
    pub(super) fn one(&self) -> &Choosing {
        &self.one
    }

    /// Does `link` for each that is meant until it fails. If all are, `tell` is given the name of each before. What keeps
    /// them from being known is told, and is the error.
    pub(super) fn each(&self, tell: impl Fn(&str), link: impl Fn(&Choosing) -> Exit) -> Exit {
        if !self.all {
            return link(&self.one);
        }
        let manifest = match self.one.manifest() {
            Ok(manifest) => manifest,
            Err(exit) => return exit,
        };
        let names = match manifest.in_order() {
            Ok(names) => names,
            Err(message) => {
                paint::error(message);
                return Exit::Failed;
            }
        };
        let mut exits = names.into_iter().map(|name| {
            tell(name);
            link(&Choosing { composition: Some(name.to_owned()), ..self.one.clone() })
        });
        exits.find(|exit| *exit != Exit::Fine).unwrap_or(Exit::Fine)
    }
}

impl Chosen {
    /// A composition of the manifest, the only one if there is no name. What is wrong is told, and is the error.
    pub(super) fn of(manifest: &Rc<Manifest>, name: Option<&str>, profile: &str) -> Result<Chosen, Exit> {
        let composition = manifest.composition(name).map_err(usage_of_lines)?;
        let profile = manifest.profile(profile).map_err(usage_of_lines)?;
        let settings = manifest.settings(composition, profile).map_err(told)?;
        Ok(Chosen { manifest: Rc::clone(manifest), composition: composition.name.clone(), settings })
    }
}

/// The manifest at `path`, or else the one that is found. What keeps it from being read is told, and is the error.
pub(super) fn load(path: Option<&Path>) -> Result<Manifest, Exit> {
    let Some(path) = path.map(Path::to_owned).or_else(manifest::find) else {
        let name = manifest::NAME;
        return Err(usage_of_lines(format!(
            "there are no inputs, and there is no `{name}` here or in a folder above\n\
             name the components, or write a manifest: wcompose init FILE..."
        )));
    };
    if path == Path::new("-") {
        return Err(usage_of_lines(
            "the manifest cannot be standard input: its lock stands beside it".to_owned(),
        ));
    }
    Manifest::load(&path).map_err(told)
}

/// A mistake on the command line that takes several lines to tell.
fn usage_of_lines(message: String) -> Exit {
    let mut lines = message.lines().map(str::to_owned);
    let first = lines.next().unwrap_or_default();
    paint::error_helped(first, &[], &lines.collect::<Vec<_>>());
    Exit::Usage
}

/// Tells why a file cannot be used.
pub(super) fn told(error: LoadError) -> Exit {
    error.tell();
    Exit::Failed
}
