//! One import of the composition for all open imports of an interface.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::component_types::ComponentEntityType;
use wcompose_wit::{ExternName, MatchKey};

use super::aliases::disagreement;
use super::{can_be_named, introduces};
use crate::component::{Components, ImportId};
use crate::diagnostics::effect_conflict::{self, Conflict};
use crate::diagnostics::{Diagnostic, merge_conflict, unsupported_import};
use crate::resolve::fit::Fit;
use crate::resolve::identity::Identity;
use crate::resolve::outcome::{MergedContent, of_instance};
use crate::resolve::{ImportState, MergedImport, ResolvedExport, ResolvedImport};
use crate::types::{Difference, Part, first_difference, homes, introduced, names_first, referenced};

/// Makes one import of the composition from the open imports of each interface: the union of what they need, at the
/// highest version. The order is such that each uses types of earlier ones only; otherwise it is by name.
pub(in crate::resolve) fn merge(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    exports: &[ResolvedExport],
    identity: &Identity,
) -> (Vec<MergedImport>, Vec<Diagnostic>) {
    let mut groups = BTreeMap::<Group<'_>, Vec<ImportId>>::new();
    for resolved in imports.iter().filter(|resolved| stays_open(components, imports, exports, resolved)) {
        let group = Group::of(&components.import(resolved.import).name);
        groups.entry(group).or_default().push(resolved.import);
    }
    let (mut merged, mut diagnostics) = (Vec::new(), Vec::new());
    let mut fit = Fit::new(components, identity.pairs());
    for mut members in groups.into_values() {
        // The highest version first: its spelling of the interface leads. Ties by instance name, not by position.
        members.sort_by_cached_key(|id| {
            let import = components.import(*id);
            let version = import.implements.as_ref().unwrap_or(&import.name).version().cloned();
            (std::cmp::Reverse(version), components.get(id.instance).name.clone())
        });
        let lead = components.import(members[0]);
        let says = |id: ImportId| components.import(id).implements.as_ref().map(ExternName::key);
        let other = members.iter().find(|id| says(**id) != says(members[0]));
        if let Some(other) = other {
            diagnostics.push(merge_conflict::implements(components, members[0], *other));
            continue;
        }
        if let Some(introduced) = disagreement(components, &members) {
            diagnostics
                .push(merge_conflict::aliases(components, introduced.map(|one| (one.name, one.import))));
            continue;
        }
        let content = content(components, &members, &mut fit, identity, &mut diagnostics);
        merged.extend(content.map(|content| MergedImport {
            name: lead.name.clone(),
            implements: lead.implements.clone(),
            members,
            content,
        }));
    }
    let (merged, stuck) = in_order_of_use(components, merged);
    diagnostics.extend(stuck.map(|stuck| merge_conflict::circular(components, &stuck)));
    (merged, diagnostics)
}

/// What the imports that become one have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Group<'n> {
    Interface(MatchKey<'n>),
    /// A label in lower case: names may not differ in case alone.
    Label(String),
}

impl Group<'_> {
    fn of(name: &ExternName) -> Group<'_> {
        match name.key() {
            MatchKey::Label(label) => Group::Label(label.to_ascii_lowercase()),
            interface => Group::Interface(interface),
        }
    }
}

/// Host imports, and types of the world that could not be named without an import: those that a host function or an
/// exported function speaks of.
fn stays_open(
    components: &Components<'_>,
    imports: &[&ResolvedImport],
    exports: &[ResolvedExport],
    resolved: &ResolvedImport,
) -> bool {
    let (instance, ty) = (resolved.import.instance, components.import(resolved.import).ty);
    match (&resolved.state, ty) {
        (ImportState::Host(_), _) => true,
        (ImportState::Substituted, ComponentEntityType::Type { created, referenced: of }) => {
            let speaks = |ty| {
                matches!(ty, ComponentEntityType::Func(_))
                    && referenced(components.types(), ty).contains(&created)
            };
            let mut exported = exports.iter().filter(|resolved| resolved.export.instance == instance);
            let others = || of_instance(imports, instance).iter();
            let host_speaks = others().any(|other| {
                matches!(other.state, ImportState::Host(_)) && speaks(components.import(other.import).ty)
            });
            let export_speaks = exported.any(|resolved| speaks(components.export(resolved.export).ty));
            // A type that an interface introduces has its name there, which is enough for an export.
            let has_a_name = || {
                others().filter(|other| other.import != resolved.import).any(|other| {
                    let ty = components.import(other.import).ty;
                    introduced(components.types(), ty).iter().any(|(id, _)| *id == of)
                })
            };
            host_speaks || (export_speaks && !has_a_name())
        }
        _ => false,
    }
}

