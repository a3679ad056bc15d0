//! Under which contents the cache may hold a component: as a whole, and in the parts of its [`Split`].

use crate::cache::{Cache, ContentDigest};
use crate::split::Split;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What the cache may hold of a component.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) cache: Cache,
    /// The component, compiled as it is.
    pub(crate) whole: ContentDigest,
    /// The same in parts, if it comes apart.
    pub(crate) parts: Option<Parts>,
}

/// The contents of a [`Split`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Parts {
    pub(crate) shell: ContentDigest,
    pub(crate) modules: Vec<Part>,
}

/// A core module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) content: ContentDigest,
    /// Where it starts in the component, in bytes.
    pub(crate) start: usize,
}

impl Kept {
    /// What the cache in `folder` may hold of `component`. `None` if there can be no cache.
    pub(crate) fn of(component: &[u8], folder: &Path) -> Option<Self> {
        let cache = Cache::open(folder)?;
        let parts = Split::of(component).map(|split| Parts::of(component, &split));
        let whole = match &parts {
            Some(parts) => parts.whole(),
            None => ContentDigest::of([component]),
        };
        Some(Self { cache, whole, parts })
    }
}

impl Parts {
    fn of(component: &[u8], split: &Split) -> Self {
        let part = |range: &std::ops::Range<usize>| Part {
            content: ContentDigest::of(component.get(range.clone())),
            start: range.start,
        };
        Self {
            shell: ContentDigest::of([split.shell.as_slice()]),
            modules: split.modules.iter().map(part).collect(),
        }
    }

    /// The content of the whole, without reading it once more: all that is not in the parts are names and custom sections,
    /// of which compiled code knows no more than how long they are.
    fn whole(&self) -> ContentDigest {
        let starts = self.modules.iter().map(|module| module.start.to_le_bytes()).collect::<Vec<_>>();
        let modules = self.modules.iter().zip(&starts);
        let modules = modules.flat_map(|(module, start)| [module.content.as_bytes(), start.as_slice()]);
        ContentDigest::of([self.shell.as_bytes()].into_iter().chain(modules))
    }
}
