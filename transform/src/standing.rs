//! Standing: until when the records of a feed live by what the feed as a whole says, beyond their own versions.
//!
//! A record of a snapshot feed stands at the number of the greatest snapshot that named it, one with a horizon at its
//! period. Each such feed has a floor that only rises: a closed snapshot, or the greatest period less the horizon. What
//! stands below the floor is dead by that predicate, in whatever order it came. Beyond a horizon it is forgotten without
//! a tombstone; what a snapshot does not name is kept, for one that is still to come may name it.
//! Leaves alone: the rows that follow from it (`merge`), and what the agency is told (`feedback`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use yidang_schemas::contract::{Contract, Snapshot};

use crate::observe::Observation;
use crate::order::{OrderKey, REMOVAL_HASH};

/// Of so many snapshots without a marker the rows are counted; of more the greatest.
const OPEN_MAX: usize = 64;
/// Of so many messages of an open snapshot a repetition is noticed.
const DIGESTS_MAX: usize = 4_096;

/// What is counted and closed, by feed. Feeds without snapshots and horizon are not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standings(BTreeMap<u16, FeedStanding>);

/// Of one feed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedStanding {
    /// The least at which a record lives.
    pub floor: Option<i64>,
    /// What is below the floor never comes back.
    pub forgets: bool,
    /// The closed snapshot that is the floor.
    closed: Option<Closed>,
    open: Vec<Open>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Closed {
    batch: [u8; 16],
    rows: u64,
}

/// A snapshot whose marker did not come yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Open {
    sequence: i64,
    batch: [u8; 16],
    rows: u64,
    /// Rows without a readable key.
    keyless: u64,
    /// Its messages, so that one delivered twice counts once.
    digests: BTreeSet<u64>,
}

/// The headers of a marker, where they can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    pub sequence: Option<i64>,
    pub rows: Option<u64>,
}

/// One message of a feed with its records.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    pub feed: u16,
    /// Its key: all messages of one snapshot share it.
    pub key: Option<&'a [u8]>,
    pub digest: u64,
    pub records: &'a [&'a Observation],
}

// Numbers of snapshots are what a header says, and a header may hold anything: none of them is shown.

impl fmt::Debug for FeedStanding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FeedStanding")
            .field("has_floor", &self.floor.is_some())
            .field("closed", &self.closed.is_some())
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Open")
            .field("rows", &self.rows)
            .field("keyless", &self.keyless)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Marker")
            .field("has_sequence", &self.sequence.is_some())
            .field("has_rows", &self.rows.is_some())
            .finish()
    }
}

impl fmt::Debug for Received<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Received")
            .field("feed", &self.feed)
            .field("records", &self.records.len())
            .finish_non_exhaustive()
    }
}

/// What a marker comes to: nothing is wrong, or why nothing is withdrawn.
pub type Marked = Result<(), &'static str>;

impl Standings {
    /// Least standing at which a record of the feed lives.
    pub fn floor(&self, feed: u16) -> Option<i64> {
        self.0.get(&feed)?.floor
    }

    /// Whether what is below the floor of the feed is forgotten.
    pub fn forgets(&self, feed: u16) -> bool {
        self.0.get(&feed).is_some_and(|standing| standing.forgets)
    }

