//! Folding an epoch: statements into records, records into subjects.
//!
//! Memory is read, never changed: what an epoch would change comes back as an [`FoldedEpoch`] that the caller
//! applies once the epoch is landed. A panic anywhere before that leaves memory as it was. Work is split by hash over
//! a fixed number of shards; results are put back in landed order, so no thread count can show.

mod members;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use rayon::prelude::*;
use yidang_schemas::contract::Mode;
use yidang_schemas::origin::Origin;

use crate::identity::{Subject, Target};
use crate::order::OrderKey;
use crate::record::packed::Packed;
use crate::record::{Effect, RecordId, RecordState, Statement, Version, fold, fold_naming};
use crate::standing::{Standings, stands};
use members::{Floors, live_targets, members};

/// Number of shards of the record memory.
pub const SHARDS: usize = 16;

/// Place of a file row: file number of the table, physical row in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    pub file: u32,
    pub row: u32,
}

/// What is kept of a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectState {
    /// Its live records, sorted.
    pub records: Vec<RecordId>,
    /// Its row in the file table, where it has one.
    pub location: Option<Location>,
}

/// All records and subjects, in memory.
#[derive(Debug, Default)]
pub struct Memory {
    records: [HashMap<RecordId, Packed>; SHARDS],
    subjects: HashMap<Subject, SubjectState>,
    standings: Standings,
}

/// A record as it was stored, on its way into memory.
#[derive(Debug)]
pub struct Stored {
    packed: Packed,
    /// Subjects whose row it has a part in.
    live: Vec<Subject>,
}

impl Stored {
    pub fn of(state: &RecordState) -> Self {
        Self {
            packed: Packed::of(state),
            live: live_targets(state).map(Target::subject).collect(),
        }
    }

    /// Takes stored bytes of a record of `feed`; nothing where they are not one.
    pub fn read(bytes: Vec<u8>, feed: u16) -> Option<Self> {
        let (packed, state) = Packed::read(bytes, feed)?;
        let live = live_targets(&state).map(Target::subject).collect();
        Some(Self { packed, live })
    }
}

/// Shard of a record key.
fn shard_of(id: &RecordId) -> usize {
    usize::from(id.key_hash.last().copied().unwrap_or(0)) % SHARDS
}

impl Memory {
    /// What is kept of a record key.
    pub fn record(&self, id: &RecordId) -> Option<RecordState> {
        self.packed(id).map(|packed| packed.state(id.feed))
    }

    /// The same as it lies in memory.
    pub fn packed(&self, id: &RecordId) -> Option<&Packed> {
        self.records.get(shard_of(id))?.get(id)
    }

    pub fn standings(&self) -> &Standings {
        &self.standings
    }

    /// Puts what was stored of the feeds, after their records: what stands below a floor has no part in its subjects.
    pub fn restore_standings(&mut self, standings: Standings) {
        self.standings = standings;
        let mut dead = self.below(&BTreeMap::new(), &self.standings.floors());
        dead.sort_unstable_by_key(|(id, _)| *id);
        for (id, state) in dead {
            for subject in live_targets(&state).map(Target::subject) {
                if let Some(kept) = self.subjects.get_mut(&subject) {
                    kept.records.retain(|record| *record != id);
                }
                self.forget_empty([subject]);
            }
            self.forget(&id);
        }
    }

    /// Takes a record out, where its feed never brings it back.
    fn forget(&mut self, id: &RecordId) {
        let shard = self.records.get_mut(shard_of(id));
        if let Some(shard) = shard.filter(|_| self.standings.forgets(id.feed)) {
            shard.remove(id);
        }
    }

    /// Records that stood at the old floor of their feed and stand below the new one, in no order.
    fn below(
        &self,
        old: &BTreeMap<u16, i64>,
        new: &BTreeMap<u16, i64>,
    ) -> Vec<(RecordId, RecordState)> {
        let risen: BTreeMap<u16, i64> = new
            .iter()
            .filter(|(feed, floor)| old.get(feed).is_none_or(|before| before < floor))
            .map(|(feed, floor)| (*feed, *floor))
            .collect();
        if risen.is_empty() {
            return Vec::new();
        }
        let below = |(id, packed): (&RecordId, &Packed)| {
            let floor = *risen.get(&id.feed)?;
            let state = packed.state(id.feed);
            let falls = state.stands(old.get(&id.feed).copied()) && !state.stands(Some(floor));
            falls.then_some((*id, state))
        };
        self.records
            .par_iter()
            .flat_map_iter(|shard| shard.iter().filter_map(below).collect::<Vec<_>>())
            .collect()
    }

    pub fn subject(&self, subject: &Subject) -> Option<&SubjectState> {
        self.subjects.get(subject)
    }

    pub fn records_len(&self) -> usize {
        self.records.iter().map(HashMap::len).sum()
    }

    pub fn subjects_len(&self) -> usize {
        self.subjects.len()
    }

