//! Publishing events: rows of `issue_event` before they are messages, so a repeated event is byte-identical.

use std::collections::VecDeque;
use std::time::Duration;

use futures::FutureExt;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
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

/// Events of one epoch on their way.
struct Waiting {
    epoch: i64,
    /// Not handed to librdkafka yet.
    unsent: VecDeque<Outgoing>,
    /// Handed over, with what will be known of each.
    sent: VecDeque<(Outgoing, DeliveryFuture)>,
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
            // Never given up: an event that failed alone would be sent again behind a later one of the same issue.
            .set("message.timeout.ms", "0")
            .create()
            .map_err(|error| broker_fault("make the producer of events", settings, error))?;
        Ok(Self {
            producer,
            settings: settings.clone(),
            waiting: VecDeque::new(),
            acknowledged,
        })
    }

    /// Takes the events of an epoch, in their order, and sends what librdkafka's queue has room for.
    ///
    /// Handing over is done here and in order, never by tasks of their own: an agency reads the events of one issue in
    /// the order of their numbers.
    pub fn publish(&mut self, epoch: i64, events: Vec<Outgoing>) {
        self.waiting.push_back(Waiting {
            epoch,
            unsent: events.into(),
            sent: VecDeque::new(),
        });
        self.hand_over();
    }

    fn hand_over(&mut self) {
        for waiting in &mut self.waiting {
            while let Some(event) = waiting.unsent.pop_front() {
                let headers =
                    event
                        .headers
                        .iter()
                        .fold(OwnedHeaders::new(), |headers, (name, value)| {
                            headers.insert(Header {
                                key: name,
                                value: Some(value),
                            })
                        });
                let record = FutureRecord::to(&event.topic)
                    .key(&event.key)
                    .payload(&event.payload)
                    .headers(headers);
                match self.producer.send_result(record) {
                    Ok(delivery) => waiting.sent.push_back((event, delivery)),
                    Err(_queue_is_full) => {
                        waiting.unsent.push_front(event);
                        return;
                    }
                }
            }
        }
    }

    /// Epoch up to which every event has been acknowledged. What failed is sent again: its bytes are the same.
    pub fn acknowledged(&mut self) -> i64 {
        self.hand_over();
        while let Some(first) = self.waiting.front_mut() {
            while let Some((event, mut delivery)) = first.sent.pop_front() {
                match (&mut delivery).now_or_never() {
                    Some(Ok(Ok(_))) => {}
                    Some(_failed) => first.unsent.push_back(event),
                    None => {
                        first.sent.push_front((event, delivery));
                        return self.acknowledged;
                    }
                }
            }
            if !first.unsent.is_empty() {
                return self.acknowledged;
            }
            self.acknowledged = self.acknowledged.max(first.epoch);
            self.waiting.pop_front();
        }
        self.acknowledged
    }

    pub fn waiting_epochs(&self) -> usize {
        self.waiting.len()
    }

    /// Waits, at most so long, until everything sent has been acknowledged.
    ///
    /// # Errors
    /// `Unavailable` where the brokers did not acknowledge in time; nothing is lost, the rows are sent again.
    pub async fn settle(&mut self, limit: Duration) -> Result<i64, Fault> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let acknowledged = self.acknowledged();
            if self.waiting.is_empty() {
                return Ok(acknowledged);
            }
            if tokio::time::Instant::now() > deadline {
                let doing = format!("publish events at brokers {}", self.settings.brokers);
                return Err(Fault::unavailable(
                    doing,
                    "they were not acknowledged in time",
                ));
            }
            tokio::time::sleep(SETTLE_PAUSE).await;
        }
    }
}

const SETTLE_PAUSE: Duration = Duration::from_millis(5);

impl Drop for Publisher {
    fn drop(&mut self) {
        self.producer
            .purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
    }
}
