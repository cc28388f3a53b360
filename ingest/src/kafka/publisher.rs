//! Publishing events: rows of `issue_event` before they are messages, so a repeated event is byte-identical.
//!
//! An agency reads the events of one issue in the order of their numbers: an event that failed is sent again before any
//! later one of its issue, and those that went out behind it are repeated after it.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use futures::FutureExt;
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use rdkafka::types::RDKafkaErrorCode;
use tokio::task::JoinHandle;
use yidang_feedback::event::Transition;
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

impl Outgoing {
    fn resolves(&self) -> bool {
        let resolved = format!(".{}.v1", Transition::Resolved.name());
        let mut headers = self.headers.iter();
        headers.any(|(name, value)| name == "ce_type" && value.ends_with(&resolved))
    }
}

/// What keeps events from being sent, other than a queue that is full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub topic: String,
    pub why: String,
    /// The topic is not there.
    pub is_missing: bool,
}

/// Sends events and keeps count of what the brokers have acknowledged.
pub struct Publisher {
    producer: FutureProducer,
    settings: BrokerSettings,
    waiting: VecDeque<Waiting>,
    acknowledged: i64,
    /// Topics that refused an event, and when they are tried again.
    refusing: BTreeMap<String, Instant>,
    troubles: Vec<Trouble>,
    arrivals: Vec<Arrival>,
}

/// An event that was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// From the commit of its row to the acknowledgement.
    pub delay: Duration,
    /// It tells that a correction was recognised.
    pub resolves: bool,
}

/// Events of one epoch on their way, the first unacknowledged one in front.
struct Waiting {
    epoch: i64,
    /// When its rows were committed.
    since: Instant,
    events: VecDeque<(Outgoing, Hand)>,
}

/// What became of an event so far.
enum Hand {
    /// Not handed to librdkafka, or to be handed over again.
    Unsent,
    /// On its way; a task of its own notes when the answer came.
    Sent(JoinHandle<Answered>),
}

struct Answered {
    at: Instant,
    refused: Option<KafkaError>,
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
/// Pause before a topic that refused an event is tried again.
const AGAIN: Duration = Duration::from_secs(1);

impl Publisher {
    /// `acknowledged`: the epoch up to which every event is known to have arrived.
    pub fn new(settings: &BrokerSettings, acknowledged: i64) -> Result<Self, Fault> {
        Ok(Self {
            producer: producer(settings)?,
            settings: settings.clone(),
            waiting: VecDeque::new(),
            acknowledged,
            refusing: BTreeMap::new(),
            troubles: Vec::new(),
            arrivals: Vec::new(),
        })
    }

    /// Takes the events of an epoch, in their order, and sends what librdkafka's queue has room for.
    ///
    /// Handing over is done here and in order, never by tasks of their own.
    pub fn publish(&mut self, epoch: i64, events: Vec<Outgoing>) {
        let unsent = |event| (event, Hand::Unsent);
        self.waiting.push_back(Waiting {
            epoch,
            since: Instant::now(),
            events: events.into_iter().map(unsent).collect(),
        });
        self.hand_over();
    }

    fn hand_over(&mut self) {
        let now = Instant::now();
        self.refusing.retain(|_, again| *again > now);
        for (event, hand) in self.waiting.iter_mut().flat_map(|epoch| &mut epoch.events) {
            if !matches!(hand, Hand::Unsent) || self.refusing.contains_key(&event.topic) {
                continue;
            }
            match self.producer.send_result(record(event)) {
                Ok(delivery) => *hand = Hand::Sent(tokio::spawn(answered(delivery))),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => return,
                // Later events of the topic wait behind this one; other topics go on.
                Err((error, _)) => {
                    self.refusing.insert(event.topic.clone(), now + AGAIN);
                    self.troubles.push(trouble(&event.topic, &error));
                }
            }
        }
    }

    /// Epoch up to which every event has been acknowledged. What failed is sent again: its bytes are the same.
    pub fn acknowledged(&mut self) -> i64 {
        while let Some(first) = self.waiting.front_mut() {
            let answered = match first.events.front_mut() {
                None => {
                    self.acknowledged = self.acknowledged.max(first.epoch);
                    self.waiting.pop_front();
                    continue;
                }
                Some((_, Hand::Unsent)) => break,
                Some((_, Hand::Sent(answer))) => answer.now_or_never(),
            };
            let Some(answered) = answered else { break };
            let answered = answered.expect("waiting for an answer does not panic");
            if let Some(error) = answered.refused {
                self.refused(&error);
                break;
            }
            let delay = answered.at.saturating_duration_since(first.since);
            if let Some((event, _)) = first.events.pop_front() {
                let resolves = event.resolves();
                self.arrivals.push(Arrival { delay, resolves });
            }
        }
        self.renew_if_dead();
        self.hand_over();
        self.acknowledged
    }

    /// The event in front was refused: it and what was handed over behind it of its issue is sent again, in order.
    fn refused(&mut self, error: &KafkaError) {
        let front = self.waiting.front().and_then(|first| first.events.front());
        let Some((topic, key)) = front.map(|(event, _)| (event.topic.clone(), event.key.clone()))
        else {
            return;
        };
        let events = self.waiting.iter_mut().flat_map(|epoch| &mut epoch.events);
        for (_, hand) in events.filter(|(event, _)| event.topic == topic && event.key == key) {
            *hand = Hand::Unsent;
        }
        self.troubles.push(trouble(&topic, error));
        self.refusing.insert(topic, Instant::now() + AGAIN);
    }

