//! When a leader puts `state`, and before it the file tables that are copied on write.
//!
//! Leaves alone: what is in them (see `checkpoint` and `copied`).

use std::time::Instant;

use yidang_schemas::fault::Fault;

use super::super::{Worker, beside, now_ms};
use super::Lead;
use crate::checkpoint::{self, CheckpointBounds};
use crate::report::StepTimer;

impl Worker {
    pub(super) async fn checkpoint(&self, lead: &mut Lead) -> Result<(), Fault> {
        let bounds = self.checkpoint_bounds(lead);
        let epochs = lead.engine.epoch() - lead.tables.state.epoch();
        let seconds = i64::try_from(lead.checkpoint_at.elapsed().as_secs()).unwrap_or(i64::MAX);
        let due = epochs >= bounds.epochs
            || seconds >= bounds.seconds
            || lead.engine.dirty().messages >= bounds.messages
            || lead.engine.dirty().bytes >= bounds.bytes;
        if epochs == 0 || !due {
            if epochs == 0 {
                lead.checkpoint_at = Instant::now();
            }
            return Ok(());
        }
        self.checkpoint_now(lead).await
    }

    /// Tables that are copied on write are put before every checkpoint, so there the freshness that they are to have
    /// decides when; messages and bytes bound what a recovery has to do again.
    fn checkpoint_bounds(&self, lead: &Lead) -> CheckpointBounds {
        let bounds = self.settings.checkpoint;
        if lead.tables.copied().is_empty() {
            return bounds;
        }
        let seconds = self.settings.files.freshness.as_secs();
        CheckpointBounds {
            epochs: i64::MAX,
            seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
            ..bounds
        }
    }

    pub(super) async fn checkpoint_now(&self, lead: &mut Lead) -> Result<(), Fault> {
        let mut step = StepTimer::start();
        let owed = lead.engine.owed().kinds();
        let Lead {
            engine,
            tables,
            election,
            ..
        } = lead;
        // Copying large files may take longer than the group waits for a silent member.
        let put = beside(election, checkpoint::put(engine, tables, now_ms())).await;
        let (took, result) = (step.lap(), put.as_ref().map_err(|fault| fault.kind));
        self.report.commit("state", result.copied(), took);
        put?;
        lead.checkpoint_at = Instant::now();
        self.report.checkpointed(lead.engine.epoch(), took);
        self.report
            .copied(&owed, &lead.engine, &lead.tables, now_ms());
        Ok(())
    }
}
