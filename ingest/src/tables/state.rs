//! `state`: the checkpoint of the folds. Of all rows of one key the one of greatest epoch counts.
//!
//! Not for readers. A row is a record key, something that feedback keeps, or the one meta row that
//! says which epoch the checkpoint stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BinaryArray, Int32Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use serde::{Deserialize, Serialize};
use yidang_schemas::fault::Fault;
use yidang_transform::standing::FeedStanding;

/// Name of the table.
pub const TABLE: &str = "state";
pub const ENTRY: &str = "entry";
pub const KEY: &str = "key";
pub const EPOCH: &str = "epoch";

/// What a row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateEntry {
    Record,
    /// Issues, and what feedback keeps beside them.
    Feedback,
    Meta,
}

impl StateEntry {
    fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Feedback => "feedback",
            Self::Meta => "meta",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Record, Self::Feedback, Self::Meta]
            .into_iter()
            .find(|entry| entry.name() == name)
    }
}

/// One row.
#[derive(Clone, PartialEq, Eq)]
pub struct StateRow {
    pub entry: StateEntry,
    pub key: Vec<u8>,
    pub epoch: i64,
    /// Generation of the bundle that wrote the payload.
    pub generation: u32,
    pub payload: Vec<u8>,
}

impl std::fmt::Debug for StateRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "StateRow({:?}, epoch {}, {} bytes)",
            self.entry,
            self.epoch,
            self.payload.len()
        )
    }
}

/// The meta row: what the checkpoint stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub epoch: i64,
    pub generation: u32,
    /// Hash of the bundle of each generation that wrote rows.
    pub bundles: BTreeMap<u32, String>,
    /// Epoch of every table when the checkpoint was written.
    pub tables: BTreeMap<String, i64>,
    pub lanes: Vec<MetaLane>,
    /// What feeds with snapshots or a horizon say as a whole, by feed id.
    #[serde(default)]
    pub standings: BTreeMap<String, FeedStanding>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetaLane {
    pub feed: String,
    pub incarnation: u32,
    pub partition: i32,
    pub last_offset: i64,
    pub last_digest: [u8; 16],
    pub last_timestamp_ms: i64,
}

pub fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new(ENTRY, DataType::Utf8, true),
        Field::new(KEY, DataType::Binary, true),
        Field::new(EPOCH, DataType::Int64, true),
        Field::new("generation", DataType::Int32, true),
        Field::new("payload", DataType::Binary, true),
    ]))
}

/// Rows in the order given.
pub fn batch(rows: &[StateRow]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|row| row.entry.name()),
        )),
        Arc::new(BinaryArray::from_iter_values(
            rows.iter().map(|row| &row.key),
        )),
        Arc::new(Int64Array::from_iter_values(
            rows.iter().map(|row| row.epoch),
        )),
        Arc::new(Int32Array::from_iter_values(
            rows.iter()
                .map(|row| i32::try_from(row.generation).unwrap_or(i32::MAX)),
        )),
        Arc::new(BinaryArray::from_iter_values(
            rows.iter().map(|row| &row.payload),
        )),
    ];
    RecordBatch::try_new(schema(), columns).expect("columns are built from the schema")
}

/// Rows read back.
pub fn read(batch: &RecordBatch) -> Result<Vec<StateRow>, Fault> {
    let column = |name: &str| {
        let missing = || Fault::corrupt(format!("read state: column {name} is missing"));
        batch.column_by_name(name).ok_or_else(missing)
    };
    let entries = column(ENTRY)?.as_string::<i32>();
    let keys = column(KEY)?.as_binary::<i32>();
    let epochs = column(EPOCH)?.as_primitive::<Int64Type>();
    let generations = column("generation")?.as_primitive::<Int32Type>();
    let payloads = column("payload")?.as_binary::<i32>();
    let row = |place: usize| {
        let entry = StateEntry::parse(entries.value(place))
            .ok_or_else(|| Fault::corrupt("read state: a row of an unknown kind"))?;
        Ok(StateRow {
            entry,
            key: keys.value(place).to_vec(),
            epoch: epochs.value(place),
            generation: u32::try_from(generations.value(place)).unwrap_or(0),
            payload: payloads.value(place).to_vec(),
        })
    };
    (0..batch.num_rows()).map(row).collect()
}
