//! Custom sections of the composition: the names of its instances and definitions, and what produced it.

use wasm_encoder::{ComponentNameSection, NameMap, ProducersField, ProducersSection};

use super::root::Root;
use crate::share::{Kind, SharedDefinition};

/// The names to write.
#[derive(Default)]
pub(super) struct Names {
    modules: Vec<(u32, String)>,
    components: Vec<(u32, String)>,
    instances: Vec<(u32, String)>,
}

impl Names {
    /// Imported instances have the names of their imports.
    pub(super) fn imports(&mut self, root: &Root<'_, '_>) {
        self.instances.extend(root.imported_instances().map(|(index, name)| (index, name.to_owned())));
    }

    /// A shared definition has the name that it has in the first input that has it.
    pub(super) fn shared(&mut self, definition: &SharedDefinition<'_>, index: u32) {
        let names = match definition.kind {
            Kind::Module => &mut self.modules,
            Kind::Component => &mut self.components,
        };
        names.extend(definition.name.as_ref().map(|name| (index, name.clone())));
    }

    pub(super) fn module(&mut self, name: &str, index: u32) {
        self.modules.push((index, name.to_string()));
    }

    /// The component of a step has the name of the input, and so has its instance.
    pub(super) fn component(&mut self, name: &str, index: u32) {
        self.components.push((index, name.to_string()));
    }

    pub(super) fn instance(&mut self, name: &str, index: u32) {
        self.instances.push((index, name.to_string()));
    }
}

/// Writes the sections. Only the outermost component says what produced it.
pub(super) fn write(root: &mut Root<'_, '_>, names: &Names, outermost: bool) {
    let map = |names: &[(u32, String)]| {
        let mut map = NameMap::new();
        names.iter().for_each(|(index, name)| map.append(*index, name));
        map
    };
    let mut section = ComponentNameSection::new();
    if !names.modules.is_empty() {
        section.core_modules(&map(&names.modules));
    }
    section.components(&map(&names.components));
    section.instances(&map(&names.instances));
    root.section(&section);
    if !outermost {
        return;
    }
    let mut field = ProducersField::new();
    field.value("wcompose", env!("CARGO_PKG_VERSION"));
    let mut producers = ProducersSection::new();
    producers.field("processed-by", &field);
    root.section(&producers);
}
