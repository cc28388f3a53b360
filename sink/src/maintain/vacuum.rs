//! Vacuum: data and deletion-vector files that no version needs any more.
//!
//! A file goes when nothing live names it, it left the table (or, never having been part of it, was written) longer ago
//! than the retention, and its name says that its writer is done with it: an older term, or the own term and a finished
//! epoch. Leaves alone: files that somebody else named, the log, and everything that begins with `_`.

use std::collections::{BTreeMap, BTreeSet};

use yidang_schemas::fault::Fault;

use super::Maintenance;
use crate::store::{Lake, Listed};
use crate::table::Table;
use crate::{name, vector};

const HOUR_MS: i64 = 3_600_000;

/// What may go, cut loose from the table.
#[derive(Debug, Clone)]
pub struct VacuumPlan {
    lake: Lake,
    table: String,
    live: BTreeSet<String>,
    left: BTreeMap<String, i64>,
    by: Maintenance,
    retention_ms: i64,
}

/// What went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vacuumed {
    /// Relative to the table.
    pub deleted: Vec<String>,
    pub bytes: u64,
}

impl Table {
    /// A vacuum of what is older than the retention of the settings, or than another one (a forced purge).
    ///
    /// # Errors
    /// `Conflict` when fenced: only the active writer removes anything.
    pub async fn plan_vacuum(
        &mut self,
        by: &Maintenance,
        retention_hours: Option<u32>,
    ) -> Result<VacuumPlan, Fault> {
        self.follow().await?;
        if self.term() > by.term {
            return Err(crate::table::put::fenced(self.name(), self.term()));
        }
        let hours = retention_hours.unwrap_or(self.lake().settings().file_retention_hours);
        Ok(VacuumPlan {
            lake: self.lake().clone(),
            table: self.name().to_owned(),
            live: self.live_paths()?,
            left: self.tombstones().clone(),
            by: *by,
            retention_ms: i64::from(hours) * HOUR_MS,
        })
    }

    fn live_paths(&self) -> Result<BTreeSet<String>, Fault> {
        let mut live = BTreeSet::new();
        for file in self.files() {
            live.insert(file.path.clone());
            live.extend(
                file.vector
                    .as_ref()
                    .map(vector::path)
                    .transpose()?
                    .flatten(),
            );
        }
        Ok(live)
    }
}

impl VacuumPlan {
    /// Lists the table and removes what may go. Hand the result to [`Table::note_vacuum`].
    ///
    /// # Errors
    /// Of the store; what was removed before stays removed.
    pub async fn run(self) -> Result<Vacuumed, Fault> {
        let mut vacuumed = Vacuumed::default();
        let prefix = format!("{}/", self.table);
        for found in self.lake.list(&self.table).await? {
            let Some(path) = found.path.strip_prefix(&prefix) else {
                continue;
            };
            if path.starts_with(['_', '.']) || !self.may_go(path, &found) {
                continue;
            }
            self.lake.delete(&found.path).await?;
            vacuumed.bytes += found.size_bytes;
            vacuumed.deleted.push(path.to_owned());
        }
        Ok(vacuumed)
    }

    fn may_go(&self, path: &str, found: &Listed) -> bool {
        let Some(tag) = name::read(path) else {
            return false;
        };
        let is_done =
            tag.term < self.by.term || (tag.term == self.by.term && tag.epoch <= self.by.epoch);
        let since = self.left.get(path).copied().unwrap_or(found.modified_ms);
        is_done && !self.live.contains(path) && since + self.retention_ms <= self.by.now_ms
    }
}
