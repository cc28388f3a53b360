//! The list of assistance, month after month: complete lists with the marker that closes each, and lists that no marker
//! can close.

use std::sync::Arc;

use super::{LEAST, Teller};
use crate::calendar::DAY_MS;
use crate::defect::KeyState;
use crate::sheet::seeds::{self, Damage, How, Seeded};
use crate::sheet::{Marker, Sheet, Snapshot, Statement};

/// Days between two lists.
const MONTH_MS: i64 = 30 * DAY_MS;
/// Rows of one message.
const ROWS: usize = 24;
/// Lists per 10,000 records of the registers, by their rows.
const SHARE: u64 = 25;

/// What becomes of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Closes,
    /// Some of its rows have no readable key.
    WithoutKeys,
    /// The marker says more rows than came.
    RowsMissing,
    /// So few rows that nobody believes it.
    Shrunk,
}

const LISTS: [Ending; 9] = [
    Ending::Closes,
    Ending::Closes,
    Ending::WithoutKeys,
    Ending::Closes,
    Ending::RowsMissing,
    Ending::Closes,
    Ending::Shrunk,
    Ending::Closes,
    Ending::Closes,
];

/// One row of a list.
#[derive(Clone)]
struct Entry {
    /// What it would state if nothing were wrong.
    right: Arc<dyn Statement>,
    statement: Arc<dyn Statement>,
    seeded: Option<&'static Seeded>,
}

