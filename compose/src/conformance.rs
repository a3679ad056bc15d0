//! Whether a component conforms to a world: it imports no more than the world does, and exports no less. wasmparser says
//! whether types fit; nothing is linked.

use crate::component::Components;
use crate::diagnostics::{Diagnostic, missing_export, not_in_world, world_mismatch};
use crate::input::{Input, Inputs, InstanceName};
use crate::parse::beside_world;
use crate::resolve::ByName;
use crate::target::Target;
use crate::worlds::WorldType;

/// What keeps the component in `file` from conforming to `world`; empty if it does. Versions on one track stand in for
/// each other, as in a link.
pub fn conformance(file: &str, bytes: &[u8], world: &WorldType) -> Vec<Diagnostic> {
    // No instance is made, so these names are only told apart.
    let input = |name: &str, file: &str, bytes| {
        let name = InstanceName::new(name).expect("a word is a name");
        Input { name, file: file.into(), bytes }
    };
    let inputs = [input("component", file, bytes), input("world", &world.name, &world.package)];
    let inputs = Inputs::new(inputs.into()).expect("the names differ");
    match beside_world(&inputs, &world.world, &Target::of_everything()) {
        Ok(components) => compare(&components, world),
        Err(diagnostics) => diagnostics,
    }
}

fn compare(components: &Components<'_>, world: &WorldType) -> Vec<Diagnostic> {
    let [component, asked] = &*components.list else { unreachable!("a component and a world") };
    let mut by_name = ByName::new(components);
    let mut diagnostics = Vec::new();
    for import in &component.imports {
        match asked.imports.iter().find(|offered| offered.key() == import.key()) {
            Some(offered) => {
                if let Some(misfit) = by_name.misfit(offered.ty, import.ty) {
                    let difference = &misfit.difference;
                    diagnostics.push(world_mismatch::import(components, (import, offered), difference));
                }
            }
            None if by_name.asks_for_nothing(import) => {}
            None => diagnostics.push(not_in_world::new(component, import, asked)),
        }
    }
    for needed in &asked.exports {
        match component.exports.iter().find(|export| export.key() == needed.key()) {
            Some(export) => {
                if let Some(misfit) = by_name.misfit(export.ty, needed.ty) {
                    let difference = &misfit.difference;
                    diagnostics.push(world_mismatch::export(components, (export, needed), difference));
                }
            }
            None => diagnostics.push(missing_export::of(component, needed, &world.name)),
        }
    }
    diagnostics
}
