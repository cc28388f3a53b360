//! Forced purge: rows that ended leave the store at once instead of with the next merge and vacuum.
//!
//! Files with ended rows are written anew without them, and every file that no reader of the newest version needs is
//! removed. The lead is taken first: a worker that still runs is fenced before anything is touched. Leaves alone: rows
//! that live, `landing` and the observations with them, and tables that a rebuild put aside; and the logs, which hold no
//! personal value and end in their own time: a worker that was paused has to find in them that it was overtaken.

use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::{Lake, Maintenance, MergeOutcome, Table};

use crate::lake::Tables;

/// The store's clock may be ahead of ours, and files of this very purge are to go as well.
const AHEAD_MS: i64 = 86_400_000;

/// What a purge did to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purged {
    pub table: String,
    pub version: i64,
    /// Data files that were written anew.
    pub rewritten: u64,
    /// Rows that nobody saw any more and that are gone.
    pub rows: u64,
    /// Data and vector files that were removed, and their bytes.
    pub files: u64,
    pub bytes: u64,
}

/// Purges every table of a lake. `told` hears of each when it is done.
///
/// # Errors
/// `Invalid` where there is no lake, `Conflict` where a worker leads, or died before it put a checkpoint, `Unavailable` from the store.
/// What was purged before stays so.
pub async fn purge(
    lake: &Lake,
    catalog: &Catalog,
    at_ms: i64,
    mut told: impl FnMut(&Purged),
) -> Result<Vec<Purged>, Fault> {
    let mut tables = Tables::open_existing(lake, catalog)
        .await?
        .ok_or_else(|| Fault::invalid(format!("purge lake {}: it has no tables", lake.uri())))?;
    check_settled(&tables)?;
    let term = tables.fence(at_ms).await?;
    check_settled(&tables)?;
    let by = Maintenance {
        term,
        epoch: tables.landing.epoch(),
        state_epoch: tables.state.epoch(),
        now_ms: at_ms,
    };
    let mut all = Vec::new();
    for table in tables.all_mut() {
        let purged = purge_table(table, &by).await?;
        told(&purged);
        all.push(purged);
    }
    Ok(all)
}

/// What was landed above the checkpoint may end rows that no table has ended yet: they would outlive the purge.
fn check_settled(tables: &Tables) -> Result<(), Fault> {
    let (landed, state) = (tables.landing.epoch(), tables.state.epoch());
    if state >= landed {
        return Ok(());
    }
    Err(Fault::conflict(format!(
        "purge lake {}: epochs {} to {landed} are landed and not in every table yet",
        tables.lake.uri(),
        state + 1
    )))
}

async fn purge_table(table: &mut Table, by: &Maintenance) -> Result<Purged, Fault> {
    let before = physical_rows(table);
    let mut rewritten = 0;
    while let Some(plan) = table.plan_purge(by) {
        let files = plan.files() as u64;
        match table.merge(plan).await? {
            MergeOutcome::Done(_) => rewritten += files,
            MergeOutcome::NotNow => {
                return Err(Fault::conflict(format!(
                    "purge table {}: another worker changed it meanwhile",
                    table.name()
                )));
            }
        }
    }
    let later = Maintenance {
        now_ms: by.now_ms + AHEAD_MS,
        ..*by
    };
    let vacuumed = table.plan_vacuum(&later, Some(0)).await?.run().await?;
    table.note_vacuum(&vacuumed);
    Ok(Purged {
        table: table.name().to_owned(),
        version: table.version(),
        rewritten,
        rows: before.saturating_sub(physical_rows(table)),
        files: vacuumed.deleted.len() as u64,
        bytes: vacuumed.bytes,
    })
}

fn physical_rows(table: &Table) -> u64 {
    table.files().map(|file| u64::from(file.rows)).sum()
}
