//! Which lanes are read, and whether each may go on from where the lake left it.
//!
//! A topic that was deleted and made again, or whose retention overran us, stops its feed with the command that goes
//! on; the other feeds do not notice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message, Timestamp};
use rdkafka::{Offset, TopicPartitionList};
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::Lake;

use crate::epoch::{LandedMessage, Lane, LaneState};
use crate::kafka::source::StartAt;
use crate::kafka::topics::{TopicList, Topics};
use crate::kafka::{BrokerSettings, broker_fault};

/// Longest wait for the last landed message.
const LAST_MESSAGE: Duration = Duration::from_secs(5);

/// What looking at the topics found.
#[derive(Debug, Default)]
pub struct Looked {
    pub start: Vec<StartAt>,
    /// Feeds without a topic.
    pub missing: Vec<u16>,
    /// Feeds that cannot go on, and why.
    pub stopped: Vec<(u16, String)>,
}

/// Compares what the brokers have with what the lake holds. Blocking.
pub struct Looker {
    pub broker: BrokerSettings,
    pub catalog: Arc<Catalog>,
    pub lake_uri: String,
    topics: Topics,
    checker: BaseConsumer,
}

impl std::fmt::Debug for Looker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Looker")
            .field("lake", &self.lake_uri)
            .finish_non_exhaustive()
    }
}

impl Looker {
    pub fn new(
        broker: &BrokerSettings,
        catalog: &Arc<Catalog>,
        lake_uri: &str,
    ) -> Result<Self, Fault> {
        let checker = broker
            .client()
            .set("group.id", "yidang.lookup")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "error")
            // One lane after the other is looked at: a fetch that waits for more would hold up the next look.
            .set("fetch.wait.max.ms", "10")
            .create()
            .map_err(|error| broker_fault("make a client", broker, error))?;
        Ok(Self {
            broker: broker.clone(),
            catalog: Arc::clone(catalog),
            lake_uri: lake_uri.to_owned(),
            topics: Topics::new(broker)?,
            checker,
        })
    }

    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Finds lanes that are not read yet. `incarnation` of each feed; `known` lanes with what was landed of them.
    pub fn look(
        &self,
        incarnations: &[u32],
        known: &BTreeMap<Lane, LaneState>,
        reading: &BTreeSet<Lane>,
        stopped: &BTreeSet<u16>,
    ) -> Result<Looked, Fault> {
        let list = self.topics.list()?;
        let mut looked = Looked::default();
        for (feed, incarnation) in (0_u16..).zip(incarnations) {
            if !stopped.contains(&feed) {
                self.look_at(feed, *incarnation, &list, known, reading, &mut looked)?;
            }
        }
        Ok(looked)
    }

    fn look_at(
        &self,
        feed: u16,
        incarnation: u32,
        list: &TopicList,
        known: &BTreeMap<Lane, LaneState>,
        reading: &BTreeSet<Lane>,
        looked: &mut Looked,
    ) -> Result<(), Fault> {
        let Some(contract) = self.catalog.feed(feed) else {
            return Ok(());
        };
        let Some(partitions) = list.get(&contract.topic) else {
            let was_read = known
                .keys()
                .any(|lane| lane.feed == feed && lane.incarnation == incarnation);
            if was_read {
                looked.stopped.push((
                    feed,
                    format!("topic {} is gone; {}", contract.topic, self.way_out(feed)),
                ));
            } else {
                looked.missing.push(feed);
            }
            return Ok(());
        };
        let mut start = Vec::new();
        for partition in 0..*partitions {
            let lane = Lane {
                feed,
                incarnation,
                partition,
            };
            if reading.contains(&lane) {
                continue;
            }
            let offset = match known.get(&lane) {
                None => None,
                Some(state) => {
                    if let Some(why) = self.mismatch(&contract.topic, partition, state)? {
                        looked
                            .stopped
                            .push((feed, format!("{why}; {}", self.way_out(feed))));
                        return Ok(());
                    }
                    Some(state.position())
                }
            };
            start.push(StartAt {
                lane,
                topic: contract.topic.clone(),
                offset,
            });
        }
        looked.start.extend(start);
        Ok(())
    }

    fn way_out(&self, feed: u16) -> String {
        let id = self.catalog.feed(feed).map_or("", |feed| feed.id.as_str());
        format!(
            "if the topic was made anew on purpose, run `yidang feed restart {id} --lake {}`",
            self.lake_uri
        )
    }

    /// Why a lane cannot be read on from where the lake left it.
    fn mismatch(
        &self,
        topic: &str,
        partition: i32,
        state: &LaneState,
    ) -> Result<Option<String>, Fault> {
        let (first, end) = self.topics.ends(topic, partition)?;
        let position = state.position();
        if position > end {
            return Ok(Some(format!(
                "{topic}/{partition} ends at offset {end} but the lake has read to {position}: the topic was recreated"
            )));
        }
        if position < first {
            return Ok(Some(format!(
                "{topic}/{partition} starts at offset {first} but the lake has read to {position}: messages were \
                 deleted before they were read"
            )));
        }
        if state.last_offset < first {
            return Ok(None);
        }
        let same = self.same_message(topic, partition, state)?;
        Ok((!same).then(|| {
            format!(
                "{topic}/{partition} holds another message at offset {} than the lake has landed: the topic was \
                 recreated",
                state.last_offset
            )
        }))
    }

    /// Whether the last landed message is still what the broker holds; true where it is not there any more.
    fn same_message(&self, topic: &str, partition: i32, state: &LaneState) -> Result<bool, Fault> {
        let mut list = TopicPartitionList::new();
        let doing = format!("read {topic}/{partition} at offset {}", state.last_offset);
        let fault = |error| broker_fault(&doing, &self.broker, error);
        list.add_partition_offset(topic, partition, Offset::Offset(state.last_offset))
            .map_err(fault)?;
        self.checker.assign(&list).map_err(fault)?;
        let deadline = std::time::Instant::now() + LAST_MESSAGE;
        let mut same = true;
        while std::time::Instant::now() < deadline {
            let Some(Ok(message)) = self.checker.poll(Duration::from_millis(100)) else {
                continue;
            };
            if message.offset() == state.last_offset {
                same = owned(&message).digest() == state.last_digest
                    && timestamp(message.timestamp()) == state.last_timestamp_ms;
            }
            break;
        }
        self.checker.unassign().map_err(fault)?;
        Ok(same)
    }

    /// Messages that wait in each lane above its position in the tables.
    pub fn lags(&self, positions: &BTreeMap<Lane, i64>) -> Result<BTreeMap<Lane, i64>, Fault> {
        let mut lags = BTreeMap::new();
        for (lane, position) in positions {
            let Some(contract) = self.catalog.feed(lane.feed) else {
                continue;
            };
            let (first, end) = self.topics.ends(&contract.topic, lane.partition)?;
            lags.insert(*lane, (end - (*position).max(first)).max(0));
        }
        Ok(lags)
    }
}

