//! Which subjects an epoch's changed records leave, join or change, and their live records after it.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::Memory;
use crate::identity::{Subject, Target};
use crate::record::{RecordId, RecordState};

/// Least standing of the live records of each feed, before an epoch and after it.
pub(super) struct Floors {
    pub old: BTreeMap<u16, i64>,
    pub new: BTreeMap<u16, i64>,
}

/// Whether a record stands at the floor of its feed.
pub(super) fn stands(id: &RecordId, state: &RecordState, floors: &BTreeMap<u16, i64>) -> bool {
    state.stands(floors.get(&id.feed).copied())
}

/// Targets that a record gives rows to while it lives and stands at the floor of its feed.
fn standing_targets<'a>(
    id: &RecordId,
    state: &'a RecordState,
    floors: &BTreeMap<u16, i64>,
) -> impl Iterator<Item = &'a Target> {
    let stands = stands(id, state, floors);
    live_targets(state).filter(move |_| stands)
}

/// Targets that a live record gives rows to.
pub(super) fn live_targets(state: &RecordState) -> impl Iterator<Item = &Target> {
    state
        .targets
        .iter()
        .filter(|target| !target.weak && state.is_live())
}

/// Whether two states differ only in what the feedback loop remembers: no row has to be made anew.
fn same_to_projection(kept: &RecordState, state: &RecordState) -> bool {
    kept.versions == state.versions
        && kept.removed == state.removed
        && kept.failed == state.failed
        && kept.targets == state.targets
        && kept.hollow == state.hollow
        && kept.cells == state.cells
}

/// New member lists of every subject that a changed record left, joined or changed.
pub(super) fn members<'a>(
    memory: &Memory,
    before: &HashMap<RecordId, Option<RecordState>>,
    changed: impl Iterator<Item = (&'a RecordId, &'a RecordState)>,
    floors: &Floors,
) -> BTreeMap<Subject, Vec<RecordId>> {
    let mut members: BTreeMap<Subject, Vec<RecordId>> = BTreeMap::new();
    let touch = |members: &mut BTreeMap<Subject, Vec<RecordId>>, subject: Subject| {
        members.entry(subject).or_insert_with(|| {
            memory
                .subject(&subject)
                .map(|kept| kept.records.clone())
                .unwrap_or_default()
        });
    };
    for (id, state) in changed {
        let kept = before.get(id).and_then(Option::as_ref);
        if kept.is_some_and(|kept| {
            same_to_projection(kept, state)
                && stands(id, kept, &floors.old) == stands(id, state, &floors.new)
        }) {
            continue;
        }
        let before = kept.into_iter();
        for target in before.flat_map(|kept| standing_targets(id, kept, &floors.old)) {
            touch(&mut members, target.subject());
            if let Some(records) = members.get_mut(&target.subject()) {
                records.retain(|record| record != id);
            }
        }
        for target in standing_targets(id, state, &floors.new) {
            touch(&mut members, target.subject());
            if let Some(records) = members.get_mut(&target.subject())
                && let Err(place) = records.binary_search(id)
            {
                records.insert(place, *id);
            }
        }
    }
    members
}
