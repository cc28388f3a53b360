//! Checkpoints: what changed since the last one, as rows of `state`, with the epoch that they stand for.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use yidang_schemas::fault::Fault;
use yidang_sink::Change;

use crate::copied;
use crate::engine::{Engine, stored};
use crate::lake::Tables;
use crate::tables::state::{self, Meta, MetaLane, StateEntry, StateRow};

/// When a checkpoint is due: whichever bound is met first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointBounds {
    pub epochs: i64,
    pub seconds: i64,
    pub messages: u64,
    /// Bytes of the messages: what one put, and a recovery, may have to hold.
    pub bytes: u64,
}

impl Default for CheckpointBounds {
    fn default() -> Self {
        Self {
            epochs: 16,
            seconds: 30,
            messages: 200_000,
            bytes: 256 << 20,
        }
    }
}

/// Rows of everything that changed, then the meta row.
pub fn rows(engine: &Engine, table_epochs: BTreeMap<String, i64>) -> RecordBatch {
    let (epoch, catalog) = (engine.epoch(), engine.catalog());
    let generation = catalog.bundle.generation;
    let dirty = engine.dirty();
    let row = |entry, key, payload| StateRow {
        entry,
        key,
        epoch,
        generation,
        payload,
    };
    let mut rows: Vec<StateRow> =
        Vec::with_capacity(dirty.records.len() + dirty.feedback.len() + 1);
    for id in &dirty.records {
        let kept = engine
            .memory()
            .packed(id)
            .expect("a record that changed is kept");
        rows.push(row(
            StateEntry::Record,
            stored::record_key(catalog, id),
            kept.as_bytes().to_vec(),
        ));
    }
    for (key, value) in &dirty.feedback {
        rows.push(row(StateEntry::Feedback, key.clone(), value.clone()));
    }
    let meta =
        serde_json::to_vec(&meta(engine, table_epochs)).expect("a meta row is texts and numbers");
    rows.push(row(StateEntry::Meta, b"meta".to_vec(), meta));
    state::batch(&rows)
}

fn meta(engine: &Engine, tables: BTreeMap<String, i64>) -> Meta {
    let catalog = engine.catalog();
    let lane = |(lane, kept): (&crate::epoch::Lane, &crate::epoch::LaneState)| {
        let feed = catalog.feeds.get(usize::from(lane.feed))?;
        Some(MetaLane {
            feed: feed.id.clone(),
            incarnation: lane.incarnation,
            partition: lane.partition,
            last_offset: kept.last_offset,
            last_digest: kept.last_digest,
            last_timestamp_ms: kept.last_timestamp_ms,
        })
    };
    let standings = engine
        .memory()
        .standings()
        .iter()
        .filter_map(|(feed, standing)| {
            let feed = catalog.feeds.get(usize::from(feed))?;
            Some((feed.id.clone(), standing.clone()))
        });
    Meta {
        epoch: engine.epoch(),
        generation: catalog.bundle.generation,
        bundles: BTreeMap::from([(catalog.bundle.generation, catalog.bundle.hash.clone())]),
        tables,
        lanes: engine.lanes().iter().filter_map(lane).collect(),
        standings: standings.collect(),
    }
}

/// Step 12: puts the checkpoint of the engine's epoch, and before it what file tables are owed: state never stands
/// above them. An epoch that has one is left alone.
pub async fn put(engine: &mut Engine, tables: &mut Tables, at_ms: i64) -> Result<(), Fault> {
    if tables.state.epoch() >= engine.epoch() {
        return Ok(());
    }
    copied::put(engine, tables, at_ms).await?;
    let epochs = tables.all().filter(|table| table.name() != "state");
    let epochs = epochs
        .map(|table| (table.name().to_owned(), table.epoch()))
        .collect();
    let rows = rows(engine, epochs);
    let change = Change::new(tables.term, engine.epoch(), at_ms).with_batch(rows);
    tables.state.commit(change).await?;
    engine.checkpointed();
    Ok(())
}