fn timestamp(timestamp: Timestamp) -> i64 {
    match timestamp {
        Timestamp::NotAvailable => -1,
        Timestamp::CreateTime(ms) | Timestamp::LogAppendTime(ms) => ms,
    }
}

fn owned(message: &impl Message) -> LandedMessage {
    let headers = message.headers().map(|headers| {
        let header = |header: rdkafka::message::Header<'_, &[u8]>| {
            (
                header.key.to_owned(),
                header.value.map(bytes::Bytes::copy_from_slice),
            )
        };
        (0..headers.count())
            .map(|place| header(headers.get(place)))
            .collect()
    });
    LandedMessage {
        feed: 0,
        incarnation: 0,
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms: timestamp(message.timestamp()),
        log_append_time: false,
        key: message.key().map(bytes::Bytes::copy_from_slice),
        headers: headers.unwrap_or_default(),
        value: message.payload().map(bytes::Bytes::copy_from_slice),
        held: false,
    }
}

fn incarnation_prefix(feed: &str) -> String {
    format!("_yidang/incarnation/{feed}")
}

/// The incarnation of each feed, as operators raised it.
pub async fn incarnations(lake: &Lake, catalog: &Catalog) -> Result<Vec<u32>, Fault> {
    let mut incarnations = Vec::with_capacity(catalog.feeds.len());
    for feed in &catalog.feeds {
        let listed = lake.list(&incarnation_prefix(&feed.id)).await?;
        let number = |path: &str| {
            path.rsplit('/')
                .next()
                .and_then(|name| name.parse::<u32>().ok())
        };
        incarnations.push(
            listed
                .iter()
                .filter_map(|entry| number(&entry.path))
                .max()
                .unwrap_or(0),
        );
    }
    Ok(incarnations)
}

/// Raises the incarnation of a feed by one and gives the new one.
pub async fn raise_incarnation(lake: &Lake, catalog: &Catalog, feed: u16) -> Result<u32, Fault> {
    let contract = catalog
        .feed(feed)
        .ok_or_else(|| Fault::invalid("raise the incarnation of an unknown feed"))?;
    let present = incarnations(lake, catalog).await?;
    let next = present.get(usize::from(feed)).copied().unwrap_or(0) + 1;
    let path = format!("{}/{next}", incarnation_prefix(&contract.id));
    lake.put_if_absent(&path, bytes::Bytes::from_static(b"raised by an operator"))
        .await?;
    Ok(next)
}
