//! Which releases are built in. The runtime's own is that of the target.

use std::sync::LazyLock;

use wcompose::Target;

/// The release of wasm-tools whose crates parse, validate and print.
pub const WASM_TOOLS: &str = "1.254.2";

/// The release of wcompose.
pub(crate) const WCOMPOSE: &str = env!("CARGO_PKG_VERSION");

/// What `--version` prints after the name; `-V` prints the first line alone.
pub(crate) static ALL: LazyLock<String> = LazyLock::new(|| {
    let (runtime, version) = Target::default().runtime();
    format!("{WCOMPOSE}\n{runtime} {version}\nwasm-tools {WASM_TOOLS}")
});
