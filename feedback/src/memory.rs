//! All issues, in memory.
//!
//! The memory is a cache of `state`: it is read by the fold and changed only by [`IssueMemory::apply`], after the
//! epoch is landed. Leaves alone: what a verdict does to an issue (`fold`).

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::rule::Severity;
use yidang_transform::record::RecordId;

use crate::correction::{self, WaitingList};
use crate::fold::FoldedIssues;
use crate::identity::IssueId;
use crate::issue::{IssueState, Status};
use crate::note::{self, KeyNote};

#[cfg(test)]
mod tests;

const ISSUE_KEY: u8 = b'i';
const NOTE_KEY: u8 = b'n';

/// How many issues of one agency have one severity and status.
pub type Counts = BTreeMap<(Arc<str>, Severity, Status), u64>;

/// One row for the table `state`: the row of greatest epoch per key counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    pub key: Vec<u8>,
    pub value: Vec<u8>,
}

/// A row of `state` that cannot be read. It names the kind of row, never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadableRow(pub &'static str);

/// Issues, corrections that wait for theirs, and notes.
#[derive(Debug, Default)]
pub struct IssueMemory {
    issues: BTreeMap<IssueId, IssueState>,
    by_record: HashMap<RecordId, Vec<IssueId>>,
    waiting: BTreeMap<IssueId, WaitingList>,
    notes: HashMap<RecordId, KeyNote>,
    counts: Counts,
}

impl IssueMemory {
    pub fn len(&self) -> usize {
        self.issues.len()
    }

    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    pub fn issue(&self, id: &IssueId) -> Option<&IssueState> {
        self.issues.get(id)
    }

    /// All issues in id order.
    pub fn iter(&self) -> impl Iterator<Item = &IssueState> {
        self.issues.values()
    }

    /// Whether any issue, open or not, is about this record. Records of other keys that fail nothing need no verdict.
    pub fn concerns(&self, record: &RecordId) -> bool {
        self.by_record.contains_key(record)
    }

    /// Records of one feed that any issue is about, in no order.
    pub fn records_of(&self, feed: u16) -> impl Iterator<Item = &RecordId> {
        self.by_record.keys().filter(move |id| id.feed == feed)
    }

    /// Issues about a record, in id order.
    pub fn issues_of(&self, record: &RecordId) -> &[IssueId] {
        self.by_record.get(record).map_or(&[], Vec::as_slice)
    }

    pub fn note(&self, record: &RecordId) -> Option<&KeyNote> {
        self.notes.get(record)
    }

    pub fn waiting(&self, id: &IssueId) -> Option<&WaitingList> {
        self.waiting.get(id)
    }

    /// Issue ids that corrections wait for.
    pub fn waiting_len(&self) -> usize {
        self.waiting.len()
    }

    /// Issues by agency, severity and status; none of them 0.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Everything that is kept as rows of `state`, sorted by key: what a checkpoint under another bundle writes.
    pub fn state_rows(&self, catalog: &Catalog) -> Vec<StateRow> {
        let all = FoldedIssues {
            issues: self.issues.clone(),
            waiting: self.waiting.clone(),
            notes: self
                .notes
                .iter()
                .map(|(record, note)| (*record, note.clone()))
                .collect(),
            ..FoldedIssues::default()
        };
        all.state_rows(catalog)
    }

    /// Takes over what a landed epoch changed.
    pub fn apply(&mut self, folded: FoldedIssues, catalog: &Catalog) {
        for (id, list) in folded.waiting {
            self.waiting.insert(id, list);
        }
        for (record, note) in folded.notes {
            self.notes.insert(record, note);
        }
        for state in folded.issues.into_values() {
            self.put(state, catalog);
        }
    }

    /// Puts one row of `state` back, as [`FoldedIssues::state_rows`] made it. Rows of a feed that the catalog no
    /// longer has are kept as issues, but no record can reach them.
    pub fn restore(&mut self, row: &StateRow, catalog: &Catalog) -> Result<(), UnreadableRow> {
        let StateRow { key, value } = row;
        match (key.split_first(), value.get(1)) {
            (Some((&NOTE_KEY, rest)), _) => {
                let note = KeyNote::decode(value).ok_or(UnreadableRow("note"))?;
                let (feed, hash) = rest
                    .split_last_chunk::<16>()
                    .ok_or(UnreadableRow("note key"))?;
                let feed = std::str::from_utf8(feed)
                    .ok()
                    .and_then(|feed| catalog.feed_of_id(feed));
                if let Some(feed) = feed {
                    self.notes.insert(
                        RecordId {
                            feed,
                            key_hash: *hash,
                        },
                        note,
                    );
                }
            }
            (Some((&ISSUE_KEY, rest)), Some(&correction::KIND)) => {
                let id = <[u8; 16]>::try_from(rest)
                    .ok()
                    .ok_or(UnreadableRow("issue key"))?;
                let list = WaitingList::decode(value).ok_or(UnreadableRow("correction"))?;
                self.waiting.insert(IssueId(id), list);
            }
            (Some((&ISSUE_KEY, _)), _) => {
                let state = IssueState::decode(value).ok_or(UnreadableRow("issue"))?;
                self.put(state, catalog);
            }
            _ => return Err(UnreadableRow("row of an unknown kind")),
        }
        Ok(())
    }

    fn put(&mut self, state: IssueState, catalog: &Catalog) {
        self.waiting.remove(&state.id);
        let record = state.key_hash.zip(catalog.feed_of_id(&state.feed));
        if let Some((key_hash, feed)) = record {
            let ids = self
                .by_record
                .entry(RecordId { feed, key_hash })
                .or_default();
            if let Err(place) = ids.binary_search(&state.id) {
                ids.insert(place, state.id);
            }
        }
        *self.counts.entry(counted(&state)).or_default() += 1;
        if let Some(before) = self.issues.insert(state.id, state) {
            let key = counted(&before);
            let left = self.counts.get_mut(&key).map(|count| {
                *count -= 1;
                *count
            });
            if left == Some(0) {
                self.counts.remove(&key);
            }
        }
    }
}

fn counted(state: &IssueState) -> (Arc<str>, Severity, Status) {
    (Arc::clone(&state.agency), state.severity, state.status)
}

impl FoldedIssues {
    /// Every changed row for `state`, sorted by key. A correction's row is replaced by its issue's once that is known.
    pub fn state_rows(&self, catalog: &Catalog) -> Vec<StateRow> {
        let mut rows = Vec::new();
        for (id, list) in &self.waiting {
            if !self.issues.contains_key(id) {
                rows.push(StateRow {
                    key: issue_key(*id),
                    value: list.encode(),
                });
            }
        }
        let issues = self.issues.iter();
        rows.extend(issues.map(|(id, state)| StateRow {
            key: issue_key(*id),
            value: state.encode(),
        }));
        for (record, note) in &self.notes {
            if let Some(key) = note_key(record, catalog) {
                rows.push(StateRow {
                    key,
                    value: note.encode(),
                });
            }
        }
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        rows
    }
}

fn issue_key(id: IssueId) -> Vec<u8> {
    let mut key = vec![ISSUE_KEY];
    key.extend_from_slice(&id.0);
    key
}

fn note_key(record: &RecordId, catalog: &Catalog) -> Option<Vec<u8>> {
    debug_assert_eq!(NOTE_KEY, note::KIND, "key and value name the same kind");
    let mut key = vec![NOTE_KEY];
    key.extend_from_slice(catalog.feed(record.feed)?.id.as_bytes());
    key.extend_from_slice(&record.key_hash);
    Some(key)
}
