//! Which lanes are read, and whether each may go on from where the lake left it.
//!
//! A topic that was deleted and made again, or whose retention overran us, stops its feed with the command that goes
//! on; the other feeds do not notice. A lane that cannot be reached holds up nobody but itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::{Fault, FaultKind};
use yidang_sink::Lake;

use crate::epoch::{LandedMessage, Lane, LaneState};
use crate::kafka::message::landed;
use crate::kafka::source::StartAt;
use crate::kafka::topics::{TopicList, Topics};
use crate::kafka::{BrokerSettings, broker_fault};

/// Longest wait for one message of a lane.
const ONE_MESSAGE: Duration = Duration::from_secs(5);

/// What a leader knows when it looks at the topics.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// By feed, as operators raised it.
    pub incarnations: Vec<u32>,
    /// What was landed of each lane.
    pub lanes: BTreeMap<Lane, LaneState>,
    /// What was landed when the look before this one began. A topic that was made anew since cannot have reached it, so
    /// it gives away what has been read of the new topic in between.
    pub marks: BTreeMap<Lane, LaneState>,
    pub reading: BTreeSet<Lane>,
    /// Feeds that stopped.
    pub stopped: BTreeSet<u16>,
}

/// What looking at the topics found.
#[derive(Debug, Default)]
pub struct Looked {
    pub start: Vec<StartAt>,
    /// Feeds without a topic.
    pub missing: Vec<u16>,
    /// Feeds that cannot go on, and why.
    pub stopped: Vec<(u16, String)>,
    /// Lanes that did not answer, and why. The next look tries again.
    pub unreached: BTreeMap<Lane, String>,
    /// Timestamp of the next message of each lane that is read and has one waiting, epoch milliseconds.
    pub next_ms: BTreeMap<Lane, i64>,
}

/// Messages that wait above the positions in the tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lags {
    /// Lanes that answered.
    pub waiting: BTreeMap<Lane, i64>,
    /// Lanes that did not, and why.
    pub unreached: BTreeMap<Lane, String>,
}

