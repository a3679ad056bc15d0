//! Exports that fit an import, as the choice asks for them: by distance, and where a chain of them can end.

use crate::component::{ExportId, InstanceId};

/// Exports of one match key, by their place on the command line.
#[derive(Clone, Debug, Default)]
pub(super) struct Fitting {
    all: Vec<ExportId>,
    /// Those whose instance does not import what it exports.
    ends: Vec<ExportId>,
}

impl Fitting {
    /// `wraps`: whether the instance of an export imports what it exports.
    pub(super) fn new(mut all: Vec<ExportId>, wraps: impl Fn(ExportId) -> bool) -> Fitting {
        all.sort_unstable();
        let ends = all.iter().copied().filter(|export| !wraps(*export)).collect();
        Fitting { all, ends }
    }

    pub(super) fn all(&self) -> &[ExportId] {
        &self.all
    }

    /// How many are of other instances than `id`.
    pub(super) fn beside(&self, id: InstanceId) -> usize {
        later(&self.all, id).len() + earlier(&self.all, id).len()
    }

    pub(super) fn remove(&mut self, export: ExportId) {
        self.all.retain(|other| *other != export);
        self.ends.retain(|other| *other != export);
    }

    /// Those of inputs after `id`, the nearest first.
    pub(super) fn later(&self, id: InstanceId) -> impl DoubleEndedIterator<Item = ExportId> + Clone {
        later(&self.all, id).iter().copied()
    }

    /// Those of inputs before `id`, the nearest first: seen from an importer, their order is the mirror of that of later ones.
    pub(super) fn earlier(&self, id: InstanceId) -> impl DoubleEndedIterator<Item = ExportId> + Clone {
        earlier(&self.all, id).iter().rev().copied()
    }

    /// Those of later inputs at which a chain ends.
    pub(super) fn ends_later(&self, id: InstanceId) -> impl Iterator<Item = ExportId> {
        later(&self.ends, id).iter().copied()
    }

    /// Those of earlier inputs at which a chain ends.
    pub(super) fn ends_earlier(&self, id: InstanceId) -> impl Iterator<Item = ExportId> {
        earlier(&self.ends, id).iter().copied()
    }
}

fn later(exports: &[ExportId], id: InstanceId) -> &[ExportId] {
    &exports[exports.partition_point(|export| export.instance <= id)..]
}

fn earlier(exports: &[ExportId], id: InstanceId) -> &[ExportId] {
    &exports[..exports.partition_point(|export| export.instance < id)]
}
