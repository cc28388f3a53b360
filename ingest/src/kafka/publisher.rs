//! Publishing events: rows of `issue_event` before they are messages, so a repeated event is byte-identical.

use std::collections::VecDeque;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::util::Timeout;
use yidang_schemas::fault::Fault;

use super::{BrokerSettings, broker_fault};

/// One event ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub topic: String,
    pub key: String,
    pub headers: Vec<(String, String)>,
    pub payload: Vec<u8>,
}

/// Sends events and keeps count of what the brokers have acknowledged.
pub struct Publisher {
    producer: FutureProducer,
    settings: BrokerSettings,
    waiting: VecDeque<Waiting>,
    acknowledged: i64,
}

struct Waiting {
    epoch: i64,
    events: Vec<Outgoing>,
    sent: BoxFuture<'static, bool>,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Publisher")
            .field("acknowledged", &self.acknowledged)
            .field("waiting_epochs", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

/// Epochs that may wait for acknowledgement before the worker waits with them.
pub const WAITING_EPOCHS_MAX: usize = 64;

impl Publisher {
    /// `acknowledged`: the epoch up to which every event is known to have arrived.
    pub fn new(settings: &BrokerSettings, acknowledged: i64) -> Result<Self, Fault> {
        let producer = settings
            .client()
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("compression.type", "lz4")
            .set("linger.ms", "20")
            .set("message.timeout.ms", "30000")
            .create()
            .map_err(|error| broker_fault("make the producer of events", settings, error))?;
        Ok(Self { producer, settings: settings.clone(), waiting: VecDeque::new(), acknowledged })
    }

    /// Sends the events of an epoch, in their order.
    pub fn publish(&mut self, epoch: i64, events: Vec<Outgoing>) {
        let sent = self.send(&events);
        self.waiting.push_back(Waiting { epoch, events, sent });
    }

    fn send(&self, events: &[Outgoing]) -> BoxFuture<'static, bool> {
        let sends: Vec<_> = events
            .iter()
            .map(|event| {
                let headers = event.headers.iter().fold(OwnedHeaders::new(), |headers, (name, value)| {
                    headers.insert(Header { key: name, value: Some(value) })
                });
                let producer = self.producer.clone();
                let event = event.clone();
                async move {
                    let record = FutureRecord::to(&event.topic).key(&event.key).payload(&event.payload);
                    let queued = producer.send(record.headers(headers), Timeout::Never).await;
                    queued.is_ok()
                }
            })
            .collect();
        // Spawned, so that sending goes on while the worker is busy with an epoch.
        let all = tokio::spawn(async move { join_all(sends).await.into_iter().all(|sent| sent) });
        all.map(|result| result.unwrap_or(false)).boxed()
    }

    /// Epoch up to which every event has been acknowledged. What failed is sent again: its bytes are the same.
    pub fn acknowledged(&mut self) -> i64 {
        while let Some(first) = self.waiting.front_mut() {
            match (&mut first.sent).now_or_never() {
                Some(true) => {
                    self.acknowledged = self.acknowledged.max(first.epoch);
                    self.waiting.pop_front();
                }
                Some(false) => {
                    let events = first.events.clone();
                    let again = self.send(&events);
                    if let Some(first) = self.waiting.front_mut() {
                        first.sent = again;
                    }
                    break;
                }
                None => break,
            }
        }
        self.acknowledged
    }

    pub fn waiting_epochs(&self) -> usize {
        self.waiting.len()
    }

    /// Waits, at most so long, until everything sent has been acknowledged.
    pub async fn settle(&mut self, limit: Duration) -> Result<i64, Fault> {
        let deadline = tokio::time::Instant::now() + limit;
        while let Some(first) = self.waiting.front_mut() {
            match tokio::time::timeout_at(deadline, &mut first.sent).await {
                Ok(true) => {
                    self.acknowledged = self.acknowledged.max(first.epoch);
                    self.waiting.pop_front();
                }
                Ok(false) => {
                    let events = first.events.clone();
                    let again = self.send(&events);
                    if let Some(first) = self.waiting.front_mut() {
                        first.sent = again;
                    }
                }
                Err(elapsed) => {
                    let doing = format!("publish events at brokers {}", self.settings.brokers);
                    return Err(Fault::unavailable(doing, elapsed));
                }
            }
        }
        Ok(self.acknowledged)
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.producer.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
    }
}