fn content(
    components: &Components<'_>,
    members: &[ImportId],
    fit: &mut Fit<'_>,
    identity: &Identity,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<MergedContent> {
    let lead = components.import(members[0]).ty;
    if !matches!(lead, ComponentEntityType::Instance(_)) {
        if !can_be_named(lead) {
            return unsupported(components, members[0], diagnostics);
        }
        for id in &members[1..] {
            let ty = components.import(*id).ty;
            if fit.check(lead, ty).is_err() || fit.check(ty, lead).is_err() {
                conflict(components, members, (members[0], *id), (None, lead, ty), identity, diagnostics);
                return None;
            }
        }
        return Some(MergedContent::Single(lead));
    }
    let mut items = Vec::<(String, ComponentEntityType, ImportId)>::new();
    let mut places = BTreeMap::new();
    for id in members {
        let ComponentEntityType::Instance(instance) = components.import(*id).ty else {
            let types = (None, lead, components.import(*id).ty);
            conflict(components, members, (members[0], *id), types, identity, diagnostics);
            return None;
        };
        for (name, item) in components.items(instance) {
            if !can_be_named(item.ty) {
                return unsupported(components, *id, diagnostics);
            }
            let Some(place) = places.get(name) else {
                places.insert(name.clone(), items.len());
                items.push((name.clone(), item.ty, *id));
                continue;
            };
            let (_, first, of): &(String, ComponentEntityType, ImportId) = &items[*place];
            if fit.check(*first, item.ty).is_err() || fit.check(item.ty, *first).is_err() {
                let types = (Some(name.as_str()), *first, item.ty);
                conflict(components, members, (*of, *id), types, identity, diagnostics);
                return None;
            }
            // A resource that one member has from another stands where it is introduced.
            if introduces(item.ty) && !introduces(*first) {
                items[*place] = (name.clone(), item.ty, *id);
            }
        }
    }
    let items = items.into_iter().map(|(name, ty, _)| (name, ty)).collect();
    Some(MergedContent::Instance(names_first(components.types(), items)))
}

fn unsupported(
    components: &Components<'_>,
    import: ImportId,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<MergedContent> {
    diagnostics.push(unsupported_import::new(components, import));
    None
}

fn conflict(
    components: &Components<'_>,
    members: &[ImportId],
    (first, second): (ImportId, ImportId),
    (item, a, b): (Option<&str>, ComponentEntityType, ComponentEntityType),
    identity: &Identity,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut difference = first_difference(components.types(), b, &[], a, &|a, b| identity.same(a, b));
    if let (Some(difference), Some(name)) = (&mut difference, item) {
        difference.place.insert(0, Part::item(name, a));
    }
    let conflicts = Conflict::of(components, second, members);
    diagnostics.push(match (conflicts.split_first(), &difference) {
        (Some(conflicts), Some(Difference { effect_only: true, .. })) => {
            effect_conflict::new(components, second, conflicts, &[])
        }
        _ => merge_conflict::new(components, first, second, difference),
    });
}

/// Moves each import behind those whose types it uses. Gives the first of each group as well that uses, by however many steps, its own
/// types, if there are such.
fn in_order_of_use(
    components: &Components<'_>,
    merged: Vec<MergedImport>,
) -> (Vec<MergedImport>, Option<Vec<ImportId>>) {
    let types = components.types();
    let homes = homes(types, MergedImport::types(&merged, components));
    let mut users = vec![BTreeSet::new(); merged.len()];
    let mut waits_for = vec![0_usize; merged.len()];
    for (index, import) in merged.iter().enumerate() {
        let of = |member: &ImportId| referenced(types, components.import(*member).ty);
        for used in import.members.iter().flat_map(of).filter_map(|id| Some(homes.get(&id)?.0)) {
            if used != index && users[used].insert(index) {
                waits_for[index] += 1;
            }
        }
    }
    let mut left = (0..merged.len()).collect::<BTreeSet<_>>();
    let mut ready = left.iter().copied().filter(|index| waits_for[*index] == 0).collect::<BTreeSet<_>>();
    let mut order = Vec::new();
    // One interface's imports use each other without cycles; those of several inputs together may not.
    while let Some(next) = ready.pop_first() {
        left.remove(&next);
        order.push(next);
        for user in &users[next] {
            waits_for[*user] -= 1;
            if waits_for[*user] == 0 && left.contains(user) {
                ready.insert(*user);
            }
        }
    }
    let stuck = left.into_iter().map(|index| merged[index].members[0]).collect::<Vec<_>>();
    let mut slots = merged.into_iter().map(Some).collect::<Vec<_>>();
    let merged = order.into_iter().filter_map(|index| slots[index].take()).collect();
    (merged, (!stuck.is_empty()).then_some(stuck))
}
