//! The core side of an instance: its modules and how they are put together. What its code may call is said in `reach`.

use wasmparser::{ExternalKind, InstantiationArgKind};

use super::value::Function;

/// The core index spaces of one instance, as far as calls go through them.
#[derive(Default)]
pub(super) struct Core<'a> {
    /// The bytes of each module; none if it is imported.
    pub modules: Vec<Option<&'a [u8]>>,
    pub functions: Vec<CoreFunction<'a>>,
    pub tables: Vec<CoreExport<'a>>,
    pub instances: Vec<CoreInstance<'a>>,
    /// The core functions that are destructors of resources.
    pub destructors: Vec<u32>,
}

/// A core function of the component level.
pub(super) enum CoreFunction<'a> {
    /// `canon lower`; it waits for the callee unless it is lowered with the asynchronous ABI.
    Lowered { function: Function, waits: bool },
    /// An export of a core instance.
    Export(CoreExport<'a>),
    /// Another canonical built-in.
    Builtin,
}

/// An export of a core instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct CoreExport<'a> {
    pub instance: u32,
    pub name: &'a str,
}

/// A core instance.
pub(super) enum CoreInstance<'a> {
    /// A module by its index, and the core instance given for each name of a module that it imports.
    Made { module: u32, arguments: Vec<(&'a str, u32)> },
    /// A bag of exports: name, kind, index.
    Bag(Vec<(&'a str, ExternalKind, u32)>),
}

impl<'a> Core<'a> {
    pub(super) fn instance(&mut self, instance: wasmparser::Instance<'a>) {
        let instance = match instance {
            wasmparser::Instance::Instantiate { module_index, args } => {
                let arguments = args.iter().map(|arg| match arg.kind {
                    InstantiationArgKind::Instance => (arg.name, arg.index),
                });
                CoreInstance::Made { module: module_index, arguments: arguments.collect() }
            }
            wasmparser::Instance::FromExports(exports) => {
                CoreInstance::Bag(exports.iter().map(|e| (e.name, e.kind, e.index)).collect())
            }
        };
        self.instances.push(instance);
    }

    pub(super) fn alias(&mut self, kind: ExternalKind, instance: u32, name: &'a str) {
        let export = CoreExport { instance, name };
        match kind {
            ExternalKind::Func => self.functions.push(CoreFunction::Export(export)),
            ExternalKind::Table => self.tables.push(export),
            _ => {}
        }
    }
}
