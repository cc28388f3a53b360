//! Events that are rows and may not be messages yet: sent again, with the same bytes.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int64Type;
use futures::TryStreamExt;
use yidang_schemas::fault::Fault;

use crate::kafka::publisher::Outgoing;
use crate::lake::Tables;

/// Events of epochs above `published`, by epoch, in the order of their rows.
pub async fn unpublished(
    tables: &Tables,
    published: i64,
) -> Result<BTreeMap<i64, Vec<Outgoing>>, Fault> {
    let mut events: BTreeMap<i64, Vec<Outgoing>> = BTreeMap::new();
    let files: Vec<_> = tables
        .issue_event
        .files()
        .filter(|file| !file.is_foreign && file.epochs.is_none_or(|(_, last)| last > published))
        .map(|file| file.id)
        .collect();
    if files.is_empty() {
        return Ok(events);
    }
    let columns = ["epoch", "topic", "issue_id", "headers", "payload"];
    let mut batches = tables.issue_event.live_rows(Some(&columns), Some(&files))?;
    while let Some(batch) = batches.try_next().await? {
        for (epoch, event) in read(&batch.batch)? {
            if epoch > published {
                events.entry(epoch).or_default().push(event);
            }
        }
    }
    Ok(events)
}

fn read(batch: &arrow::record_batch::RecordBatch) -> Result<Vec<(i64, Outgoing)>, Fault> {
    let column = |name: &str| {
        let missing = || Fault::corrupt(format!("read issue_event: column {name} is missing"));
        batch.column_by_name(name).ok_or_else(missing)
    };
    let epochs = column("epoch")?.as_primitive::<Int64Type>();
    let topics = column("topic")?.as_string::<i32>();
    let keys = column("issue_id")?.as_string::<i32>();
    let headers = column("headers")?.as_list::<i32>();
    let payloads = column("payload")?.as_binary::<i32>();
    let row = |row: usize| {
        let elements = headers.value(row);
        let elements = elements.as_struct();
        let (names, values) = (
            elements.column(0).as_string::<i32>(),
            elements.column(1).as_string::<i32>(),
        );
        let header = |place| {
            (
                names.value(place).to_owned(),
                values.value(place).to_owned(),
            )
        };
        let event = Outgoing {
            topic: topics.value(row).to_owned(),
            key: keys.value(row).to_owned(),
            headers: (0..elements.len()).map(header).collect(),
            payload: payloads.value(row).to_vec(),
        };
        (epochs.value(row), event)
    };
    Ok((0..batch.num_rows()).map(row).collect())
}
