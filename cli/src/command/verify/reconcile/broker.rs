//! Comparing landing with what the broker still holds: every message between the ends of a lane, by digest.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use yidang_ingest::epoch::{LandedMessage, Lane};
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::kafka::source::{Fetched, Source, StartAt};
use yidang_ingest::kafka::topics::Topics;
use yidang_ingest::lanes::incarnations;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::fault::Fault;
use yidang_sink::Lake;

use super::facts::{Difference, Facts, LaneId, Problem};
use crate::progress;

const LANDING: &str = "landing";
/// Longest silence of a broker that still owes messages.
const SILENCE: Duration = Duration::from_secs(20);
/// Name in the consumer group that this look uses; it commits nothing.
const READER: &str = "reconcile";

/// Reads every source topic from beginning to end and compares.
pub async fn compare(
    lake: &Lake,
    catalog: &Catalog,
    settings: &BrokerSettings,
    facts: &mut Facts,
) -> Result<Vec<Difference>, Fault> {
    let incarnations = incarnations(lake, catalog).await?;
    let ends = {
        let settings = settings.clone();
        let topics: Vec<String> = catalog
            .feeds
            .iter()
            .map(|feed| feed.topic.clone())
            .collect();
        let look = tokio::task::spawn_blocking(move || ends(&settings, &topics));
        look.await.expect("looking at topics does not panic")?
    };
    let mut comparison = Comparison::default();
    let mut start = Vec::new();
    for (feed, incarnation) in (0_u16..).zip(incarnations) {
        let Some(contract) = catalog.feed(feed) else {
            continue;
        };
        let of_topic = ends
            .iter()
            .filter(|((topic, _), _)| *topic == contract.topic);
        for ((topic, partition), (first, end)) in of_topic {
            let lane = Lane {
                feed,
                incarnation,
                partition: *partition,
            };
            let id = facts.lanes.id(
                topic,
                i32::try_from(incarnation).unwrap_or(i32::MAX),
                *partition,
            );
            comparison.lanes.insert(lane, id);
            comparison.note_end(facts, id, *end);
            if first < end {
                comparison.waiting.insert(lane, *end);
                start.push(StartAt {
                    lane,
                    topic: topic.clone(),
                    offset: Some(*first),
                });
            }
        }
        comparison.note_absent(facts, &contract.topic, incarnation);
    }
    comparison.read(settings, start, facts).await?;
    Ok(comparison.differences)
}

/// First and end offset of a topic's partition.
type Ends = BTreeMap<(String, i32), (i64, i64)>;

/// The ends of every partition of these topics that is there. Blocking.
fn ends(settings: &BrokerSettings, wanted: &[String]) -> Result<Ends, Fault> {
    let topics = Topics::new(settings)?;
    let list = topics.list()?;
    let mut ends = Ends::new();
    for topic in wanted {
        for partition in 0..list.get(topic).copied().unwrap_or(0) {
            ends.insert((topic.clone(), partition), topics.ends(topic, partition)?);
        }
    }
    Ok(ends)
}

#[derive(Default)]
struct Comparison {
    lanes: BTreeMap<Lane, LaneId>,
    /// Lanes that are not read yet to the end that they had when the look began.
    waiting: BTreeMap<Lane, i64>,
    differences: Vec<Difference>,
}

impl Comparison {
    /// Lanes that were landed and that the broker does not have.
    fn note_absent(&mut self, facts: &Facts, topic: &str, incarnation: u32) {
        let known: BTreeSet<LaneId> = self.lanes.values().copied().collect();
        let landed: BTreeSet<LaneId> = facts.landed.iter().map(|row| row.lane).collect();
        for lane in landed {
            let name = facts.lanes.name(lane);
            let current = name.topic == topic && u32::try_from(name.incarnation) == Ok(incarnation);
            if let Some(last) = facts
                .last_of(lane)
                .filter(|_| current && !known.contains(&lane))
            {
                let text = "landing has this message, the brokers have no such topic or partition";
                self.differences.push(Difference::new(
                    LANDING,
                    Problem::BeyondEnd,
                    lane,
                    last.offset,
                    text,
                ));
            }
        }
    }

    async fn read(
        &mut self,
        settings: &BrokerSettings,
        start: Vec<StartAt>,
        facts: &Facts,
    ) -> Result<(), Fault> {
        if start.is_empty() {
            return Ok(());
        }
        let progress = progress::spinner("reading the source topics");
        let mut source = Source::start(settings, READER)?;
        source.read(start);
        while !self.waiting.is_empty() {
            let fetched = tokio::time::timeout(SILENCE, source.next()).await;
            match fetched {
                Ok(Some(Fetched::Messages(messages))) => {
                    progress.inc(messages.len() as u64);
                    progress.set_message(format!("{} messages", progress.position()));
                    messages
                        .iter()
                        .for_each(|message| self.compare_one(message, facts));
                }
                // An end may be that of another lane of the same number: what counts is the position.
                Ok(Some(Fetched::End { lane, position })) => self.note_position(lane, position),
                Ok(Some(Fetched::Broken { lane, why })) => {
                    return Err(unread(settings, lane, &why));
                }
                Ok(Some(Fetched::Trouble { .. })) => {}
                Ok(None) | Err(_) => {
                    let doing = format!("read source topics at brokers {}", settings.brokers);
                    return Err(Fault::unavailable(
                        doing,
                        "no answer; check that they run and are reachable",
                    ));
                }
            }
        }
        progress.finish_and_clear();
        Ok(())
    }

    fn compare_one(&mut self, message: &LandedMessage, facts: &Facts) {
        let lane = Lane {
            feed: message.feed,
            incarnation: message.incarnation,
            partition: message.partition,
        };
        let Some(id) = self.lanes.get(&lane).copied() else {
            return;
        };
        let offset = message.offset;
        self.note_position(lane, offset + 1);
        match facts.landed_at(id, offset) {
            None => {
                let text = "the broker holds this message, landing does not";
                self.differences.push(Difference::new(
                    LANDING,
                    Problem::NotLanded,
                    id,
                    offset,
                    text,
                ));
            }
            Some(row) if row.digest != message.digest() => {
                let text = "the broker holds another message here than landing";
                let difference = Difference::new(LANDING, Problem::OtherContent, id, offset, text);
                self.differences.push(difference.in_epoch(row.epoch));
            }
            Some(_) => {}
        }
    }

    fn note_position(&mut self, lane: Lane, position: i64) {
        if self.waiting.get(&lane).is_some_and(|end| position >= *end) {
            self.waiting.remove(&lane);
        }
    }

    /// Nothing may be landed beyond the end of a lane.
    fn note_end(&mut self, facts: &Facts, lane: LaneId, end: i64) {
        if let Some(row) = facts.last_of(lane).filter(|row| row.offset >= end) {
            let text = format!("landing has this message, the broker ends at offset {end}");
            let difference =
                Difference::new(LANDING, Problem::BeyondEnd, row.lane, row.offset, text);
            self.differences.push(difference.in_epoch(row.epoch));
        }
    }
}

fn unread(settings: &BrokerSettings, lane: Lane, why: &str) -> Fault {
    let doing = format!(
        "read partition {} of a source topic at brokers {}",
        lane.partition, settings.brokers
    );
    Fault::unavailable(doing, why.to_owned())
}
