//! Types in words and in relation: WIT spelling, the first difference between two types, and what refers to what. The
//! verdict whether a type fits is wasmparser's; nothing here decides.

mod declaration;
mod difference;
mod marked;
mod part;
mod references;
mod wit;

pub use declaration::Declaration;
pub(crate) use declaration::declaration;
pub use difference::Difference;
pub(crate) use difference::{NOTHING, first_difference, offered_name};
pub use part::Part;
pub(crate) use references::{
    TypeHomes, homes, introduced, names_first, needs_name, referenced, renamed, speaks_of_resources,
    type_homes,
};
pub(crate) use wit::{Spelling, function_name};
