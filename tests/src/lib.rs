//! What the tests share: the format of cases, inputs made from WIT or WAT, and how the program is called.

mod case;
mod component;
mod program;

pub use case::{Case, Input, Order, input_places};
pub use component::{from_wat, from_wit};
pub use program::{Ended, Program};
