//! Where rows stand after an epoch is put: what the engine is told.
//!
//! Leaves alone: the puts themselves, and rows that a merge moves (see `maintain`).

use yidang_feedback::identity::IssueId;
use yidang_sink::{Deletion, FileId};
use yidang_transform::identity::Subject;
use yidang_transform::merge::Location;
use yidang_transform::project::Stamp;

use super::Tables;
use crate::engine::{Engine, Plan};

/// Files that an epoch gave to the keyed tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    pub issue: Option<FileId>,
    /// By kind.
    pub files: Vec<Option<FileId>>,
}

/// Rows that moved, or that a table is owed.
#[derive(Debug)]
pub struct Moves {
    stamp: Stamp,
    kinds: Vec<KindMoves>,
    issues: Vec<IssueId>,
}

#[derive(Debug)]
struct KindMoves {
    /// In the order of the new rows.
    subjects: Vec<Subject>,
    gone: Vec<Subject>,
    /// The table is put later: nothing moves now.
    is_owed: bool,
}

impl Moves {
    pub fn of(plan: &Plan, tables: &Tables) -> Self {
        let kinds = plan.files.iter().enumerate().map(|(kind, file)| KindMoves {
            subjects: file.subjects.clone(),
            gone: file.gone.clone(),
            is_owed: is_copied(tables, kind),
        });
        Self {
            stamp: Stamp {
                epoch: plan.input.epoch,
                landed_at_ms: plan.input.landed_at_ms,
            },
            kinds: kinds.collect(),
            issues: plan.issue.issues.clone(),
        }
    }

    /// Tells the engine where rows stand now, and what tables are owed. A table that was left alone gives no file and
    /// moves nothing.
    pub fn tell(self, engine: &mut Engine, derived: &Derived, wrote: impl Fn(usize) -> bool) {
        self.owe(engine);
        for (kind, moves) in self.kinds.into_iter().enumerate() {
            if moves.is_owed {
                continue;
            }
            if let Some(file) = derived.files.get(kind).copied().flatten() {
                for (row, subject) in moves.subjects.into_iter().enumerate() {
                    engine.locate(subject, Some(location(file, row)));
                }
            }
            if wrote(kind) {
                for subject in moves.gone {
                    engine.locate(subject, None);
                }
            }
        }
        if let Some(file) = derived.issue {
            for (row, issue) in self.issues.into_iter().enumerate() {
                engine.locate_issue(issue, location(file, row));
            }
        }
    }

    /// Tells the engine only what tables are owed that are put later.
    pub fn owe(&self, engine: &mut Engine) {
        for moves in self.kinds.iter().filter(|moves| moves.is_owed) {
            engine.owe(&moves.subjects, &moves.gone, self.stamp);
        }
    }
}

/// Whether the file table of a kind is put now and then instead of with every epoch.
pub(crate) fn is_copied(tables: &Tables, kind: usize) -> bool {
    let table = tables.files.get(kind);
    table.is_some_and(|table| table.spec().deletion == Deletion::Copies)
}

pub(crate) fn location(file: FileId, row: usize) -> Location {
    Location {
        file: file.0,
        row: u32::try_from(row).expect("a file has fewer rows than 2^32"),
    }
}
