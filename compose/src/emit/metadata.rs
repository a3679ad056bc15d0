//! Custom sections of the composition: the names of its instances, and what produced it.

use wasm_encoder::{ComponentNameSection, NameMap, ProducersField, ProducersSection};

use super::root::Root;
use crate::input::InstanceName;

/// The names to write.
#[derive(Default)]
pub(super) struct Names {
    components: Vec<(u32, String)>,
    instances: Vec<(u32, String)>,
}

impl Names {
    /// Imported instances have the names of their imports.
    pub(super) fn imports(&mut self, root: &Root<'_, '_>) {
        self.instances.extend(root.imported_instances().map(|(index, name)| (index, name.to_owned())));
    }

    /// An instance and its component have the name of the input.
    pub(super) fn step(&mut self, name: &InstanceName, component: u32, instance: u32) {
        self.components.push((component, name.to_string()));
        self.instances.push((instance, name.to_string()));
    }
}

/// Writes the sections.
pub(super) fn write(root: &mut Root<'_, '_>, names: &Names) {
    let map = |names: &[(u32, String)]| {
        let mut map = NameMap::new();
        names.iter().for_each(|(index, name)| map.append(*index, name));
        map
    };
    let mut section = ComponentNameSection::new();
    section.components(&map(&names.components));
    section.instances(&map(&names.instances));
    root.section(&section);
    let mut field = ProducersField::new();
    field.value("wcompose", env!("CARGO_PKG_VERSION"));
    let mut producers = ProducersSection::new();
    producers.field("processed-by", &field);
    root.section(&producers);
}
