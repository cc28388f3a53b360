//! What the broker in memory holds of the feedback: it drops the oldest of a partition beyond 5 MiB without a word.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::record_batch::RecordBatch;
use futures::TryStreamExt;
use yidang_ingest::kafka::topics::Topics;
use yidang_ingest::lake::Tables;
use yidang_schemas::fault::Fault;

use super::broker::DemoBroker;
use super::mix::{FRAMING_BYTES, PARTITION_BYTES_MAX};
use crate::exit::{Exit, Failure};

/// Bytes of the largest partition with events, by their mean size in its topic. Fails if one has dropped an event, or
/// holds more than the bound on records promises.
pub async fn largest_partition_bytes(
    broker: &DemoBroker,
    tables: &Tables,
) -> Result<usize, Failure> {
    let mut sizes: BTreeMap<String, Size> = BTreeMap::new();
    let columns = ["topic", "issue_id", "headers", "payload"];
    let mut batches = tables.issue_event.live_rows(Some(&columns), None)?;
    while let Some(live) = batches.try_next().await? {
        add(&live.batch, &mut sizes);
    }
    let lookup = Topics::new(&broker.settings())?;
    let looked = tokio::task::spawn_blocking(move || lanes(&lookup, &sizes)).await;
    let mut largest = 0;
    for lane in looked.expect("a look-up does not panic")? {
        largest = largest.max(lane.checked()?);
    }
    Ok(largest)
}

/// Events of a topic.
#[derive(Debug, Default, Clone, Copy)]
struct Size {
    events: usize,
    bytes: usize,
}

/// A partition with events.
#[derive(Debug)]
struct Lane {
    name: String,
    first: i64,
    end: i64,
    size: Size,
}

impl Lane {
    fn checked(&self) -> Result<usize, Failure> {
        let next =
            "stream fewer --records, or use a Kafka of your own: yidang demo --brokers HOST:PORT";
        let refused = |text: String| Err(Failure::new(Exit::Findings, text).with_next(next));
        let (name, first) = (&self.name, self.first);
        if first > 0 {
            return refused(format!(
                "the broker in memory dropped the first {first} events of {name}"
            ));
        }
        let held = usize::try_from(self.end).unwrap_or_default();
        let bytes = held * self.size.bytes / self.size.events.max(1);
        if bytes > PARTITION_BYTES_MAX {
            return refused(format!(
                "{name} holds {bytes} bytes of events, too close to what the broker in memory keeps"
            ));
        }
        Ok(bytes)
    }
}

fn add(batch: &RecordBatch, sizes: &mut BTreeMap<String, Size>) {
    let (topics, keys) = (
        batch.column(0).as_string::<i32>(),
        batch.column(1).as_string::<i32>(),
    );
    let (headers, payloads) = (
        batch.column(2).as_list::<i32>(),
        batch.column(3).as_binary::<i32>(),
    );
    for row in 0..batch.num_rows() {
        let pairs = headers.value(row);
        let texts: usize = pairs
            .as_struct()
            .columns()
            .iter()
            .map(|column| {
                let texts = column.as_string::<i32>().iter();
                texts.flatten().map(str::len).sum::<usize>()
            })
            .sum();
        let size = sizes.entry(topics.value(row).to_owned()).or_default();
        size.events += 1;
        size.bytes += FRAMING_BYTES + keys.value(row).len() + texts + payloads.value(row).len();
    }
}

fn lanes(lookup: &Topics, sizes: &BTreeMap<String, Size>) -> Result<Vec<Lane>, Fault> {
    let present = lookup.list()?;
    let mut lanes = Vec::new();
    for (topic, size) in sizes {
        for partition in 0..present.get(topic).copied().unwrap_or(0) {
            let (first, end) = lookup.ends(topic, partition)?;
            lanes.push(Lane {
                name: format!("{topic}/{partition}"),
                first,
                end,
                size: *size,
            });
        }
    }
    Ok(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(first: i64, end: i64) -> Lane {
        Lane {
            name: "dq.feedback.ga.v1/0".to_owned(),
            first,
            end,
            size: Size {
                events: 10,
                bytes: 20_000,
            },
        }
    }

    #[test]
    fn a_partition_that_dropped_an_event_or_is_about_to_fails_the_demo() {
        assert_eq!(lane(0, 2_000).checked().unwrap(), 4_000_000);
        let full = lane(0, 2_200).checked().unwrap_err();
        assert!(full.text.contains("4400000 bytes"), "{full}");
        let dropped = lane(3, 100).checked().unwrap_err();
        assert!(dropped.text.contains("dropped the first 3"), "{dropped}");
        assert_eq!(dropped.exit, Exit::Findings);
    }
}
