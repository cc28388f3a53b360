//! Checkpoints and cleaning of the log, both by the Delta library, beside the epochs.
//!
//! Leaves alone: the table in memory, but for the number of the last checkpoint. A checkpoint is only a shorter way to
//! read the same log, so it may be made twice and at any version.

use deltalake::checkpoints::{cleanup_expired_logs_for, create_checkpoint};
use deltalake::{DeltaTable, DeltaTableBuilder};
use yidang_schemas::fault::Fault;

use crate::store::Lake;
use crate::table::Table;

const HOUR_MS: i64 = 3_600_000;

/// A checkpoint to be made, cut loose from the table.
#[derive(Debug, Clone)]
pub struct CheckpointPlan {
    lake: Lake,
    table: String,
    now_ms: i64,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpointed {
    pub version: i64,
    pub bytes: u64,
    /// Log files that were removed.
    pub cleaned: u64,
}

impl Table {
    /// A checkpoint, when enough entries came since the last one.
    #[must_use]
    pub fn plan_checkpoint(&self, now_ms: i64) -> Option<CheckpointPlan> {
        let due = self.lake().settings().checkpoint_entries;
        (self.snapshot_summary().log_entries > due).then(|| self.checkpoint_now(now_ms))
    }

    /// A checkpoint in any case.
    #[must_use]
    pub fn checkpoint_now(&self, now_ms: i64) -> CheckpointPlan {
        CheckpointPlan {
            lake: self.lake().clone(),
            table: self.name().to_owned(),
            now_ms,
        }
    }
}

impl CheckpointPlan {
    /// Makes the checkpoint at the newest version and removes log files that are older than the retention and than a
    /// checkpoint. Hand the result to [`Table::note_checkpoint`].
    ///
    /// # Errors
    /// `Unavailable`, with what the library says.
    pub async fn run(self) -> Result<Checkpointed, Fault> {
        // The library blocks its thread while it writes.
        let handle = tokio::runtime::Handle::current();
        let plan = self.clone();
        let made = tokio::task::spawn_blocking(move || handle.block_on(plan.make())).await;
        let (version, cleaned) = made
            .map_err(|error| self.fault(error))?
            .map_err(|error| self.fault(error))?;
        let path = self.path(u64::try_from(version).unwrap_or(0));
        let bytes = self.lake.size(&path).await?.unwrap_or(0);
        self.lake.counters().put(
            crate::Kind::Checkpoint,
            usize::try_from(bytes).unwrap_or(usize::MAX),
        );
        Ok(Checkpointed {
            version,
            bytes,
            cleaned,
        })
    }

    fn path(&self, version: u64) -> String {
        format!("{}/_delta_log/{version:020}.checkpoint.parquet", self.table)
    }

    fn fault(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
        Fault::unavailable(
            format!("making a checkpoint of table {}", self.table),
            error,
        )
    }

    async fn make(self) -> Result<(i64, u64), Box<dyn std::error::Error + Send + Sync>> {
        let url = self.lake.table_url(&self.table)?;
        let builder = DeltaTableBuilder::from_url(url.clone())?;
        let table: DeltaTable = builder
            .with_storage_backend(self.lake.root_store(), url)
            .load()
            .await?;
        create_checkpoint(&table, None).await?;
        let version = table.snapshot()?.version();
        // The entries that it stands for go next: on a local lake it is on the disk before.
        self.lake.make_durable(&self.path(version)).await?;
        let retention = i64::from(self.lake.settings().log_retention_hours) * HOUR_MS;
        let log_store = table.log_store();
        let cleaned =
            cleanup_expired_logs_for(version, log_store.as_ref(), self.now_ms - retention, None)
                .await?;
        Ok((i64::try_from(version)?, cleaned as u64))
    }
}
