//! What is linked and how, as one value, whoever decided it: defaults, a manifest, the command line.

use std::path::{Path, PathBuf};

use wcompose::{Request, WorldRequest};
use wcompose_run::EngineChoice;

use crate::files::InputFile;
use crate::watch::Watch;
use crate::world::WorldName;

/// All that a link goes by. Its default has no inputs, and leaves every choice to the linker.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The components, in the order in which they search each other.
    pub inputs: Vec<InputFile>,
    /// What is asked, but for the two that follow.
    pub request: Request,
    /// The world that says which exports count; it is still to be read.
    pub world: Option<WorldName>,
    /// The features that the target has switched on.
    pub features: Vec<&'static str>,
    /// Where `link` writes the composition; `-` is standard output.
    pub output: PathBuf,
    /// The most bytes that the composition may have.
    pub budget: Option<usize>,
    /// The suites that `link --test` tests it with.
    pub suites: Vec<PathBuf>,
    /// Whether Cranelift compiles it at once.
    pub optimize: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            inputs: Vec::new(),
            request: Request::default(),
            world: None,
            features: Vec::new(),
            output: "composed.wasm".into(),
            budget: None,
            suites: Vec::new(),
            optimize: false,
        }
    }
}

impl Settings {
    /// What compiles the composition.
    pub(crate) fn engine(&self) -> EngineChoice {
        if self.optimize { EngineChoice::Cranelift } else { EngineChoice::WinchFirst }
    }

    /// The files that a link reads.
    pub(crate) fn watch(&self) -> Watch {
        let inputs = self.inputs.iter().map(|input| input.path.clone());
        let world = self.world.as_ref().and_then(WorldName::path).map(Path::to_owned);
        let paths = inputs.chain(world).chain(self.suites.iter().cloned()).collect();
        Watch { paths, patterns: Vec::new() }
    }

    /// All that is asked of the linker, but for the world.
    pub(crate) fn without_world(&self) -> Result<Request, String> {
        let target = self.features.iter().try_fold(self.request.target.clone(), |target, name| {
            target.with_feature(name).map_err(|error| error.to_string())
        })?;
        Ok(Request { target, ..self.request.clone() })
    }

    /// Reads the world that is asked for. An error may take several lines.
    pub(crate) fn world(&self) -> Result<Option<WorldRequest>, String> {
        let read = |world: &WorldName| {
            let world = world.read("--world ")?;
            WorldRequest::new(world).map_err(|error| format!("cannot use the world: {error}"))
        };
        self.world.as_ref().map(read).transpose()
    }
}
