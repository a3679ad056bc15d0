//! What the tests share: the format of cases, inputs made from WIT or WAT, how the program is called, and how guests
//! are linked and run in this process.

mod case;
mod component;
mod composition;
mod definitions;
mod program;

pub use case::{Case, Input, Order, input_places};
pub use component::{from_wat, from_wit};
pub use composition::{Guest, is_built, link, link_fixtures, patient, printed};
pub use definitions::{Generator, meanings};
pub use program::{Ended, Program};
