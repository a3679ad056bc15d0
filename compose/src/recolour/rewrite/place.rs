//! Where rewritten items go: the sections of a component, or the declarations of a type.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, ComponentAliasSection, ComponentExportSection, ComponentImportSection,
    ComponentInstanceSection, ComponentSection, ComponentType, ComponentTypeEncoder, ComponentTypeSection,
    InstanceType,
};

/// What is being written.
pub(super) enum Place {
    Component(Sections),
    Instance(InstanceType),
    ComponentType(ComponentType),
}

impl Default for Place {
    fn default() -> Place {
        Place::Component(Sections::default())
    }
}

impl Place {
    pub(super) fn ty(&mut self) -> ComponentTypeEncoder<'_> {
        match self {
            Place::Component(sections) => sections.types().ty(),
            Place::Instance(ty) => ty.ty(),
            Place::ComponentType(ty) => ty.ty(),
        }
    }

    pub(super) fn alias(&mut self, alias: Alias<'_>) {
        match self {
            Place::Component(sections) => drop(sections.aliases().alias(alias)),
            Place::Instance(ty) => drop(ty.alias(alias)),
            Place::ComponentType(ty) => drop(ty.alias(alias)),
        }
    }

    /// The sections of a component. Types have none, and nothing that stands in a section is written into them.
    pub(super) fn sections(&mut self) -> &mut Sections {
        match self {
            Place::Component(sections) => sections,
            _ => unreachable!("a type has declarations"),
        }
    }
}

/// The sections of a component. Items of one kind in a row stand in one section.
#[derive(Default)]
pub(super) struct Sections {
    bytes: Vec<u8>,
    open: Open,
}

/// The section that is not finished yet.
#[derive(Default)]
enum Open {
    #[default]
    None,
    Types(ComponentTypeSection),
    Imports(ComponentImportSection),
    Aliases(ComponentAliasSection),
    Canonical(CanonicalFunctionSection),
    Instances(ComponentInstanceSection),
    Exports(ComponentExportSection),
}

/// A function that gives the open section of a kind, and opens one if another kind is open.
macro_rules! section {
    ($name:ident, $kind:ident, $section:ident) => {
        pub(super) fn $name(&mut self) -> &mut $section {
            if !matches!(self.open, Open::$kind(_)) {
                self.finish();
                self.open = Open::$kind($section::new());
            }
            match &mut self.open {
                Open::$kind(section) => section,
                _ => unreachable!("it was just opened"),
            }
        }
    };
}

impl Sections {
    section!(types, Types, ComponentTypeSection);
    section!(imports, Imports, ComponentImportSection);
    section!(aliases, Aliases, ComponentAliasSection);
    section!(canonical, Canonical, CanonicalFunctionSection);
    section!(instances, Instances, ComponentInstanceSection);
    section!(exports, Exports, ComponentExportSection);

    /// Finishes the open section. Gives the number of bytes so far.
    pub(super) fn finish(&mut self) -> usize {
        match std::mem::take(&mut self.open) {
            Open::None => {}
            Open::Types(section) => section.append_to_component(&mut self.bytes),
            Open::Imports(section) => section.append_to_component(&mut self.bytes),
            Open::Aliases(section) => section.append_to_component(&mut self.bytes),
            Open::Canonical(section) => section.append_to_component(&mut self.bytes),
            Open::Instances(section) => section.append_to_component(&mut self.bytes),
            Open::Exports(section) => section.append_to_component(&mut self.bytes),
        }
        self.bytes.len()
    }

    /// Puts `bytes` after what is there.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.finish();
        self.bytes.extend_from_slice(bytes);
    }

    /// Puts `section` after what is there.
    pub(super) fn section(&mut self, section: &impl ComponentSection) {
        self.finish();
        section.append_to_component(&mut self.bytes);
    }

    /// Takes back all but the first `len` bytes.
    pub(super) fn take_back(&mut self, len: usize) {
        self.finish();
        self.bytes.truncate(len);
    }

    /// The bytes of the component.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.finish();
        self.bytes
    }
}
