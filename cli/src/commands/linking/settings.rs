//! What is linked and how, as one value: where no option says anything, the defaults stand.

use std::path::PathBuf;

use wcompose::Request;

use crate::files::InputArgument;
use crate::world::WorldFile;

/// All that a link goes by. Its default has no inputs, and leaves every choice to the linker.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Settings {
    /// The components, in the order in which they search each other.
    pub inputs: Vec<InputArgument>,
    /// What is asked, but for the two that follow.
    pub request: Request,
    /// The world that says which exports count; a file that is still to be read.
    pub world: Option<WorldFile>,
    /// The features that the target has switched on.
    pub features: Vec<&'static str>,
    /// Where `link` writes the composition; `-` is standard output.
    pub output: PathBuf,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            inputs: Vec::new(),
            request: Request::default(),
            world: None,
            features: Vec::new(),
            output: "composed.wasm".into(),
        }
    }
}

impl Settings {
    /// All that is asked of the linker: reads the world. An error may take several lines.
    pub(super) fn request(&self) -> Result<Request, String> {
        let target = self.features.iter().try_fold(self.request.target.clone(), |target, name| {
            target.with_feature(name).map_err(|error| error.to_string())
        })?;
        let world = self.world.as_ref().map(WorldFile::read).transpose()?;
        Ok(Request { world, target, ..self.request.clone() })
    }
}
