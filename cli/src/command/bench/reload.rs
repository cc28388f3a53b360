//! Starting on a lake that is there: how long it takes, and what the state weighs in memory.

use std::time::Instant;

use serde_json::{Value, json};
use yidang_ingest::engine::EngineSettings;
use yidang_ingest::lake::Tables;
use yidang_ingest::recover::{Access, recover};

use super::machine::{cpu_seconds, resident_bytes, resident_bytes_peak};
use crate::exit::Failure;
use crate::lake::OpenedLake;

/// Loads the lake as a worker does when it starts, writing nothing.
pub async fn measure(opened: OpenedLake) -> Result<Value, Failure> {
    let (memory_before, cpu_before, started) = (resident_bytes(), cpu_seconds(), Instant::now());
    let tables = Tables::open_existing(&opened.lake, &opened.catalog).await?;
    let mut tables = tables.expect("the part before this one made the tables");
    let settings = EngineSettings::default();
    let (engine, recovered) = recover(
        &mut tables,
        &opened.catalog,
        &opened.id_key,
        &settings,
        Access::Read,
    )
    .await?;
    let (wall_seconds, cpu, memory) = (
        started.elapsed().as_secs_f64(),
        cpu_seconds() - cpu_before,
        resident_bytes(),
    );
    let grown = memory.saturating_sub(memory_before);
    let (keys, subjects) = (
        engine.memory().records_len() as u64,
        engine.memory().subjects_len() as u64,
    );
    Ok(json!({
        "wall_seconds": wall_seconds,
        "cpu_seconds": cpu,
        "replayed_epochs": recovered.replayed,
        "record_keys": keys,
        "subjects": subjects,
        "resident_bytes_grown": grown,
        "resident_bytes_peak": resident_bytes_peak(),
        "resident_bytes_per_record_key": grown / keys.max(1),
        "resident_bytes_per_subject": grown / subjects.max(1),
    }))
}
