//! Why a call cannot be made: a mistake of the caller, in words. No code of the component has run.

use serde::{Deserialize, Serialize};

/// A call that does not fit the component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallProblem {
    /// What is wrong, to be read after the component's name: "exports no function `f`".
    pub message: String,
    /// What there is instead: signatures as WIT spells them.
    pub notes: Vec<String>,
}
