//! `--format human`: diagnostics as people read them.

use wcompose::Linked;

use crate::paint;

pub(super) fn tell(linked: &Linked<'_>) {
    paint::diagnostics(linked.diagnostics());
}