    /// All subjects of one kind in token order.
    pub fn subjects_sorted(&self, kind: u8) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = self
            .subjects
            .keys()
            .filter(|subject| subject.kind == kind)
            .copied()
            .collect();
        subjects.sort_unstable();
        subjects
    }

    /// All record keys in order.
    pub fn record_ids_sorted(&self) -> Vec<RecordId> {
        let mut ids: Vec<RecordId> = self
            .records
            .iter()
            .flat_map(HashMap::keys)
            .copied()
            .collect();
        ids.sort_unstable();
        ids
    }

    /// Puts a record as it was stored, in the place of what is kept; its subjects gain it where it is live.
    pub fn restore(&mut self, id: RecordId, stored: Stored) {
        let before = self.record(&id);
        let left = before.iter().flat_map(live_targets).map(Target::subject);
        for subject in left {
            if let Some(kept) = self.subjects.get_mut(&subject) {
                kept.records.retain(|record| *record != id);
            }
        }
        for subject in stored.live {
            let records = &mut self.subjects.entry(subject).or_default().records;
            if let Err(place) = records.binary_search(&id) {
                records.insert(place, id);
            }
        }
        if let Some(shard) = self.records.get_mut(shard_of(&id)) {
            shard.insert(id, stored.packed);
        }
    }

    /// Notes where the row of a subject stands.
    pub fn locate(&mut self, subject: Subject, location: Option<Location>) {
        self.subjects.entry(subject).or_default().location = location;
    }

    /// Takes over what a landed epoch changed.
    pub fn apply(&mut self, folded: FoldedEpoch) {
        self.standings = folded.standings;
        folded.dead.iter().for_each(|id| self.forget(id));
        let records: Vec<(RecordId, Packed)> = folded
            .records
            .into_par_iter()
            .map(|(id, state)| (id, Packed::of(&state)))
            .collect();
        for (id, packed) in records {
            if let Some(shard) = self.records.get_mut(shard_of(&id)) {
                shard.insert(id, packed);
            }
        }
        for (subject, records) in folded.members {
            let kept = self.subjects.entry(subject).or_default();
            kept.records = records;
            if kept.records.is_empty() && kept.location.is_none() {
                self.subjects.remove(&subject);
            }
        }
    }

    /// Forgets subjects that have neither records nor a row.
    pub fn forget_empty(&mut self, subjects: impl IntoIterator<Item = Subject>) {
        for subject in subjects {
            let empty = self
                .subjects
                .get(&subject)
                .is_some_and(|kept| kept.records.is_empty() && kept.location.is_none());
            if empty {
                self.subjects.remove(&subject);
            }
        }
    }
}

/// One accepted statement of an epoch.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub id: RecordId,
    pub statement: &'a Statement,
}

/// A row that was held and still names its key, in a feed whose records live by being named.
#[derive(Debug, Clone)]
pub struct Naming {
    pub id: RecordId,
    pub version: Version,
    pub standing: i64,
}

/// What the kept version knows about a rule that a record failed: the order of its last pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPass {
    pub rule: u16,
    pub order: OrderKey,
    /// The kept version itself, where it is the one that passed.
    pub by: Option<PassedBy>,
}

/// Where a version that passed stands, and when it was landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedBy {
    pub origin: Origin,
    pub landed_at_ms: i64,
}

impl KeptPass {
    /// What `kept` knows about `rule`; nothing where neither it nor a version before it passed.
    pub fn of(kept: &RecordState, rule: u16) -> Option<Self> {
        let order = kept.pass_order(rule)?;
        let newest = kept.newest();
        let by = (*order == newest.order).then_some(PassedBy {
            origin: newest.origin,
            landed_at_ms: newest.landed_at_ms,
        });
        Some(Self {
            rule,
            order: order.clone(),
            by,
        })
    }
}

/// What an epoch changes, nothing of it applied yet.
#[derive(Debug, Default)]
pub struct FoldedEpoch {
    /// Effect of each entry, in the order of the entries.
    pub effects: Vec<Effect>,
    pub records: BTreeMap<RecordId, RecordState>,
    /// By feed: statements of equal order and different content, where only the content hash decided.
    pub ties: BTreeMap<u16, u64>,
    /// What the feeds as a whole say after this epoch.
    pub standings: Standings,
    /// Records beyond the horizon of their feed: what is kept of them is forgotten.
    pub dead: BTreeSet<RecordId>,
    /// New live records of every subject whose row has to be made anew, in subject order.
    pub members: BTreeMap<Subject, Vec<RecordId>>,
}

impl FoldedEpoch {
    /// The state of a record after this epoch.
    pub fn record<'a>(&'a self, memory: &Memory, id: &RecordId) -> Option<Cow<'a, RecordState>> {
        match self.records.get(id) {
            Some(state) => Some(Cow::Borrowed(state)),
            None => memory.record(id).map(Cow::Owned),
        }
    }
}

