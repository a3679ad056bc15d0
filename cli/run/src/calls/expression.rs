//! The text of a call, `namespace:package/interface#function(arguments)`, taken apart. What it names is found in
//! `exports`; what its arguments mean, in `wave`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use wasm_wave::ast::Node;
use wasm_wave::untyped::UntypedFuncCall;

/// A call as it was written: which function, and arguments in WAVE that have no types yet.
///
/// The interface may lack its version, its package, or be missing altogether, as long as only one function fits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallExpression {
    text: String,
    interface: Option<String>,
    function: String,
    /// Where the arguments begin, with their parenthesis.
    open: usize,
    arguments: Vec<Node>,
}

/// Why a text is no call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSyntaxError {
    message: String,
}

impl CallExpression {
    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    pub(super) fn function(&self) -> &str {
        &self.function
    }

    pub(super) fn arguments(&self) -> &[Node] {
        &self.arguments
    }

    /// The text that the places of [`CallExpression::arguments`] count from.
    pub(super) fn source(&self) -> String {
        format!("{NAME}{}", &self.text[self.open..])
    }

    /// The column, from 1, of a place in [`CallExpression::source`].
    pub(super) fn column(&self, place: usize) -> usize {
        column(&self.text, self.open + place.saturating_sub(NAME.len()))
    }
}

/// Stands for the function's name where WAVE is parsed: WAVE does not know names of interfaces.
const NAME: &str = "f";

impl FromStr for CallExpression {
    type Err = CallSyntaxError;

    fn from_str(text: &str) -> Result<Self, CallSyntaxError> {
        let error = |message: String| CallSyntaxError { message };
        let open = text.find('(').ok_or_else(|| error(format!("`{text}` has no arguments: {FORM}")))?;
        let (interface, function) = match text[..open].trim().rsplit_once('#') {
            Some((interface, function)) => (Some(interface.to_owned()), function),
            None => (None, text[..open].trim()),
        };
        if function.is_empty() || interface.as_deref() == Some("") {
            return Err(error(format!("`{text}` names no function: {FORM}")));
        }
        let source = format!("{NAME}{}", &text[open..]);
        let call = UntypedFuncCall::parse(&source).map_err(|fault| {
            let span = fault.span();
            let place = column(text, open + span.start.saturating_sub(NAME.len()));
            let detail = fault.detail().map_or(String::new(), |detail| format!(": {detail}"));
            match source.get(span) {
                Some(found) if !found.is_empty() => {
                    error(format!("{}{detail}: `{found}` at column {place}", fault.kind()))
                }
                _ => error(format!("{}{detail} at column {place}", fault.kind())),
            }
        })?;
        let arguments = match call.params_node().map(Node::as_tuple) {
            Some(Ok(nodes)) => nodes.cloned().collect(),
            _ => Vec::new(),
        };
        Ok(Self { interface, function: function.to_owned(), open, arguments, text: text.to_owned() })
    }
}

impl TryFrom<String> for CallExpression {
    type Error = CallSyntaxError;

    fn try_from(text: String) -> Result<Self, CallSyntaxError> {
        text.parse()
    }
}

impl From<CallExpression> for String {
    fn from(call: CallExpression) -> String {
        call.text
    }
}

const FORM: &str = "a call is `package:name/interface#function(arguments)`";

fn column(text: &str, place: usize) -> usize {
    text.get(..place).map_or(0, |before| before.chars().count()) + 1
}

impl fmt::Display for CallSyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CallSyntaxError {}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "all of it is tests")]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Vec<String>) {
        let call: CallExpression = text.parse().unwrap();
        let source = call.source();
        let arguments = call.arguments().iter().map(|node| source[node.span()].to_owned()).collect();
        (call.interface, call.function, arguments)
    }

    #[test]
    fn names_are_what_stands_before_the_parenthesis() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("greet()"), (None, "greet".into(), vec![]));
        assert_eq!(
            parts(r#"demo:chain/step@0.1.0#greet("a#b(c)", 1)"#),
            (some("demo:chain/step@0.1.0"), "greet".into(), vec![r#""a#b(c)""#.into(), "1".into()])
        );
        assert_eq!(
            parts("step#[method]counter.bump({a: [1, 2]})"),
            (some("step"), "[method]counter.bump".into(), vec!["{a: [1, 2]}".into()])
        );
    }

    #[test]
    fn what_is_no_call_says_where() {
        let message = |text: &str| text.parse::<CallExpression>().unwrap_err().to_string();
        assert_eq!(message("greet"), format!("`greet` has no arguments: {FORM}"));
        assert_eq!(message("step#(1)"), format!("`step#(1)` names no function: {FORM}"));
        assert_eq!(message("step#f(1, ]"), "unexpected token: BracketClose: `]` at column 11");
        assert_eq!(message("f(1"), "unexpected end of input at column 4");
        assert_eq!(message("f(1) 2"), "trailing characters after value: `2` at column 6");
    }
}
