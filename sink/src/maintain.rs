//! Upkeep of a table: merging small files, purging deleted rows, checkpoints, cleaning the log, vacuum.
//!
//! Everything that takes long is cut loose from the table (a plan is prepared beside the epochs) and everything that
//! changes it goes through the same compare-and-swap as an epoch. Leaves alone: when it is done, which the caller
//! decides, and files that somebody else named.

pub mod checkpoint;
pub mod merge;
mod order;
pub mod plan;
pub mod vacuum;
mod weave;

#[cfg(test)]
mod tests;

pub use checkpoint::{CheckpointPlan, Checkpointed};
pub use merge::{Merge, MergeOutcome, PreparedMerge};
pub use plan::{Keep, MergePlan};
pub use vacuum::{VacuumPlan, Vacuumed};

/// Who maintains, and up to where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maintenance {
    /// The own term.
    pub term: i64,
    /// The last finished epoch.
    pub epoch: i64,
    /// The epoch of the `state` table: landed rows above it stay in files of their own.
    pub state_epoch: i64,
    /// Now, milliseconds since 1970.
    pub now_ms: i64,
}