impl Teller<'_> {
    pub(super) fn tell_snapshots(&mut self) {
        // A small city has few people: a list of more rows would name somebody twice.
        let people = self.setting.citizens.len() as u64 / 10;
        let listed = 60 + (self.setting.records * SHARE / 10_000).min(people);
        let first_ms = self.setting.last_ms - 10 * MONTH_MS;
        let mut list: Vec<Arc<dyn Statement>> =
            (0..listed).map(|_| self.unlisted(first_ms)).collect();
        for (place, ending) in LISTS.into_iter().enumerate() {
            let number = 601 + place as u64;
            let at_ms = first_ms + MONTH_MS * i64::try_from(place).unwrap_or(0);
            self.renew(&mut list, at_ms);
            let told: Vec<Entry> = list
                .iter()
                .take(if ending == Ending::Shrunk {
                    list.len() / 2
                } else {
                    list.len()
                })
                .map(|statement| Entry {
                    right: Arc::clone(statement),
                    statement: Arc::clone(statement),
                    seeded: None,
                })
                .collect();
            let seeds = self.seeds_of_list(place, ending, at_ms);
            let corrected: Vec<Arc<dyn Statement>> = seeds
                .iter()
                .step_by(2)
                .map(|entry| Arc::clone(&entry.right))
                .collect();
            self.tell_list(number, told, seeds, ending, at_ms);
            // Every second row with a defect is there again in the next list, put right.
            list.extend(corrected);
        }
    }

    /// A statement about somebody who gets this assistance in no other row.
    fn unlisted(&mut self, at_ms: i64) -> Arc<dyn Statement> {
        let mut statement = self.first(at_ms);
        for _ in 0..1_000 {
            if self.listed.insert(statement.key()) {
                break;
            }
            statement = self.first(at_ms);
        }
        statement
    }

    /// Some leave the list, some come, some end.
    fn renew(&mut self, list: &mut Vec<Arc<dyn Statement>>, at_ms: i64) {
        self.date(at_ms);
        for slot in list.iter_mut() {
            *slot = slot.changed(&mut self.draw);
        }
        for _ in 0..3 {
            let place = self.draw.random.place(list.len());
            list.swap_remove(place);
            let newcomer = self.unlisted(at_ms);
            list.push(newcomer);
        }
    }

    /// The defects of a list: those without a key all in the one list that they spoil, the others dealt out.
    fn seeds_of_list(&mut self, place: usize, ending: Ending, at_ms: i64) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (number, seeded) in seeds::of(self.feed).iter().enumerate() {
            let keyless = seeded.key_state(self.feed) == KeyState::Absent;
            let dealt = match (keyless, ending) {
                (true, _) => ending == Ending::WithoutKeys,
                (false, Ending::Closes) => number % 2 == place % 2 || place + 1 == LISTS.len(),
                (false, _) => false,
            };
            let turns = match (dealt, keyless) {
                (false, _) => 0,
                (true, true) => LEAST + self.setting.rounds,
                (true, false) => 1 + self.setting.rounds / 3,
            };
            for _ in 0..turns {
                let right = self.unlisted(at_ms);
                let statement = match &seeded.how {
                    How::Twists(twist) => right.twisted(*twist),
                    _ => Arc::clone(&right),
                };
                entries.push(Entry {
                    right,
                    statement,
                    seeded: Some(seeded),
                });
            }
        }
        entries
    }

    fn tell_list(
        &mut self,
        number: u64,
        told: Vec<Entry>,
        seeds: Vec<Entry>,
        ending: Ending,
        at_ms: i64,
    ) {
        let spoils = |entry: &Entry| {
            matches!(
                entry.seeded.map(|seeded| &seeded.how),
                Some(How::Damages(_))
            )
        };
        let (alone, rows): (Vec<Entry>, Vec<Entry>) =
            told.into_iter().chain(seeds).partition(spoils);
        let mut counted = 0;
        let mut messages: Vec<&[Entry]> = rows.chunks(ROWS).collect();
        messages.extend(alone.chunks(1));
        for (place, message) in messages.into_iter().enumerate() {
            let without = |entry: &Entry| {
                matches!(
                    entry.seeded.map(|seeded| &seeded.how),
                    Some(How::Damages(Damage::WithoutSequence))
                )
            };
            // A row without its number belongs to no list.
            counted += message.iter().filter(|entry| !without(entry)).count() as u64;
            let again = place == 1 && ending == Ending::Closes;
            self.tell_rows(
                number,
                message,
                at_ms + 60_000 * i64::try_from(place).unwrap_or(0),
                again,
            );
        }
        let rows = match ending {
            Ending::RowsMissing => counted + 7,
            _ => counted,
        };
        let refused = match ending {
            Ending::Closes => None,
            Ending::WithoutKeys => Some("list_with_rows_without_keys"),
            Ending::RowsMissing => Some("list_with_rows_missing"),
            Ending::Shrunk => Some("list_shrunk"),
        };
        self.tell_marker(number, Marker { rows, refused }, at_ms + DAY_MS / 2);
    }

    fn tell_rows(&mut self, number: u64, entries: &[Entry], at_ms: i64, again: bool) {
        self.files += 1;
        let mut times: Option<(i64, i64)> = None;
        for entry in entries {
            let told = self.tell(
                Sheet {
                    statement: Arc::clone(&entry.statement),
                    seeded: entry.seeded,
                    file: Some(self.files),
                    snapshot: Some(Snapshot {
                        number,
                        marker: None,
                    }),
                },
                at_ms,
            );
            let record = self.record(told);
            let (produced_ms, arrival_ms) = *times.get_or_insert((at_ms + 5_000, at_ms + 5_000));
            (record.produced_ms, record.arrival_ms) = (produced_ms, arrival_ms);
            record.duplicate = again;
        }
    }

    /// The message that closes a list; it carries no row, and the statement stands there for its feed.
    fn tell_marker(&mut self, number: u64, marker: Marker, at_ms: i64) {
        self.files += 1;
        let statement = self.first(at_ms);
        let told = self.tell(
            Sheet {
                statement,
                seeded: None,
                file: Some(self.files),
                snapshot: Some(Snapshot {
                    number,
                    marker: Some(marker),
                }),
            },
            at_ms,
        );
        let story = match marker.refused {
            None => "list_closed",
            Some(_) => "list_that_nobody_believes",
        };
        self.mark(told, story);
    }
}
