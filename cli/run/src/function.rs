//! Names an exported function of a component.

use std::fmt;
use wasmtime::component::{Component, ComponentExportIndex};

/// A function that a component exports, by itself or in an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionPath {
    /// The exported instance that holds it, as `namespace:package/interface@version`; any version of the same track
    /// is found. `None` if the component exports the function itself.
    pub interface: Option<String>,
    /// The function's name.
    pub function: String,
}

impl FunctionPath {
    /// A function that the component exports itself.
    pub fn of_component(function: &str) -> Self {
        Self { interface: None, function: function.to_owned() }
    }

    /// A function of an instance that the component exports.
    pub fn of_interface(interface: &str, function: &str) -> Self {
        Self { interface: Some(interface.to_owned()), function: function.to_owned() }
    }

    pub(crate) fn find(&self, component: &Component) -> Option<ComponentExportIndex> {
        let interface = match &self.interface {
            None => None,
            Some(interface) => Some(component.get_export_index(None, interface)?),
        };
        component.get_export_index(interface.as_ref(), &self.function)
    }
}

impl fmt::Display for FunctionPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.interface {
            None => f.write_str(&self.function),
            Some(interface) => write!(f, "{interface}#{}", self.function),
        }
    }
}
