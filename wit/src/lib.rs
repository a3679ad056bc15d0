//! Names, version tracks and WIT views of components.
//!
//! This crate owns how an extern name is read and compared, and how a component's world is shown as WIT text. It
//! knows nothing of linking, and gives no verdict on types.

mod name;
mod spelling;
mod track;
mod world;

pub use name::{ExternName, InterfaceName, MatchKey};
pub use track::Track;
pub use world::{World, WorldError, WorldItem, encode_package, exports_of};