/// Folds the accepted statements of an epoch, under the standings after it. `mode_of` gives the mode of a feed by its
/// index.
pub fn fold_epoch(
    memory: &Memory,
    entries: &[Entry<'_>],
    namings: &[Naming],
    standings: Standings,
    mode_of: impl Fn(u16) -> Mode + Sync,
) -> FoldedEpoch {
    let count = entries.len();
    let mut shards: Vec<Vec<(usize, Entry<'_>)>> = (0..SHARDS).map(|_| Vec::new()).collect();
    for (place, entry) in entries.iter().copied().enumerate() {
        let shard = shard_of(&entry.id);
        shards
            .get_mut(shard)
            .expect("a shard is below the number of shards")
            .push((place, entry));
    }
    let floors = standings.floors();
    let mut named: Vec<Vec<&Naming>> = (0..SHARDS).map(|_| Vec::new()).collect();
    for naming in namings {
        named
            .get_mut(shard_of(&naming.id))
            .expect("a shard is below the number of shards")
            .push(naming);
    }
    let folded: Vec<ShardResult> = shards
        .into_par_iter()
        .zip(named)
        .map(|(shard, named)| {
            let mut result = fold_shard(memory, shard, &floors, &mode_of);
            result.name(memory, &named);
            result
        })
        .collect();
    gather(memory, count, folded, standings)
}

#[derive(Default)]
struct ShardResult {
    effects: Vec<(usize, Effect)>,
    /// What was kept of the keys of this epoch before it.
    before: HashMap<RecordId, Option<RecordState>>,
    records: HashMap<RecordId, RecordState>,
    ties: BTreeMap<u16, u64>,
}

impl ShardResult {
    /// Rows that only name their keys. After the statements: the greatest standing counts, in any order.
    fn name(&mut self, memory: &Memory, namings: &[&Naming]) {
        for naming in namings {
            let before = self.before.entry(naming.id);
            let before = before.or_insert_with(|| memory.record(&naming.id));
            let kept = self.records.get(&naming.id).or(before.as_ref());
            if let Some(next) = fold_naming(kept, &naming.version, naming.standing) {
                self.records.insert(naming.id, next);
            }
        }
    }
}

fn fold_shard(
    memory: &Memory,
    entries: Vec<(usize, Entry<'_>)>,
    floors: &BTreeMap<u16, i64>,
    mode_of: &(impl Fn(u16) -> Mode + Sync),
) -> ShardResult {
    let mut result = ShardResult::default();
    for (place, Entry { id, statement }) in entries {
        let before = result.before.entry(id);
        let before = before.or_insert_with(|| memory.record(&id));
        let kept = result.records.get(&id).or(before.as_ref());
        if kept.is_some_and(|kept| kept.newest().order.ties_with(&statement.version.order)) {
            *result.ties.entry(id.feed).or_default() += 1;
        }
        let (effect, next) = fold(mode_of(id.feed), kept, statement);
        let floor = floors.get(&id.feed).copied();
        let effect = match stands(statement.standing, floor) {
            true => effect,
            false => Effect::Stale,
        };
        result.effects.push((place, effect));
        if let Some(next) = next {
            result.records.insert(id, next);
        }
    }
    result
}

fn gather(
    memory: &Memory,
    count: usize,
    shards: Vec<ShardResult>,
    standings: Standings,
) -> FoldedEpoch {
    let mut epoch = FoldedEpoch::default();
    let mut effects: Vec<Option<Effect>> = vec![None; count];
    let mut records: Vec<(RecordId, RecordState)> = Vec::with_capacity(count);
    let mut before: HashMap<RecordId, Option<RecordState>> = HashMap::with_capacity(count);
    for shard in shards {
        for (place, effect) in shard.effects {
            if let Some(slot) = effects.get_mut(place) {
                *slot = Some(effect);
            }
        }
        records.extend(shard.records);
        before.extend(shard.before);
        for (feed, ties) in shard.ties {
            *epoch.ties.entry(feed).or_default() += ties;
        }
    }
    let folded = |slot: Option<Effect>| slot.expect("every entry was folded by one shard");
    epoch.effects = effects.into_iter().map(folded).collect();
    // Building the map of all at once moves each state fewer times than inserting them one by one.
    epoch.records = records.into_iter().collect();
    let (old, new) = (memory.standings.floors(), standings.floors());
    let fallen = memory.below(&old, &new).into_iter();
    let fallen: BTreeMap<RecordId, RecordState> = fallen
        .filter(|(id, _)| !epoch.records.contains_key(id))
        .collect();
    for (id, state) in &fallen {
        before.insert(*id, Some(state.clone()));
    }
    let floors = Floors { old, new };
    let changed = epoch.records.iter().chain(&fallen);
    epoch.members = members(memory, &before, changed, &floors);
    epoch.dead = fallen
        .into_keys()
        .filter(|id| standings.forgets(id.feed))
        .collect();
    epoch.standings = standings;
    epoch.bury(&floors.new);
    epoch
}

impl FoldedEpoch {
    /// Takes records beyond the horizon out of what is kept.
    fn bury(&mut self, floors: &BTreeMap<u16, i64>) {
        let standings = &self.standings;
        let dead = self.records.extract_if(.., |id, state| {
            standings.forgets(id.feed) && !members::stands(id, state, floors)
        });
        self.dead.extend(dead.map(|(id, _)| id));
    }
}

#[cfg(test)]
mod tests;
