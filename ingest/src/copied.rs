//! Paying file tables that are copied on write what epochs owe them: each in one commit.
//!
//! The cost follows the files that are touched, so it is done on a timer, and always before `state` is put: on the way
//! back from a crash everything that a table may be owed is landed above the checkpoint. Leaves alone: tables with
//! deletion vectors, which have every epoch when it ends.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use yidang_schemas::fault::{Fault, FaultKind};
use yidang_sink::{Change, FileId};
use yidang_transform::merge::Location;

use crate::engine::Engine;
use crate::engine::owed::Debt;
use crate::lake::{Tables, location};
use crate::maintain::relocate;

/// Puts every file table that is owed something, at the instant `at_ms` of the clock.
///
/// # Errors
/// As [`yidang_sink::Table::commit`], but `Conflict` where the store was out of reach: whether an entry arrived is known
/// only to the log, and trying again with what was owed since would put its rows twice. What was put before stays.
pub async fn put(engine: &mut Engine, tables: &mut Tables, at_ms: i64) -> Result<(), Fault> {
    for place in 0..tables.files.len() {
        let kind = u8::try_from(place).expect("a catalog has fewer kinds than 255");
        if let Some(debt) = engine.debt(kind) {
            pay(engine, tables, place, debt, at_ms)
                .await
                .map_err(given_up)?;
            engine.owed_mut().pay(kind, i64::MAX);
        }
    }
    Ok(())
}

fn given_up(fault: Fault) -> Fault {
    if fault.kind != FaultKind::Unavailable {
        return fault;
    }
    Fault::conflict("put file tables: the store was out of reach; recover from the logs")
        .with_source(fault)
}

async fn pay(
    engine: &mut Engine,
    tables: &mut Tables,
    place: usize,
    debt: Debt,
    at_ms: i64,
) -> Result<(), Fault> {
    let mut change = Change::new(tables.term, debt.epoch, at_ms);
    change.deletes = by_file(&debt.replaced);
    if let Some(rows) = debt.rows {
        change = change.with_batch(rows);
    }
    let Some(table) = tables.files.get_mut(place) else {
        return Ok(());
    };
    let name = table.name().to_owned();
    let committed = table.commit(change).await?;
    for copy in &committed.copies {
        relocate(tables, engine, &name, copy);
    }
    if let Some(file) = committed.file {
        for (row, subject) in debt.subjects.into_iter().enumerate() {
            engine.locate(subject, Some(location(file, row)));
        }
    }
    for subject in debt.gone {
        engine.locate(subject, None);
    }
    Ok(())
}

/// Rows that end, by the file in which they lie.
pub(crate) fn by_file(replaced: &[Location]) -> Vec<(FileId, RoaringBitmap)> {
    let mut deletes: BTreeMap<FileId, RoaringBitmap> = BTreeMap::new();
    for location in replaced {
        let rows = deletes.entry(FileId(location.file)).or_default();
        rows.insert(location.row);
    }
    deletes.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_put_of_which_nobody_knows_is_left_to_a_recovery() {
        let fault = given_up(Fault::unavailable("put the entry", "no answer"));
        assert_eq!(fault.kind, FaultKind::Conflict);
        assert!(fault.chain().contains("no answer"), "{fault}");
        let fenced = given_up(Fault::conflict("fenced by term 2"));
        assert_eq!(fenced.doing, "fenced by term 2");
    }
}