    /// All floors by feed.
    pub fn floors(&self) -> BTreeMap<u16, i64> {
        let floors = self.0.iter();
        floors
            .filter_map(|(feed, standing)| Some((*feed, standing.floor?)))
            .collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = (u16, &FeedStanding)> {
        self.0.iter().map(|(feed, standing)| (*feed, standing))
    }

    /// Puts what was stored of a feed.
    pub fn restore(&mut self, feed: u16, standing: FeedStanding) {
        self.0.insert(feed, standing);
    }

    /// Takes one message in landed order; what its marker comes to, where it is one.
    pub fn take(&mut self, contract: &Contract, received: &Received<'_>) -> Option<Marked> {
        if let Some(horizon) = contract.horizon {
            let periods = received
                .records
                .iter()
                .filter(|record| record.outcome.is_accepted() && !record.removal);
            let greatest = periods.filter_map(|record| record.standing).max()?;
            let standing = self.of(received.feed);
            standing.forgets = true;
            standing.raise(greatest - i64::from(horizon.months));
            return None;
        }
        let snapshot = contract.snapshot.as_ref()?;
        let batch = batch_of(received.key);
        let standing = self.of(received.feed);
        match received.records {
            [only] if only.marker.is_some() => {
                let marker = only.marker?;
                Some(standing.close(snapshot, batch, marker))
            }
            records => {
                standing.count(batch, received.digest, records);
                None
            }
        }
    }

    fn of(&mut self, feed: u16) -> &mut FeedStanding {
        self.0.entry(feed).or_default()
    }
}

/// Whether a record lives by what its feed says as a whole.
pub fn stands(standing: Option<i64>, floor: Option<i64>) -> bool {
    match (standing, floor) {
        (Some(standing), Some(floor)) => standing >= floor,
        _ => true,
    }
}

fn batch_of(key: Option<&[u8]>) -> [u8; 16] {
    let hash = blake3::hash(key.unwrap_or_default());
    *hash
        .as_bytes()
        .first_chunk()
        .expect("a BLAKE3 digest has 32 bytes")
}

/// Order just below the rows of the snapshot at the floor: that of the withdrawal of all that it does not name.
pub fn withdrawal_order(floor: i64, generation: u32) -> OrderKey {
    let parts = [floor.saturating_sub(1), i64::MAX, i64::MAX, i64::MAX];
    OrderKey::new(&parts, i64::MAX, REMOVAL_HASH, generation)
}

impl FeedStanding {
    fn raise(&mut self, floor: i64) {
        self.floor = self.floor.max(Some(floor));
    }

    fn count(&mut self, batch: [u8; 16], digest: u64, records: &[&Observation]) {
        for (place, record) in records.iter().enumerate() {
            // A row without its number belongs to no snapshot, and its own rule says so.
            let Some(sequence) = record.standing else {
                continue;
            };
            let open = self.open(sequence, batch);
            if place == 0 && open.digests.len() < DIGESTS_MAX && !open.digests.insert(digest) {
                return;
            }
            open.rows += 1;
            open.keyless += u64::from(record.key.is_none());
        }
    }

    fn open(&mut self, sequence: i64, batch: [u8; 16]) -> &mut Open {
        let place = self
            .open
            .iter()
            .position(|open| (open.sequence, open.batch) == (sequence, batch));
        let place = place.unwrap_or_else(|| {
            self.open.push(Open {
                sequence,
                batch,
                rows: 0,
                keyless: 0,
                digests: BTreeSet::new(),
            });
            self.open.sort_by_key(|open| (open.sequence, open.batch));
            let over = self.open.len().saturating_sub(OPEN_MAX);
            self.open.drain(..over);
            let found = self
                .open
                .iter()
                .position(|open| (open.sequence, open.batch) == (sequence, batch));
            found.unwrap_or(0)
        });
        self.open
            .get_mut(place)
            .expect("the snapshot was just found or added")
    }

    /// Closes a snapshot where its marker agrees with what came, and forgets the count: another marker of the same
    /// snapshot needs its rows again.
    fn close(&mut self, snapshot: &Snapshot, batch: [u8; 16], marker: Marker) -> Marked {
        let (Some(sequence), Some(rows)) = (marker.sequence, marker.rows) else {
            return Err("SNAPSHOT_HEADER");
        };
        let place = self
            .open
            .iter()
            .position(|open| (open.sequence, open.batch) == (sequence, batch));
        let counted = place.map(|place| self.open.remove(place));
        let repeated = self.floor == Some(sequence) && self.closed == Some(Closed { batch, rows });
        if counted.is_none() && repeated {
            return Ok(());
        }
        let (came, keyless) = counted.map_or((0, 0), |open| (open.rows, open.keyless));
        if came != rows {
            return Err("SNAPSHOT_ROWS");
        }
        if keyless > 0 {
            return Err("SNAPSHOT_KEYS");
        }
        if self.floor.is_some_and(|floor| sequence < floor) {
            return Ok(());
        }
        if self
            .closed
            .is_some_and(|closed| shrinks(snapshot, closed.rows, rows))
        {
            return Err("SNAPSHOT_SHRINK");
        }
        self.raise(sequence);
        self.closed = Some(Closed { batch, rows });
        Ok(())
    }
}

/// Whether the rows became fewer by more than the contract allows.
fn shrinks(snapshot: &Snapshot, before: u64, rows: u64) -> bool {
    let kept = 1_000 - u64::from(snapshot.shrink_permille_max.min(1_000));
    u128::from(rows) * 1_000 < u128::from(before) * u128::from(kept)
}

#[cfg(test)]
mod tests;
