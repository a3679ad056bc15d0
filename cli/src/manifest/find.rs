//! Where a manifest is, if nobody says.

use std::path::{Path, PathBuf};

/// What a manifest is called.
pub(crate) const NAME: &str = "wcompose.toml";

/// The manifest in this folder or the nearest one above, as a path from here.
pub(crate) fn find() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let ups = (0..here.ancestors().count()).map(|ups| Path::new(&"../".repeat(ups)).join(NAME));
    ups.into_iter().find(|path| path.is_file())
}
