//! What epochs owe to file tables that are copied on write: subjects whose row changed since their table was put last.
//!
//! Rows are not kept: they are made from memory when they are paid, with the stamp of the epoch that changed them, so
//! a table that is put now and then holds the rows that it would hold if it were put with every epoch. Leaves alone:
//! when that is (see `copied`).

use std::collections::BTreeMap;

use arrow::compute::concat_batches;
use arrow::record_batch::RecordBatch;
use yidang_schemas::dossier::KindIndex;
use yidang_transform::identity::Subject;
use yidang_transform::merge::Location;
use yidang_transform::project::Stamp;
use yidang_transform::project::columns::file_schema;
use yidang_transform::token::Token;

use super::Engine;

/// By kind.
#[derive(Debug, Default)]
pub struct Owed(BTreeMap<KindIndex, OwedKind>);

#[derive(Debug, Default)]
struct OwedKind {
    /// The epoch that changed the row last.
    subjects: BTreeMap<Token, Stamp>,
    /// Last epoch that concerned the table.
    epoch: i64,
}

/// Everything that one table is owed, as one change.
#[derive(Debug)]
pub struct Debt {
    /// Last epoch that concerned the table: with it the table is paid.
    pub epoch: i64,
    pub rows: Option<RecordBatch>,
    /// In the order of the rows.
    pub subjects: Vec<Subject>,
    /// Rows that end.
    pub replaced: Vec<Location>,
    /// Subjects without a live record.
    pub gone: Vec<Subject>,
}

impl Owed {
    /// Number of subjects that a table is owed.
    pub fn subjects(&self, kind: KindIndex) -> usize {
        self.0.get(&kind).map_or(0, |owed| owed.subjects.len())
    }

    /// Kinds whose table is owed something.
    pub fn kinds(&self) -> Vec<KindIndex> {
        self.0.keys().copied().collect()
    }

    fn note(&mut self, subject: Subject, stamp: Stamp) {
        let owed = self.0.entry(subject.kind).or_default();
        owed.subjects.insert(subject.token, stamp);
        owed.epoch = stamp.epoch;
    }

    fn has(&self, subject: &Subject) -> bool {
        let owed = self.0.get(&subject.kind);
        owed.is_some_and(|owed| owed.subjects.contains_key(&subject.token))
    }

    /// Takes off what a table has that stands at this epoch.
    pub(crate) fn pay(&mut self, kind: KindIndex, epoch: i64) {
        let Some(owed) = self.0.get_mut(&kind) else {
            return;
        };
        owed.subjects.retain(|_, stamp| stamp.epoch > epoch);
        if owed.epoch <= epoch {
            self.0.remove(&kind);
        }
    }

    /// The same under a catalog whose kinds have other places; a kind that it lacks is owed nothing.
    pub(super) fn moved(self, place: impl Fn(KindIndex) -> Option<KindIndex>) -> Self {
        let kinds = self.0.into_iter();
        Self(
            kinds
                .filter_map(|(kind, owed)| Some((place(kind)?, owed)))
                .collect(),
        )
    }
}

impl Engine {
    pub fn owed(&self) -> &Owed {
        &self.owed
    }

    pub(crate) fn owed_mut(&mut self) -> &mut Owed {
        &mut self.owed
    }

    /// Notes that an epoch gave these subjects a row and ended those of others, and that their table does not have it
    /// yet.
    pub(crate) fn owe(&mut self, subjects: &[Subject], gone: &[Subject], stamp: Stamp) {
        for subject in subjects {
            self.owed.note(*subject, stamp);
        }
        for subject in gone {
            let kept = self.memory.subject(subject);
            if kept.is_some_and(|kept| kept.location.is_some()) || self.owed.has(subject) {
                self.owed.note(*subject, stamp);
            } else {
                self.memory.forget_empty([*subject]);
            }
        }
    }

    /// What the table of a kind is owed; nothing where it has everything.
    pub(crate) fn debt(&self, kind: KindIndex) -> Option<Debt> {
        let owed = self.owed.0.get(&kind)?;
        let mut debt = Debt {
            epoch: owed.epoch,
            rows: None,
            subjects: Vec::new(),
            replaced: Vec::new(),
            gone: Vec::new(),
        };
        let mut by_stamp: BTreeMap<(i64, i64), Vec<Token>> = BTreeMap::new();
        for (token, stamp) in &owed.subjects {
            let (token, subject) = (
                *token,
                Subject {
                    kind,
                    token: *token,
                },
            );
            let kept = self.memory.subject(&subject);
            debt.replaced.extend(kept.and_then(|kept| kept.location));
            if kept.is_some_and(|kept| !kept.records.is_empty()) {
                let stamp = (stamp.epoch, stamp.landed_at_ms);
                by_stamp.entry(stamp).or_default().push(token);
            } else {
                debt.gone.push(subject);
            }
        }
        let mut batches = Vec::new();
        for ((epoch, landed_at_ms), tokens) in by_stamp {
            let stamp = Stamp {
                epoch,
                landed_at_ms,
            };
            batches.extend(self.project_kept(kind, &tokens, stamp));
            let subjects = tokens.into_iter().map(|token| Subject { kind, token });
            debt.subjects.extend(subjects);
        }
        if !batches.is_empty() {
            let schema = file_schema(self.projector(kind)?.dossier());
            let rows = concat_batches(&schema, &batches);
            debt.rows = Some(rows.expect("batches of one schema fit together"));
        }
        Some(debt)
    }
}
