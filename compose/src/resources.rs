//! The resources of a component, and where its imports and exports show them.

use std::collections::BTreeMap;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentTypeId, ResourceId};
use wasmparser::types::TypesRef;

use crate::component::Extern;
use crate::types::introduced;

/// A resource and the names that it has.
pub(crate) struct Resource {
    pub id: ResourceId,
    /// Where it stands: an import (the one that introduces it) or an export, and a way inside. A resource has several
    /// places if an interface has aliases of it, or several exports show it. The first is the first in the binary.
    pub places: Vec<(usize, Vec<String>)>,
}

/// The resources that the imports and exports of a component show.
pub(crate) struct Resources {
    /// Those that the imports introduce, in those imports.
    pub imported: Vec<Resource>,
    /// Those that the component defines, in its exports.
    pub defined: Vec<Resource>,
    /// Those that the imports introduce and exports show too, in these.
    pub passed_on: Vec<Resource>,
}

impl Resources {
    pub(crate) fn of(
        types: TypesRef<'_>,
        of: ComponentTypeId,
        imports: &[Extern],
        exports: &[Extern],
    ) -> Resources {
        let mut exported = places(types, exports);
        let defined = types[of].defined_resources.iter().map(|(id, _)| {
            let places = exported.remove(id).unwrap_or_default();
            Resource { id: *id, places }
        });
        let defined = defined.collect();
        let passed_on = exported.into_iter().map(|(id, places)| Resource { id, places });
        Resources { imported: imported(types, of, imports), defined, passed_on: passed_on.collect() }
    }
}

/// The resources that the imports of a component introduce.
pub(crate) fn imported(types: TypesRef<'_>, of: ComponentTypeId, imports: &[Extern]) -> Vec<Resource> {
    let places = places(types, imports);
    let imported = types[of].imported_resources.iter().map(|(id, path)| {
        // Other imports show it too, but one introduces it.
        let home = path.first().copied();
        let mut places = places.get(id).cloned().unwrap_or_default();
        places.retain(|(index, _)| Some(*index) == home);
        Resource { id: *id, places }
    });
    imported.collect()
}

/// The places of all resources that `externs` show.
fn places(types: TypesRef<'_>, externs: &[Extern]) -> BTreeMap<ResourceId, Vec<(usize, Vec<String>)>> {
    let mut places = BTreeMap::<_, Vec<_>>::new();
    for (index, item) in externs.iter().enumerate() {
        for (ty, path) in introduced(types, item.ty) {
            if let ComponentAnyTypeId::Resource(id) = ty {
                places.entry(id.resource()).or_default().push((index, path));
            }
        }
    }
    places
}
