//! Which rows of `state` a merge leaves out: records beyond the horizon of their feed.
//!
//! Asked by the floors of the last checkpoint, so that whoever recovers from it knows them as well. Leaves alone: memory,
//! which forgets with the epoch that raises a floor.

use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::record_batch::RecordBatch;
use yidang_schemas::catalog::Catalog;
use yidang_sink::Keep;
use yidang_transform::record::packed;
use yidang_transform::standing::Standings;

use crate::engine::Engine;
use crate::engine::stored::read_record_key;
use crate::tables::state::{self, StateEntry, StateRow};

/// What a merge of `state` keeps; nothing where no feed forgets.
pub fn keep(engine: &Engine) -> Option<Keep> {
    let mut standings = engine.settled().iter();
    if !standings.any(|(_, standing)| standing.forgets) {
        return None;
    }
    let (catalog, settled) = (Arc::clone(engine.catalog()), engine.settled().clone());
    Some(Arc::new(move |batch: &RecordBatch| {
        kept(&catalog, &settled, batch)
    }))
}

/// True for rows that stay. A batch that cannot be read stays whole: whoever loads it says what is wrong.
fn kept(catalog: &Catalog, settled: &Standings, batch: &RecordBatch) -> BooleanArray {
    match state::read(batch) {
        Ok(rows) => rows
            .iter()
            .map(|row| Some(stays(catalog, settled, row)))
            .collect(),
        Err(_) => BooleanArray::from(vec![true; batch.num_rows()]),
    }
}

fn stays(catalog: &Catalog, settled: &Standings, row: &StateRow) -> bool {
    let id = read_record_key(catalog, &row.key).filter(|_| row.entry == StateEntry::Record);
    let Some(id) = id.filter(|id| settled.forgets(id.feed)) else {
        return true;
    };
    let state = packed::read(&row.payload, id.feed);
    state.is_none_or(|state| state.stands(settled.floor(id.feed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_stays() {
        let catalog = Catalog::embedded().expect("the embedded catalog is sound");
        let row = StateRow {
            entry: StateEntry::Record,
            key: vec![1, 2, 3],
            epoch: 1,
            generation: 1,
            payload: vec![9],
        };
        let kept = kept(&catalog, &Standings::default(), &state::batch(&[row]));
        assert!(kept.len() == 1 && kept.value(0));
    }
}
