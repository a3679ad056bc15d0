//! Components for cases: from WAT as it stands, or from a WIT world as a component that does nothing.

use anyhow::{Context, Result};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// Assembles text.
pub fn from_wat(text: &str) -> Result<Vec<u8>> {
    Ok(wat::parse_str(text)?)
}

/// Makes a component of the world in `text` that imports and exports all that the world says, with functions that trap.
///
/// The world is the one named `world`; if there is none of that name, the only one. A first line `// abi: sync`,
/// `// abi: callback` or `// abi: stackful` chooses how functions are lowered and lifted; otherwise it is sync.
pub fn from_wit(text: &str) -> Result<Vec<u8>> {
    from_wit_after(&[], text)
}

/// The same, of a text that may name what is in `packages`, each of which may name those before it.
pub fn from_wit_after(packages: &[String], text: &str) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    for package in packages {
        resolve.push_source("package.wit", package)?;
    }
    let package = resolve.push_source("case.wit", text)?;
    let world = resolve
        .select_world(&[package], None)
        .or_else(|_| resolve.select_world(&[package], Some("world")))?;
    let abi = text.lines().next().and_then(|line| line.strip_prefix("// abi: ")).unwrap_or("sync");
    let mangling = match abi.trim() {
        "sync" => ManglingAndAbi::Legacy(LiftLowerAbi::Sync),
        "callback" => ManglingAndAbi::Legacy(LiftLowerAbi::AsyncCallback),
        "stackful" => ManglingAndAbi::Legacy(LiftLowerAbi::AsyncStackful),
        other => anyhow::bail!("`{other}` is no ABI: sync, callback, stackful"),
    };
    let mut module = wit_component::dummy_module(&resolve, world, mangling);
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .encode()
        .context("the world makes no component")
}
