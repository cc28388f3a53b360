//! Which files to merge: by size tiers, by the hour, or because too many of their rows are deleted.
//!
//! A tier holds files whose live rows lie between two powers of the fan, so eight files of one tier make at least one
//! of the next and a row is rewritten once per tier. Leaves alone: reading and writing them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};

use super::Maintenance;
use crate::read::Source;
use crate::spec::Upkeep;
use crate::state::TableFile;
use crate::table::Table;

/// Files of one tier that become one, where rows are keyed. A power of two.
const KEYED_FAN_BITS: u32 = 3;
/// The same for append-only tables.
const APPENDED_FAN_BITS: u32 = 6;
/// A keyed file is purged when more than 30 of 100 rows are deleted.
const PURGE_PERCENT: u64 = 30;
const HOUR_MS: i64 = 3_600_000;

/// True for the rows that are kept.
pub type Keep = Arc<dyn Fn(&RecordBatch) -> BooleanArray + Send + Sync>;

/// Files that are to become one, as they were when it was planned.
#[derive(Clone)]
pub struct MergePlan {
    pub(crate) source: Source,
    pub(crate) files: Vec<TableFile>,
    pub(crate) keep: Option<Keep>,
    pub(crate) by: Maintenance,
}

impl fmt::Debug for MergePlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "MergePlan({}, {} files)",
            self.source.spec.name,
            self.files.len()
        )
    }
}

impl MergePlan {
    /// Number of files that will be read.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// A rewrite of these files as they are given.
    pub(crate) fn of(source: Source, files: Vec<TableFile>, by: Maintenance) -> Self {
        Self {
            source,
            files,
            keep: None,
            by,
        }
    }

    /// Drops the rows for which the filter is false: rows that are dead by predicate.
    #[must_use]
    pub fn with_keep(mut self, keep: Keep) -> Self {
        self.keep = Some(keep);
        self
    }
}

impl Table {
    /// The next merge that is worth its bytes, if there is one.
    #[must_use]
    pub fn plan_merge(&self, by: &Maintenance) -> Option<MergePlan> {
        let files = match &self.spec().upkeep {
            Upkeep::Appended => {
                self.full_tier(APPENDED_FAN_BITS, self.lake().settings().merge_bytes)
            }
            Upkeep::Tiered { .. } => self
                .full_tier(KEYED_FAN_BITS, self.lake().settings().merge_bytes)
                .or_else(|| self.most_deleted(PURGE_PERCENT)),
            // Only a merge of all can drop every row that a later one replaced.
            Upkeep::Latest { .. } => self.full_tier(KEYED_FAN_BITS, u64::MAX),
            Upkeep::Hourly { .. } => self.closed_hour(by),
        }?;
        Some(self.planned(files, by))
    }

    /// A rewrite of rows that no reader sees any more, so that after it and a vacuum they are gone: of one file that has
    /// deleted rows at all, or of everything where only a merge of all drops what was replaced. Nothing once there is
    /// none.
    #[must_use]
    pub fn plan_purge(&self, by: &Maintenance) -> Option<MergePlan> {
        let files = match &self.spec().upkeep {
            Upkeep::Latest { .. } => {
                let own = self.files().filter(|file| !file.is_foreign);
                let all: Vec<TableFile> = own.cloned().collect();
                (all.len() > 1).then_some(all)
            }
            _ => self.most_deleted(0),
        }?;
        Some(self.planned(files, by))
    }

    fn planned(&self, files: Vec<TableFile>, by: &Maintenance) -> MergePlan {
        MergePlan::of(self.source(), files, *by)
    }

    /// Files of the lowest tier that has as many as the fan, oldest rows first.
    fn full_tier(&self, fan_bits: u32, merge_bytes: u64) -> Option<Vec<TableFile>> {
        let mut tiers: BTreeMap<(u32, Option<&str>), Vec<&TableFile>> = BTreeMap::new();
        for file in self
            .files()
            .filter(|file| !file.is_foreign && file.size_bytes < merge_bytes)
        {
            let tier = file.live_rows().max(1).ilog2() / fan_bits;
            tiers
                .entry((tier, file.partition.as_deref()))
                .or_default()
                .push(file);
        }
        tiers
            .into_values()
            .filter(|files| files.len() >= 1 << fan_bits)
            .map(|files| within(oldest_first(files), merge_bytes))
            .find(|files| files.len() >= 2)
    }

    fn most_deleted(&self, percent: u64) -> Option<Vec<TableFile>> {
        let is_due = |file: &&TableFile| file.deleted.len() * 100 > u64::from(file.rows) * percent;
        let worst = self
            .files()
            .filter(is_due)
            .max_by_key(|file| file.deleted.len())?;
        Some(vec![worst.clone()])
    }

    /// The first hour that is over, has several files, and holds no epoch that a recovery may need.
    fn closed_hour(&self, by: &Maintenance) -> Option<Vec<TableFile>> {
        let mut hours: BTreeMap<(i64, Option<&str>), Vec<&TableFile>> = BTreeMap::new();
        for file in self.files().filter(|file| !file.is_foreign) {
            let hour = file.modified_ms.div_euclid(HOUR_MS);
            hours
                .entry((hour, file.partition.as_deref()))
                .or_default()
                .push(file);
        }
        let is_settled = |file: &&TableFile| {
            file.epochs
                .is_some_and(|(_, greatest)| greatest <= by.state_epoch)
        };
        let limit = self.lake().settings().merge_bytes;
        hours
            .into_iter()
            .filter(|((hour, _), _)| (hour + 1) * HOUR_MS <= by.now_ms)
            .filter(|(_, files)| files.iter().all(is_settled))
            // A file of half the limit was merged before.
            .map(|(_, files)| {
                files
                    .into_iter()
                    .filter(|file| file.size_bytes < limit / 2)
                    .collect::<Vec<_>>()
            })
            .map(|files| within(oldest_first(files), limit))
            .find(|files| files.len() >= 2)
    }
}

fn oldest_first(mut files: Vec<&TableFile>) -> Vec<&TableFile> {
    files.sort_by_key(|file| (file.epochs, file.id));
    files
}

/// As many from the front as stay below the limit together.
fn within(files: Vec<&TableFile>, limit: u64) -> Vec<TableFile> {
    let mut bytes: u64 = 0;
    let chosen = files.into_iter().take_while(|file| {
        bytes = bytes.saturating_add(file.size_bytes);
        bytes <= limit
    });
    chosen.cloned().collect()
}
