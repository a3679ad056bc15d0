//! Why a call cannot be made: a mistake of the caller, in words. No code of the component has run.

use serde::{Deserialize, Serialize};

/// A call that does not fit the component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallProblem {
    /// The function that the call means, by its whole name, if there is one.
    pub function: Option<String>,
    /// What is wrong, to be read after the function's name, or else the component's: "takes 1 argument, not 2",
    /// "exports no function `f`".
    pub message: String,
    /// What there is instead: signatures as WIT spells them.
    pub notes: Vec<String>,
}