/// Compares what the brokers have with what the lake holds. Blocking.
pub struct Looker {
    pub broker: BrokerSettings,
    pub catalog: Arc<Catalog>,
    pub lake_uri: String,
    topics: Topics,
    /// One lane at a time.
    checker: Mutex<BaseConsumer>,
    leaves: AtomicBool,
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
            .set("enable.partition.eof", "true")
            // One lane after the other is looked at: a fetch that waits for more would hold up the next look.
            .set("fetch.wait.max.ms", "10")
            // One message is wanted: what comes after it is not worth fetching.
            .set("queued.min.messages", "1")
            .set("fetch.message.max.bytes", "65536")
            .create()
            .map_err(|error| broker_fault("make a client", broker, error))?;
        Ok(Self {
            broker: broker.clone(),
            catalog: Arc::clone(catalog),
            lake_uri: lake_uri.to_owned(),
            topics: Topics::new(broker)?,
            checker: Mutex::new(checker),
            leaves: AtomicBool::new(false),
        })
    }

    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Ends a look that is on its way at its next lane: nobody waits for it any more.
    pub fn leave(&self) {
        self.leaves.store(true, Ordering::Relaxed);
    }

    fn is_awaited(&self) -> Result<(), Fault> {
        if self.leaves.load(Ordering::Relaxed) {
            return Err(Fault::conflict("look at topics: nobody waits for it"));
        }
        Ok(())
    }

    /// Finds lanes that are not read yet, and whether those that are read are still what was landed.
    ///
    /// # Errors
    /// `Unavailable` where the brokers do not list their topics. A lane that does not answer is no error.
    pub fn look(&self, known: &Known) -> Result<Looked, Fault> {
        let list = self.topics.list()?;
        let mut looked = Looked::default();
        for (feed, incarnation) in (0_u16..).zip(&known.incarnations) {
            if !known.stopped.contains(&feed) {
                self.look_at(feed, *incarnation, &list, known, &mut looked)?;
            }
        }
        Ok(looked)
    }

    fn look_at(
        &self,
        feed: u16,
        incarnation: u32,
        list: &TopicList,
        known: &Known,
        looked: &mut Looked,
    ) -> Result<(), Fault> {
        let Some(contract) = self.catalog.feed(feed) else {
            return Ok(());
        };
        let Some(partitions) = list.get(&contract.topic) else {
            let mut lanes = known.lanes.keys();
            if lanes.any(|lane| lane.feed == feed && lane.incarnation == incarnation) {
                let why = format!("topic {} is gone; {}", contract.topic, self.way_out(feed));
                looked.stopped.push((feed, why));
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
            self.is_awaited()?;
            match self.look_at_lane(&contract.topic, lane, known) {
                Ok(Look::New(found)) => start.push(found),
                Ok(Look::Goes { next_ms }) => {
                    looked.next_ms.extend(next_ms.map(|next| (lane, next)))
                }
                Ok(Look::Differs(why)) => {
                    let why = format!("{why}; {}", self.way_out(feed));
                    looked.stopped.push((feed, why));
                    return Ok(());
                }
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    looked.unreached.insert(lane, fault.chain());
                }
                Err(fault) => return Err(fault),
            }
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

    fn look_at_lane(&self, topic: &str, lane: Lane, known: &Known) -> Result<Look, Fault> {
        let (landed, mark) = (known.lanes.get(&lane), known.marks.get(&lane));
        let is_read = known.reading.contains(&lane);
        if !is_read && landed.is_none() {
            return Ok(Look::New(start_at(topic, lane, None)));
        }
        let ends = self.topics.ends(topic, lane.partition)?;
        let landed_newest = landed.filter(|_| !is_read);
        for state in mark.into_iter().chain(landed_newest) {
            if let Some(why) = self.mismatch(topic, lane.partition, state, ends, is_read)? {
                return Ok(Look::Differs(why));
            }
        }
        if !is_read {
            return Ok(Look::New(start_at(topic, lane, landed)));
        }
        let position = landed.map_or(0, LaneState::position).max(ends.0);
        let next = if position < ends.1 {
            self.message_at(topic, lane.partition, position)?
        } else {
            None
        };
        let next_ms = next.map(|next| next.timestamp_ms).filter(|ms| *ms >= 0);
        Ok(Look::Goes { next_ms })
    }

    /// Why a lane cannot be read on from where the lake left it. What is read already may lie before the first message.
    fn mismatch(
        &self,
        topic: &str,
        partition: i32,
        state: &LaneState,
        (first, end): (i64, i64),
        is_read: bool,
    ) -> Result<Option<String>, Fault> {
        let position = state.position();
        if position > end {
            return Ok(Some(format!(
                "{topic}/{partition} ends at offset {end} but the lake has read to {position}: the topic was recreated"
            )));
        }
        if position < first && !is_read {
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

    /// Whether a landed message is still what the broker holds; true where it is not there any more.
    fn same_message(&self, topic: &str, partition: i32, state: &LaneState) -> Result<bool, Fault> {
        let found = self.message_at(topic, partition, state.last_offset)?;
        let found = found.filter(|message| message.offset == state.last_offset);
        Ok(found.is_none_or(|message| {
            message.digest() == state.last_digest && message.timestamp_ms == state.last_timestamp_ms
        }))
    }

    /// The first message at or above an offset; nothing where the lane ends before one.
    ///
    /// # Errors
    /// `Unavailable` where no answer came: nothing is known then.
    fn message_at(
        &self,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<Option<LandedMessage>, Fault> {
        let doing = format!("read {topic}/{partition} at offset {offset}");
        let fault = |error| broker_fault(&doing, &self.broker, error);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(offset))
            .map_err(fault)?;
        // A look that panicked left nothing but an assignment, which is set anew.
        let checker = self.checker.lock().unwrap_or_else(PoisonError::into_inner);
        checker.assign(&list).map_err(fault)?;
        let found = first_message(&checker, topic, partition);
        checker.unassign().map_err(fault)?;
        found.ok_or_else(|| Fault::unavailable(doing, "no answer in time"))
    }

    /// Messages that wait in each lane above its position in the tables.
    ///
    /// # Errors
    /// `Unavailable` where the brokers as a whole do not answer. A lane that does not answer is no error.
    pub fn lags(&self, positions: &BTreeMap<Lane, i64>) -> Result<Lags, Fault> {
        let mut lags = Lags::default();
        for (lane, position) in positions {
            let Some(contract) = self.catalog.feed(lane.feed) else {
                continue;
            };
            self.is_awaited()?;
            match self.topics.ends(&contract.topic, lane.partition) {
                Ok((first, end)) => {
                    let waiting = (end - (*position).max(first)).max(0);
                    lags.waiting.insert(*lane, waiting);
                }
                Err(fault) if fault.kind == FaultKind::Unavailable => {
                    // Nobody waits for one lane after the other where no broker is left.
                    self.topics.list()?;
                    lags.unreached.insert(*lane, fault.chain());
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(lags)
    }
}

/// What looking at one lane found.
enum Look {
    /// It is not read yet and may be, from here.
    New(StartAt),
    /// It is read and goes on.
    Goes { next_ms: Option<i64> },
    /// It is not what was landed, and why.
    Differs(String),
}

fn start_at(topic: &str, lane: Lane, landed: Option<&LaneState>) -> StartAt {
    StartAt {
        lane,
        topic: topic.to_owned(),
        offset: landed.map(LaneState::position),
    }
}

/// What the assigned lane holds first; nothing where no answer came.
fn first_message(
    checker: &BaseConsumer,
    topic: &str,
    partition: i32,
) -> Option<Option<LandedMessage>> {
    let lane = Lane {
        feed: 0,
        incarnation: 0,
        partition,
    };
    let deadline = Instant::now() + ONE_MESSAGE;
    while Instant::now() < deadline {
        match checker.poll(Duration::from_millis(100)) {
            Some(Ok(message)) if message.topic() == topic && message.partition() == partition => {
                return Some(Some(landed(lane, &message)));
            }
            Some(Err(KafkaError::PartitionEOF(ended))) if ended == partition => return Some(None),
            // The weather of a connection: the deadline decides.
            _ => {}
        }
    }
    None
}

/// Folder of the incarnations: one object per feed and incarnation that an operator raised.
const INCARNATIONS: &str = "_yidang/incarnation";

/// The incarnation of each feed, as operators raised it.
pub async fn incarnations(lake: &Lake, catalog: &Catalog) -> Result<Vec<u32>, Fault> {
    let listed = lake.list(INCARNATIONS).await?;
    let mut greatest: BTreeMap<&str, u32> = BTreeMap::new();
    for entry in &listed {
        let mut parts = entry.path.rsplit('/');
        let number = parts.next().and_then(|name| name.parse::<u32>().ok());
        if let (Some(number), Some(feed)) = (number, parts.next()) {
            let known = greatest.entry(feed).or_default();
            *known = number.max(*known);
        }
    }
    let incarnation = |feed: &str| greatest.get(feed).copied().unwrap_or(0);
    Ok(catalog
        .feeds
        .iter()
        .map(|feed| incarnation(&feed.id))
        .collect())
}

/// Raises the incarnation of a feed by one and gives the new one.
pub async fn raise_incarnation(lake: &Lake, catalog: &Catalog, feed: u16) -> Result<u32, Fault> {
    let contract = catalog
        .feed(feed)
        .ok_or_else(|| Fault::invalid("raise the incarnation of an unknown feed"))?;
    let present = incarnations(lake, catalog).await?;
    let next = present.get(usize::from(feed)).copied().unwrap_or(0) + 1;
    let path = format!("{INCARNATIONS}/{}/{next}", contract.id);
    lake.put_if_absent(&path, bytes::Bytes::from_static(b"raised by an operator"))
        .await?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::proof::{Mock, Record};

    fn looker(mock: &Mock, catalog: &Arc<Catalog>) -> Looker {
        Looker::new(&mock.settings(), catalog, "memory").expect("librdkafka takes the settings")
    }

    fn lane(partition: i32) -> Lane {
        Lane {
            feed: 0,
            incarnation: 0,
            partition,
        }
    }

    fn state(message: &LandedMessage) -> LaneState {
        LaneState {
            last_offset: message.offset,
            last_digest: message.digest(),
            last_timestamp_ms: message.timestamp_ms,
        }
    }

    /// A broker with one feed's topic of so many partitions, three messages in the first.
    fn feed(partitions: i32) -> (Mock, Arc<Catalog>, String) {
        let catalog = Arc::new(Catalog::embedded().expect("the built-in schemas are sound"));
        let topic = catalog.feeds[0].topic.clone();
        let mock = Mock::with_topic(&topic, partitions);
        let records = [b"a", b"b", b"c"].map(|value| Record::new(value, &[]));
        mock.produce(&topic, &records);
        (mock, catalog, topic)
    }

    fn known(catalog: &Catalog) -> Known {
        Known {
            incarnations: vec![0; catalog.feeds.len()],
            ..Known::default()
        }
    }

    #[test]
    fn a_lane_that_is_read_stops_where_what_was_landed_before_is_no_longer_there() {
        let (mock, catalog, topic) = feed(1);
        let looker = looker(&mock, &catalog);
        let at = |offset| looker.message_at(&topic, 0, offset).expect("it answers");
        assert!(at(3).is_none(), "the lane ends there, and says so");
        let (first, second) = (at(0).expect("it is there"), at(1).expect("it is there"));
        let mut known = known(&catalog);
        known.reading.insert(lane(0));
        known.lanes.insert(lane(0), state(&second));
        known.marks.insert(lane(0), state(&first));
        let looked = looker.look(&known).expect("the broker answers");
        assert!(looked.stopped.is_empty() && looked.start.is_empty());
        let next = at(2).expect("it is there").timestamp_ms;
        assert_eq!(looked.next_ms, BTreeMap::from([(lane(0), next)]));
        // The topic was made anew and filled beyond the position: only the older mark knows.
        let other = LaneState {
            last_digest: [7; 16],
            ..state(&first)
        };
        known.marks.insert(lane(0), other.clone());
        let looked = looker.look(&known).expect("the broker answers");
        let [(0, why)] = looked.stopped.as_slice() else {
            panic!("the feed stops: {looked:?}");
        };
        assert!(why.contains("feed restart") && why.contains("another message at offset 0"));
        // The same before it is read, and a message that retention took is no proof of anything.
        known.reading.clear();
        known.marks.clear();
        known.lanes.insert(lane(0), other);
        assert_eq!(looker.look(&known).expect("it answers").stopped.len(), 1);
        known.lanes.insert(lane(0), state(&second));
        let looked = looker.look(&known).expect("the broker answers");
        assert_eq!(looked.start.first().and_then(|start| start.offset), Some(2));
    }

    #[test]
    fn a_lane_without_a_leader_holds_up_no_other() {
        let (mock, catalog, topic) = feed(2);
        let looker = looker(&mock, &catalog);
        let position = |partition| (lane(partition), 0);
        let both = BTreeMap::from([position(0), position(1)]);
        let all = looker.lags(&both).expect("the broker answers");
        assert_eq!(all.waiting, BTreeMap::from([(lane(0), 3), (lane(1), 0)]));
        mock.cluster()
            .partition_leader(&topic, 1, None)
            .expect("the partition is there");
        let some = looker.lags(&both).expect("the broker answers");
        assert_eq!(some.waiting, BTreeMap::from([(lane(0), 3)]));
        assert!(some.unreached.contains_key(&lane(1)));
        let mut known = known(&catalog);
        let unread = LaneState {
            last_offset: 0,
            last_digest: [0; 16],
            last_timestamp_ms: 0,
        };
        known.lanes.insert(lane(1), unread);
        let looked = looker.look(&known).expect("the broker answers");
        let started: Vec<Lane> = looked.start.iter().map(|start| start.lane).collect();
        assert_eq!(started, [lane(0)]);
        assert!(looked.unreached.contains_key(&lane(1)) && looked.stopped.is_empty());
    }
}
