//! Sending the city, no faster than the worker lands it where the broker forgets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use yidang_ingest::epoch::Lane;
use yidang_ingest::report::{Role, Status};
use yidang_schemas::catalog::Catalog;
use yidang_simulate::{City, Message};

use super::broker::DemoBroker;
use super::mix::{FRAMING_BYTES, PARTITION_BYTES_MAX};
use crate::exit::{Exit, Failure};
use crate::producer::CityProducer;

/// How far the stream is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    pub sent: u64,
    pub landed: u64,
    /// From sending to the tables, of the slowest message that arrived last.
    pub freshness_seconds: Option<f64>,
}

/// Sent messages of one lane that are not in the tables yet.
#[derive(Default)]
struct Unread {
    next_offset: i64,
    messages: VecDeque<(usize, Instant)>,
    bytes: usize,
}

/// The sender.
pub struct Stream {
    producer: CityProducer,
    catalog: Arc<Catalog>,
    status: watch::Receiver<Status>,
    rate: Option<u32>,
    /// Bytes of a partition that may be unread; no bound on a real broker.
    unread_bytes_max: usize,
    unread: BTreeMap<(String, i32), Unread>,
    progress: watch::Sender<Progress>,
}

/// Messages between two looks at what was landed.
const LOOK: u64 = 64;
/// Without anything new in the tables for so long the broker has lost what was sent.
const STALL: Duration = Duration::from_secs(120);

impl Stream {
    pub fn new(
        broker: &DemoBroker,
        catalog: &Arc<Catalog>,
        status: watch::Receiver<Status>,
        rate: u32,
    ) -> Result<Self, Failure> {
        Ok(Self {
            producer: CityProducer::new(&broker.settings())?,
            catalog: Arc::clone(catalog),
            status,
            rate: (rate > 0).then_some(rate),
            unread_bytes_max: if broker.is_in_memory() {
                PARTITION_BYTES_MAX
            } else {
                usize::MAX
            },
            unread: BTreeMap::new(),
            progress: watch::Sender::new(Progress::default()),
        })
    }

    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Sends everything, then waits until it is in the tables and every event is acknowledged.
    pub async fn run(mut self, city: &City) -> Result<(), Failure> {
        // Joining the group takes the worker a few seconds; what is sent before would only wait.
        while self.status.borrow().role != Role::Leader {
            self.wait().await?;
        }
        let started = tokio::time::Instant::now();
        for (place, message) in city.messages().enumerate() {
            let size = message.size_bytes() + FRAMING_BYTES;
            self.make_room(&message, size).await?;
            self.producer.send(&message).await?;
            self.sent(&message, size);
            if let Some(rate) = self.rate {
                let due = Duration::from_secs_f64(place as f64 / f64::from(rate));
                tokio::time::sleep_until(started + due).await;
            }
            if (place as u64).is_multiple_of(LOOK) {
                self.look();
                tokio::task::yield_now().await;
            }
        }
        self.producer.flush().await?;
        self.settle().await
    }

    fn sent(&mut self, message: &Message, size: usize) {
        let lane = self
            .unread
            .entry((message.topic.clone(), message.partition))
            .or_default();
        lane.messages.push_back((size, Instant::now()));
        lane.bytes += size;
        lane.next_offset += 1;
        self.progress.send_modify(|progress| progress.sent += 1);
    }

    /// Waits until the partition of a message has room for it.
    async fn make_room(&mut self, message: &Message, size: usize) -> Result<(), Failure> {
        let lane = (message.topic.clone(), message.partition);
        let is_full = |stream: &Self| {
            let bytes = stream.unread.get(&lane).map_or(0, |lane| lane.bytes);
            bytes > 0 && bytes + size > stream.unread_bytes_max
        };
        while is_full(self) {
            self.wait().await?;
        }
        Ok(())
    }

    /// Waits for news of the worker.
    async fn wait(&mut self) -> Result<(), Failure> {
        let stalled = || {
            let text = format!("nothing new came into the tables for {} s", STALL.as_secs());
            Failure::new(Exit::Unreachable, text)
                .with_next("look at the log: RUST_LOG=info yidang demo")
        };
        let changed = tokio::time::timeout(STALL, self.status.changed()).await;
        // The worker's end is told by whoever waits for it.
        changed
            .map_err(|_elapsed| stalled())?
            .map_err(|_gone| stalled())?;
        self.look();
        Ok(())
    }

    /// Takes note of what is in the tables.
    fn look(&mut self) {
        let positions = self.status.borrow_and_update().positions.clone();
        let (mut landed, mut slowest) = (0, None);
        for (
            Lane {
                feed, partition, ..
            },
            position,
        ) in positions
        {
            let topic = self
                .catalog
                .feed(feed)
                .map_or("", |feed| feed.topic.as_str());
            let Some(lane) = self.unread.get_mut(&(topic.to_owned(), partition)) else {
                continue;
            };
            let first = lane.next_offset - i64::try_from(lane.messages.len()).unwrap_or(i64::MAX);
            for _ in first..position.min(lane.next_offset) {
                let Some((size, at)) = lane.messages.pop_front() else {
                    break;
                };
                lane.bytes -= size;
                landed += 1;
                slowest = slowest.max(Some(at.elapsed()));
            }
        }
        if landed > 0 {
            self.progress.send_modify(|progress| {
                progress.landed += landed;
                progress.freshness_seconds = slowest.map(|age| age.as_secs_f64());
            });
        }
    }

    async fn settle(&mut self) -> Result<(), Failure> {
        self.look();
        loop {
            let read = self.unread.values().all(|lane| lane.messages.is_empty());
            let acknowledged = {
                let status = self.status.borrow();
                status.acknowledged_epoch >= status.epoch
            };
            if read && acknowledged {
                return Ok(());
            }
            self.wait().await?;
        }
    }
}
