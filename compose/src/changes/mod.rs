//! What changed from one component to another, as whoever uses it sees it: its world, what is inside, its size, and what
//! that means for its version. wasmparser says which types fit; how changes are shown is the caller's business.

mod inside;
mod world;

use serde::Serialize;

use crate::diagnostics::Diagnostic;
use crate::input::{Input, Inputs, InstanceName};
use crate::parse::parse;
use crate::request::Bodies;
use crate::target::Target;
pub use inside::{Inside, InsideChange};

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// What the new component's version has to grow by.
    pub level: Level,
    /// The size of each file in bytes: the old one, the new one.
    pub bytes: [usize; 2],
    /// Imports, which the host or another component provides.
    pub imports: Vec<ItemChange>,
    /// Exports.
    pub exports: Vec<ItemChange>,
    /// What is inside.
    #[serde(flatten)]
    pub inside: Inside,
}

/// What a change asks of the version, in terms of semver. Each is more than the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing: the files are equal, byte for byte.
    Same,
    /// Whatever the old one could be used for, the new one can, and nothing can be used that the old one does not have.
    Patch,
    /// The same, and there is more to use.
    Minor,
    /// Some that could use the old one cannot use the new one, or cannot provide what it needs.
    Major,
}

/// One import or export that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemChange {
    /// Its name in the old component, if it is there.
    pub old: Option<String>,
    /// Its name in the new one, if it is there.
    pub new: Option<String>,
    /// What this change alone asks of the version.
    pub level: Level,
    /// What differs in it, if it is in both: nothing but the name if there is nothing here.
    pub parts: Vec<PartChange>,
}

/// A part of an import or export that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartChange {
    /// Which part: ``parameter `key` of function `get` ``; empty for all of it.
    pub place: String,
    /// What was there, in WIT.
    pub old: Option<String>,
    /// What is there.
    pub new: Option<String>,
    /// Whether all that differs is that a function is `async`.
    pub effect: bool,
}

/// What changed from the component in the file `old` to that in `new`: names and contents. Fails with what is wrong with
/// them; function bodies and segments are not validated.
pub fn changes(old: (&str, &[u8]), new: (&str, &[u8])) -> Result<Changes, Vec<Diagnostic>> {
    let input = |name: &str, (file, bytes): (&str, _)| {
        let name = InstanceName::new(name).expect("a word is a name");
        Input { name, file: file.into(), bytes }
    };
    let both = [input("old", old), input("new", new)];
    let inputs = Inputs::new(both.into()).expect("the names differ");
    let components = parse(&inputs, &Target::of_everything(), Bodies::Unvalidated)?;
    let (imports, exports) = world::changes(&components);
    let inside = inside::changes(old.1, new.1);
    let items = imports.iter().chain(&exports).map(|item| item.level);
    let unequal = if old.1 == new.1 { Level::Same } else { Level::Patch };
    let level = items.fold(unequal, Level::max);
    Ok(Changes { level, bytes: [old.1.len(), new.1.len()], imports, exports, inside })
}
