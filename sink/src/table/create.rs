//! Making a table: its first entry, by a conditional put.
//!
//! Leaves alone: opening one that is there (the loser of a race does that).

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;
use yidang_schemas::fault::Fault;

use super::Table;
use crate::identity::PROPERTY;
use crate::log::actions::{Action, Format, MetaData, Protocol, commit_info};
use crate::log::{self, entry_path};
use crate::schema;
use crate::spec::{Deletion, TableSpec};
use crate::store::{Kind, Lake, is_taken};

/// The property of a table whose rows end in deletion vectors.
pub(super) const VECTORS: &str = "delta.enableDeletionVectors";
/// With it, readers and writers forget `txn` actions after a while: positions, epochs and terms with them.
const FORBIDDEN: &str = "delta.setTransactionRetentionDuration";

impl Table {
    /// Makes a table by a conditional put of version 0. Where somebody made it first, that one is opened.
    ///
    /// # Errors
    /// As [`Table::open`]; `Invalid` for a column type that Delta does not have.
    pub async fn create(lake: &Lake, spec: &TableSpec, created_at_ms: i64) -> Result<Self, Fault> {
        let bytes = log::write(&creation(lake, spec, created_at_ms)?);
        let path = entry_path(&spec.name, 0);
        let settings = lake.settings();
        let mut pause = settings.pause_ms;
        for tries_left in (0..settings.tries.max(1)).rev() {
            let made = lake.create(Kind::Log, &path, bytes.clone()).await;
            if made.is_ok() && spec.durable {
                lake.make_durable(&path).await?;
            }
            // Whatever the put said, what stands there decides.
            match (Self::open(lake, spec).await?, made) {
                (Some(table), _) => return Ok(table),
                (None, Ok(())) => {
                    return Err(Fault::corrupt(format!(
                        "making table {}: its first entry cannot be read back",
                        spec.name
                    )));
                }
                // Somebody else's put was under way and may have come to nothing.
                (None, Err(error)) if tries_left == 0 || !is_taken(&error) => {
                    return Err(crate::store::fault("making", &path, error));
                }
                (None, Err(_)) => tokio::time::sleep(Duration::from_millis(pause)).await,
            }
            pause *= 2;
        }
        unreachable!("the last try returns")
    }
}

fn creation(lake: &Lake, spec: &TableSpec, created_at_ms: i64) -> Result<Vec<Action>, Fault> {
    let has_vectors = spec.deletion == Deletion::Vectors;
    let feature = || has_vectors.then(|| vec!["deletionVectors".to_owned()]);
    let (reader, writer) = if has_vectors { (3, 7) } else { (1, 2) };
    if spec.properties.contains_key(FORBIDDEN) {
        return Err(Fault::invalid(format!(
            "making table {}: {FORBIDDEN} would let positions expire",
            spec.name
        )));
    }
    let protocol = Protocol {
        min_reader_version: reader,
        min_writer_version: writer,
        reader_features: feature(),
        writer_features: feature(),
    };
    let meta_data = MetaData {
        id: Uuid::new_v4().to_string(),
        name: Some(spec.name.clone()),
        description: Some(spec.description.clone()),
        format: Format::default(),
        schema_string: schema::to_delta(&spec.schema)?,
        partition_columns: spec.partition_by.iter().cloned().collect(),
        created_time: Some(created_at_ms),
        configuration: properties(lake, spec),
    };
    let id = format!("create-{}-{}", spec.name, Uuid::new_v4());
    Ok(vec![
        commit_info(&id, "CREATE TABLE", created_at_ms),
        protocol.into(),
        meta_data.into(),
    ])
}

pub(super) fn properties(lake: &Lake, spec: &TableSpec) -> BTreeMap<String, Option<String>> {
    let settings = lake.settings();
    let mut properties: BTreeMap<String, String> = BTreeMap::new();
    if spec.deletion == Deletion::Vectors {
        properties.insert(VECTORS.to_owned(), "true".to_owned());
    }
    if spec.stats_columns.is_empty() {
        // An empty list of names would mean "the first 32 columns" to some writers.
        properties.insert(
            "delta.dataSkippingNumIndexedCols".to_owned(),
            "0".to_owned(),
        );
    } else {
        properties.insert(
            "delta.dataSkippingStatsColumns".to_owned(),
            spec.stats_columns.join(","),
        );
    }
    let hours = |hours: u32| format!("interval {hours} hours");
    properties.insert(
        "delta.logRetentionDuration".to_owned(),
        hours(settings.log_retention_hours),
    );
    properties.insert(
        "delta.deletedFileRetentionDuration".to_owned(),
        hours(settings.file_retention_hours),
    );
    properties.insert(
        "delta.checkpointInterval".to_owned(),
        settings.checkpoint_entries.to_string(),
    );
    if let Some(fingerprint) = lake.id_key_fingerprint() {
        properties.insert(PROPERTY.to_owned(), fingerprint.to_owned());
    }
    properties.extend(spec.properties.clone());
    properties
        .into_iter()
        .map(|(key, value)| (key, Some(value)))
        .collect()
}
