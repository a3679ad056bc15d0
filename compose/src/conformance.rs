//! Whether a component conforms to a world: it imports no more than the world does, and exports no less. wasmparser says
//! whether types fit; nothing is linked.

use crate::component::{Component, Components, Extern};
use crate::diagnostics::world_mismatch::{self, Exporter};
use crate::diagnostics::{Diagnostic, missing_export, not_a_component, not_in_world};
use crate::input::{Input, Inputs, InstanceName};
use crate::parse::{FileKind, beside_world};
use crate::request::Bodies;
use crate::resolve::{ByName, Resolution};
use crate::target::Target;
use crate::worlds::WorldType;

/// What keeps the component in `file` from conforming to `world`; empty if it does. Versions on one track stand in for
/// each other, as in a link.
pub fn conformance(file: &str, bytes: &[u8], world: &WorldType) -> Vec<Diagnostic> {
    match beside(file, bytes, world, Bodies::Validated) {
        Ok(components) if pair(&components)[0].is_wit_package() => {
            vec![not_a_component::new(&input("component", file, bytes), FileKind::WitPackage)]
        }
        Ok(components) => compare(&components, world),
        Err(diagnostics) => diagnostics,
    }
}

/// What the composition in `bytes`, which is valid, exports in another way than `world` asks for it. `of`: what it was made of, and how.
pub(crate) fn misfits(
    bytes: &[u8],
    world: &WorldType,
    of: (&Components<'_>, &Resolution),
) -> Vec<Diagnostic> {
    let (inputs, resolution) = of;
    let components = match beside("the composition", bytes, world, Bodies::Unvalidated) {
        Ok(components) => components,
        Err(diagnostics) => return diagnostics,
    };
    let [composition, asked] = pair(&components);
    let mut by_name = ByName::new(&components);
    let compared = asked.exports.iter().filter_map(|needed| {
        let export = of_name(&composition.exports, needed)?;
        let difference = by_name.misfit(export.ty, needed.ty)?.difference;
        let resolved = resolution.exports.iter().find(|resolved| resolved.name == export.name);
        let exported = resolved.expect("an export of the composition is one of an instance").export;
        let exporter = Exporter::instance(inputs, exported);
        Some(world_mismatch::export(&components, exporter, (export, needed), &difference))
    });
    compared.collect()
}

/// The two as they are compared.
fn beside<'a>(
    file: &str,
    bytes: &'a [u8],
    world: &'a WorldType,
    bodies: Bodies,
) -> Result<Components<'a>, Vec<Diagnostic>> {
    let inputs = [input("component", file, bytes), input("world", &world.name, &world.package)];
    let inputs = Inputs::new(inputs.into()).expect("the names differ");
    beside_world(&inputs, &world.world, &Target::of_everything(), bodies)
}

/// No instance is made, so the name only tells it apart.
fn input<'a>(name: &str, file: &str, bytes: &'a [u8]) -> Input<'a> {
    let name = InstanceName::new(name).expect("a word is a name");
    Input { name, file: file.into(), bytes }
}

fn pair<'c, 'a>(components: &'c Components<'a>) -> &'c [Component<'a>; 2] {
    let Ok(pair) = components.list.as_slice().try_into() else { unreachable!("a component and a world") };
    pair
}

/// The import or export that a runtime would take for `item`: that of its name, or else of another version on its track.
fn of_name<'c>(items: &'c [Extern], item: &Extern) -> Option<&'c Extern> {
    let exact = items.iter().find(|other| other.name == item.name);
    exact.or_else(|| items.iter().find(|other| other.name.key() == item.name.key()))
}

fn compare(components: &Components<'_>, world: &WorldType) -> Vec<Diagnostic> {
    let [component, asked] = pair(components);
    let mut by_name = ByName::new(components);
    let mut diagnostics = Vec::new();
    for import in &component.imports {
        match of_name(&asked.imports, import) {
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
        match of_name(&component.exports, needed) {
            Some(export) => {
                if let Some(misfit) = by_name.misfit(export.ty, needed.ty) {
                    let exporter = Exporter::file(&component.file, export);
                    let difference = &misfit.difference;
                    diagnostics.push(world_mismatch::export(
                        components,
                        exporter,
                        (export, needed),
                        difference,
                    ));
                }
            }
            None => diagnostics.push(missing_export::of(component, needed, &world.name)),
        }
    }
    diagnostics
}
