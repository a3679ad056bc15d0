//! The exports of one match key, and which of them are known to fit an import without asking once more.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasmparser::component_types::ComponentEntityType;
use wcompose_wit::MatchKey;

use super::fit::{Fit, Kinds};
use super::fitting::Fitting;
use crate::component::{Components, ExportId, InstanceId};

/// The exports of one match key, and who imports under it.
#[derive(Default)]
pub(super) struct Namesakes {
    exports: Vec<ExportId>,
    /// By their place on the command line.
    importers: Vec<InstanceId>,
    kinds: Kinds,
    /// The kind of each export, as soon as somebody asks.
    kind_of: Vec<Option<usize>>,
    /// What is known for the kinds that were asked for.
    known: BTreeMap<usize, Known>,
}

/// What is known of the exports of a key for imports of one type.
#[derive(Clone)]
pub(super) struct Known {
    /// Those that fit.
    pub fitting: Rc<Fitting>,
    /// Those of which that is not known, or that do not.
    pub unknown: Rc<[ExportId]>,
}

/// The exports by their match key, as far as somebody imports under it.
pub(super) fn by_key<'c>(components: &'c Components<'_>) -> BTreeMap<MatchKey<'c>, Namesakes> {
    let mut by_key = BTreeMap::<_, Namesakes>::new();
    for id in components.imports() {
        by_key.entry(components.import(id).key()).or_default().importers.push(id.instance);
    }
    for id in components.iter().flat_map(|component| component.export_ids()) {
        if let Some(namesakes) = by_key.get_mut(&components.export(id).key()) {
            namesakes.exports.push(id);
        }
    }
    by_key
}

impl Namesakes {
    /// Whether the instance of an export imports what it exports.
    pub(super) fn wraps(&self, export: ExportId) -> bool {
        self.importers.binary_search(&export.instance).is_ok()
    }

    /// What is known for an import of that type.
    pub(super) fn of_kind(
        &mut self,
        components: &Components<'_>,
        fit: &mut Fit<'_>,
        needed: ComponentEntityType,
    ) -> Known {
        // Kinds are worth the while only if there are several to compare an import with.
        let kind = (self.exports.len() > 2).then(|| self.kind(components, fit, needed)).flatten();
        let Some(kind) = kind else {
            return Known { fitting: Rc::default(), unknown: self.exports.as_slice().into() };
        };
        if let Some(known) = self.known.get(&kind) {
            return known.clone();
        }
        let mut fits = |of: Option<usize>| of.is_some_and(|of| self.kinds.fits(fit, of, kind));
        let (mut fitting, mut unknown) = (Vec::new(), Vec::new());
        for (export, of) in self.exports.iter().zip(&self.kind_of) {
            if fits(*of) { fitting.push(*export) } else { unknown.push(*export) }
        }
        let fitting = Rc::new(Fitting::new(fitting, |export| self.wraps(export)));
        let known = Known { fitting, unknown: unknown.into() };
        self.known.insert(kind, known.clone());
        known
    }

    fn kind(
        &mut self,
        components: &Components<'_>,
        fit: &mut Fit<'_>,
        needed: ComponentEntityType,
    ) -> Option<usize> {
        for id in &self.exports[self.kind_of.len()..] {
            let kind = self.kinds.of(fit, components.export(*id).ty);
            self.kind_of.push(kind);
        }
        self.kinds.of(fit, needed)
    }
}
