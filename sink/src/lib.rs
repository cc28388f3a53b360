//! The lake engine: Delta tables written by our own compare-and-swap, with deletion vectors instead of MERGE.
//!
//! One active writer commits every table, epoch by epoch. What a commit costs follows the batch and never the table:
//! new rows are appended as one Parquet file, the rows that they replace are marked in deletion vectors, and one
//! conditional put of a log entry makes both visible. Terms in the log fence a writer that was overtaken.
//!
//! Leaves alone: what the rows mean, when an epoch ends, who leads. It knows `schemas` and nothing above it, and it
//! has no clock of its own where a result depends on time: instants are handed in as milliseconds since 1970 (UTC).

pub mod encode;
pub mod identity;
pub mod log;
pub mod maintain;
pub mod name;
pub mod probe;
pub mod read;
pub mod schema;
pub mod spec;
pub mod state;
pub mod store;
pub mod table;
pub mod vector;

#[cfg(test)]
mod proof;

pub use encode::{EncodedFile, FileEncoder, encode};
pub use identity::LakeIdentity;

pub use maintain::{
    CheckpointPlan, Checkpointed, Keep, Maintenance, Merge, MergeOutcome, MergePlan, PreparedMerge,
    VacuumPlan, Vacuumed,
};
pub use read::{FileBatch, LiveBatch};
pub use spec::{Deletion, TableSpec, Upkeep};
pub use state::{FileId, Foreign, ForeignEntry, Seen, TableFile};
pub use store::{Kind, Lake, LakeSettings, Listed};
pub use table::commit::{Change, Committed, Rows};
pub use table::{Summary, Table};
