//! Calls of exported functions as they are written: `step#greet("world")`. Owns the way from the text to the results in
//! WAVE and JSON; values that WAVE has no words for, streams and futures, are given and shown as lists and values.

mod arguments;
mod exchange;
mod exports;
mod expression;
mod group;
mod job;
mod json;
mod layout;
mod pipe;
mod prepared;
mod problem;
mod spell;
mod wave;

pub use expression::{CallExpression, CallSyntaxError};
pub(crate) use job::{Expectation, Invocations};
pub use job::{Invoked, invoke};
pub use problem::CallProblem;

use serde::{Deserialize, Serialize};

/// What a call gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallResult {
    /// The whole name of the function that was called.
    pub function: String,
    /// Its result in WAVE; `None` if its type has no result. A stream is the list of its items, a future its value.
    pub wave: Option<String>,
    /// The same as JSON.
    pub json: Option<serde_json::Value>,
}
