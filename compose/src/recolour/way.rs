//! A way through core code: from what begins it, call by call, to a function of another component.

use std::fmt;

use super::value::Function;

/// How many calls of a way are shown, at its beginning and at its end.
const SHOWN: (usize, usize) = (3, 4);

/// A way that code may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// The functions on the way, the first included.
    pub(super) through: Vec<Call>,
    /// What it leads to.
    pub(super) end: Function,
    /// How that is called.
    pub(super) via: Via,
}

/// A function on the way, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Its name: as the name section has it, or an export, or a number.
    pub function: String,
    pub via: Via,
}

/// How one function calls another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via {
    /// By its index: it does, if it comes there.
    Call,
    /// Through a table that may hold it.
    Table,
    /// By a reference, which may be to it.
    Reference,
}

impl Via {
    /// The same, or another where this is a plain call.
    pub(super) fn or(self, other: Via) -> Via {
        if self == Via::Call { other } else { self }
    }
}

impl fmt::Display for Via {
    /// What stands before the name of what is called.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Via::Call => "",
            Via::Table => "through a table ",
            Via::Reference => "by reference ",
        })
    }
}

impl Way {
    /// What it leads to, in words.
    pub(crate) fn end(&self) -> String {
        match &self.end {
            Function::Import(path) => format!("`{}`", super::words(path)),
            _ => "a function that changes".into(),
        }
    }

    /// Each call in words, and what they lead to.
    pub(crate) fn calls(&self) -> Vec<String> {
        let through = self.through.iter().map(|Call { function, via }| format!("{via}`{function}`"));
        through.chain([format!("{}{}", self.via, self.end())]).collect()
    }
}

impl fmt::Display for Way {
    /// `` `new` -> through a table `hook` -> `get` ``; of a long way the beginning and the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = SHOWN;
        let mut calls = self.calls();
        if let Some(more) = calls.len().checked_sub(first + last).filter(|more| *more > 1) {
            calls.splice(first..first + more, [format!("{more} more")]);
        }
        f.write_str(&calls.join(" -> "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Behind an interpreter a way has dozens of calls, of which those at its ends say most.
    #[test]
    fn a_long_way_is_shortened_in_its_middle() {
        let way = |calls: usize| {
            let call = |n: usize| Call {
                function: format!("f{n}"),
                via: if n == 1 { Via::Table } else { Via::Call },
            };
            let end = Function::Import(vec!["demo:kv/store".into(), "get".into()]);
            Way { through: (0..calls).map(call).collect(), end, via: Via::Call }.to_string()
        };
        assert_eq!(way(2), "`f0` -> through a table `f1` -> `demo:kv/store#get`");
        assert_eq!(way(7).matches("->").count(), 7);
        let long = "`f0` -> through a table `f1` -> `f2` -> 14 more -> `f17` -> `f18` -> `f19` -> `demo:kv/store#get`";
        assert_eq!(way(20), long);
    }
}
