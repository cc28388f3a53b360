//! Whose entry is it? Ours carries the writer's term; anything else was written around us.
//!
//! Leaves alone: what follows from it. An append by somebody else to an append-only table is reported, a rewrite
//! without change of rows (OPTIMIZE) is followed, everything else stops the worker.

use yidang_schemas::fault::Fault;

use super::FileId;
use crate::log::actions::{Action, MetaData};
use crate::log::{EPOCH, TERM};

/// One entry that was read after ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The entry that made the table.
    Created { version: i64 },
    /// An entry of a worker, this one or another; `epoch` is none for merges and schema changes.
    Ours {
        version: i64,
        term: i64,
        epoch: Option<i64>,
        added: Vec<FileId>,
        removed: Vec<FileId>,
    },
    /// A take-over: nothing but a term.
    Fence { version: i64, term: i64 },
    /// Somebody else's entry.
    Foreign { version: i64, what: Foreign },
}

/// What somebody else did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreign {
    /// Rows appended to an append-only table. They are skipped when records are read.
    Append { added: Vec<FileId> },
    /// The same rows in other files: locations in `removed` are void, those in `added` have to be read.
    Remap {
        added: Vec<FileId>,
        removed: Vec<FileId>,
    },
    /// Nothing that concerns rows.
    Other,
}

impl Foreign {
    /// As a metric label.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Append { .. } => "append",
            Self::Remap { .. } => "rewrite",
            Self::Other => "other",
        }
    }
}

/// An entry of somebody else that was followed, for whoever tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignEntry {
    pub version: i64,
    /// [`Foreign::name`].
    pub kind: &'static str,
}

impl Seen {
    /// The version of the entry.
    #[must_use]
    pub fn version(&self) -> i64 {
        match self {
            Self::Created { version }
            | Self::Ours { version, .. }
            | Self::Fence { version, .. }
            | Self::Foreign { version, .. } => *version,
        }
    }

    pub(super) fn note(&mut self, new: Vec<FileId>, gone: Vec<FileId>) {
        match self {
            Self::Ours { added, removed, .. }
            | Self::Foreign {
                what: Foreign::Remap { added, removed },
                ..
            } => {
                (*added, *removed) = (new, gone);
            }
            Self::Foreign {
                what: Foreign::Append { added },
                ..
            } => *added = new,
            Self::Created { .. } | Self::Fence { .. } | Self::Foreign { .. } => {}
        }
    }
}

/// # Errors
/// `Corrupt` for an entry without a term that deletes rows, changes the schema or the protocol, or appends to a table
/// that is keyed.
pub(super) fn classify(
    version: i64,
    actions: &[Action],
    current: Option<&MetaData>,
    appends_only: bool,
) -> Result<Seen, Fault> {
    if version == 0 {
        return Ok(Seen::Created { version });
    }
    let txn = |name: &str| {
        let txns = actions.iter().filter_map(|action| action.txn.as_ref());
        txns.filter(|txn| txn.app_id == name)
            .map(|txn| txn.version)
            .next_back()
    };
    if let Some(term) = txn(TERM) {
        let is_fence = actions
            .iter()
            .all(|action| action.commit_info.is_some() || action.txn.is_some());
        return Ok(match txn(EPOCH) {
            None if is_fence => Seen::Fence { version, term },
            epoch => Seen::Ours {
                version,
                term,
                epoch,
                added: Vec::new(),
                removed: Vec::new(),
            },
        });
    }
    let what = foreign(actions, current, appends_only).map_err(|what| {
        Fault::corrupt(format!(
            "entry {version} was written by somebody else and {what}"
        ))
    })?;
    Ok(Seen::Foreign { version, what })
}

fn foreign(
    actions: &[Action],
    current: Option<&MetaData>,
    appends_only: bool,
) -> Result<Foreign, &'static str> {
    if actions.iter().any(|action| action.protocol.is_some()) {
        return Err("changes the protocol");
    }
    let shape = |meta: &MetaData| (meta.schema_string.clone(), meta.partition_columns.clone());
    let mut metas = actions
        .iter()
        .filter_map(|action| action.meta_data.as_ref());
    if metas.any(|meta| Some(shape(meta)) != current.map(shape)) {
        return Err("changes the schema");
    }
    let adds: Vec<bool> = actions
        .iter()
        .filter_map(|action| Some(action.add.as_ref()?.data_change))
        .collect();
    let removes: Vec<bool> = actions
        .iter()
        .filter_map(|action| Some(action.remove.as_ref()?.data_change))
        .collect();
    if adds.is_empty() && removes.is_empty() {
        return Ok(Foreign::Other);
    }
    if adds.iter().chain(&removes).all(|changes| !changes) {
        return Ok(Foreign::Remap {
            added: Vec::new(),
            removed: Vec::new(),
        });
    }
    match (removes.is_empty(), appends_only) {
        (true, true) => Ok(Foreign::Append { added: Vec::new() }),
        (true, false) => Err("appends rows to a keyed table"),
        (false, _) => Err("removes rows"),
    }
}