    /// A producer that met a fatal error sends nothing ever again: another one sends everything that is not known to
    /// have arrived.
    fn renew_if_dead(&mut self) {
        let Some((code, why)) = self.producer.client().fatal_error() else {
            return;
        };
        // Where no other can be had the dead one refuses the next event, which is told and tried again.
        let Ok(producer) = producer(&self.settings) else {
            return;
        };
        self.producer = producer;
        self.troubles.push(Trouble {
            topic: "any topic".to_owned(),
            why: format!("{code}: {why}"),
            is_missing: false,
        });
        for (_, hand) in self.waiting.iter_mut().flat_map(|epoch| &mut epoch.events) {
            *hand = Hand::Unsent;
        }
    }

    /// What kept events from being sent since the last call.
    pub fn take_troubles(&mut self) -> Vec<Trouble> {
        std::mem::take(&mut self.troubles)
    }

    /// Events acknowledged since the last call.
    pub fn take_arrivals(&mut self) -> Vec<Arrival> {
        std::mem::take(&mut self.arrivals)
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

fn producer(settings: &BrokerSettings) -> Result<FutureProducer, Fault> {
    settings
        .client()
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", "lz4")
        .set("linger.ms", "20")
        // Never given up: an event that failed alone would be sent again behind a later one of the same issue.
        .set("message.timeout.ms", "0")
        .create()
        .map_err(|error| broker_fault("make the producer of events", settings, error))
}

fn record(event: &Outgoing) -> FutureRecord<'_, String, Vec<u8>> {
    let headers = event
        .headers
        .iter()
        .fold(OwnedHeaders::new(), |headers, (name, value)| {
            headers.insert(Header {
                key: name,
                value: Some(value),
            })
        });
    FutureRecord::to(&event.topic)
        .key(&event.key)
        .payload(&event.payload)
        .headers(headers)
}

fn answered(delivery: DeliveryFuture) -> impl Future<Output = Answered> {
    delivery.map(|answer| Answered {
        at: Instant::now(),
        refused: match answer {
            Ok(Ok(_)) => None,
            Ok(Err((error, _))) => Some(error),
            Err(_canceled) => Some(KafkaError::Canceled),
        },
    })
}

fn trouble(topic: &str, error: &KafkaError) -> Trouble {
    let missing = [
        RDKafkaErrorCode::UnknownTopic,
        RDKafkaErrorCode::UnknownTopicOrPartition,
        RDKafkaErrorCode::UnknownPartition,
    ];
    Trouble {
        topic: topic.to_owned(),
        why: error.to_string(),
        is_missing: error
            .rdkafka_error_code()
            .is_some_and(|code| missing.contains(&code)),
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.producer
            .purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::proof::Mock;
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

    fn event(topic: &str, key: &str, number: u8) -> Outgoing {
        Outgoing {
            topic: topic.to_owned(),
            key: key.to_owned(),
            headers: vec![("ce_type".to_owned(), "x.dq.issue.resolved.v1".to_owned())],
            payload: vec![number],
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_event_that_is_refused_is_sent_again_before_later_ones_of_its_issue() {
        let mock = Mock::with_topic("dq.feedback.a.v1", 1);
        let refusal = RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
        mock.cluster()
            .request_errors(RDKafkaApiKey::Produce, &[refusal]);
        let mut publisher = Publisher::new(&mock.settings(), 4).expect("it starts");
        publisher.publish(
            5,
            (1..=3).map(|n| event("dq.feedback.a.v1", "i", n)).collect(),
        );
        let settled = publisher.settle(Duration::from_secs(20)).await;
        assert_eq!(settled.expect("it goes on"), 5);
        let troubles = publisher.take_troubles();
        assert!(
            !troubles.is_empty() && !troubles[0].is_missing,
            "{troubles:?}"
        );
        let arrivals = publisher.take_arrivals();
        assert!(arrivals.len() == 3 && arrivals.iter().all(|arrival| arrival.resolves));
        let mut sent: Vec<u8> = mock.values("dq.feedback.a.v1");
        sent.dedup();
        assert_eq!(sent, [1, 2, 3]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_topic_that_takes_nothing_is_told_of_and_holds_up_no_other() {
        let mock = Mock::with_topic("dq.feedback.a.v1", 1);
        let oversized = Outgoing {
            payload: vec![0; 2 << 20],
            ..event("dq.feedback.b.v1", "i", 0)
        };
        let mut publisher = Publisher::new(&mock.settings(), 0).expect("it starts");
        publisher.publish(1, vec![oversized, event("dq.feedback.a.v1", "j", 7)]);
        assert!(publisher.settle(Duration::from_secs(2)).await.is_err());
        let troubles = publisher.take_troubles();
        assert!(
            troubles
                .iter()
                .all(|trouble| trouble.topic == "dq.feedback.b.v1")
        );
        assert!((1..=4).contains(&troubles.len()), "{troubles:?}");
        assert_eq!(mock.values("dq.feedback.a.v1"), [7]);
    }
}
