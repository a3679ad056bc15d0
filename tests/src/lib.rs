//! What the tests share: the format of cases, inputs made from WIT or WAT, how the program is called, and how guests
//! are linked and run in this process.

mod case;
mod client;
mod composition;
mod definitions;
pub mod hostile;
mod machine;
mod program;
mod proto;
mod shown;
mod time;
mod words;

pub use case::{Case, Input, Order, case_files, input_places};
pub use client::{Answer, get, post};
pub use composition::{
    Bridged, Guest, is_built, link, link_and_tell, link_fixtures, patient, printed, refusal,
};
pub use definitions::{Generator, meanings};
pub use machine::machine;
pub use program::{Ended, Program};
pub use proto::Messages;
pub use shown::Shown;
pub use time::{timeless, without_digests};
pub use wcompose_bench::{from_wat, from_wit, from_wit_after};
pub use words::words;
