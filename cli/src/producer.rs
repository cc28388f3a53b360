//! Sending a synthetic city to a broker, with the producer's own times.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::ProgressBar;
use rdkafka::ClientContext;
use rdkafka::message::{DeliveryResult, Header, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::kafka::topics::{TopicList, Topics, WantedTopic, create_missing};
use yidang_simulate::Message;

use crate::exit::{Exit, Failure};

/// Makes the source topics that are missing, keeping their messages for ever. Those that are there must have the
/// partitions that the city sends to.
pub async fn make_source_topics(
    settings: &BrokerSettings,
    topics: &[(String, i32)],
) -> Result<Vec<String>, Failure> {
    let lookup = Topics::new(settings)?;
    let present = tokio::task::spawn_blocking(move || lookup.list())
        .await
        .expect("a look-up does not panic")?;
    if let Some(refusal) = too_narrow(&present, topics, &settings.brokers) {
        return Err(refusal);
    }
    let wanted = topics.iter().map(|(name, partitions)| WantedTopic {
        name: name.clone(),
        partitions: *partitions,
        settings: vec![("retention.ms".to_owned(), "-1".to_owned())],
    });
    let wanted: Vec<WantedTopic> = wanted.collect();
    Ok(create_missing(settings, &present, &wanted).await?)
}

/// A topic that somebody made with fewer partitions than the city names would lose the messages of the others.
fn too_narrow(present: &TopicList, topics: &[(String, i32)], brokers: &str) -> Option<Failure> {
    topics.iter().find_map(|(topic, wanted)| {
        let found = present.get(topic).filter(|found| *found < wanted)?;
        let text = format!(
            "source topic {topic} at brokers {brokers} has {found} partitions, the city sends to {wanted}"
        );
        Some(Failure::new(Exit::Refused, text).with_next(format!(
            "delete the topic and it is made anew, or give it {wanted} partitions, then run the same command again"
        )))
    })
}

/// What became of the messages that were handed to librdkafka.
#[derive(Debug, Default)]
struct Deliveries {
    failed: AtomicU64,
    first: OnceLock<String>,
}

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result {
            self.failed.fetch_add(1, Ordering::Relaxed);
            self.first
                .get_or_init(|| format!("{}/{}: {error}", message.topic(), message.partition()));
        }
    }
}

/// Sends messages as they are: partition, key, headers, time. A message that no broker took is an error of whatever is
/// called next.
pub struct CityProducer {
    producer: ThreadedProducer<Deliveries>,
    brokers: String,
}

const FLUSH: Duration = Duration::from_secs(60);

impl CityProducer {
    pub fn new(settings: &BrokerSettings) -> Result<Self, Failure> {
        let producer = settings
            .client()
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("compression.type", "lz4")
            .set("linger.ms", "5")
            .set("queue.buffering.max.messages", "200000")
            .create_with_context(Deliveries::default())
            .map_err(|error| {
                let text = format!("make a producer for brokers {}: {error}", settings.brokers);
                Failure::new(Exit::Unreachable, text).with_next("correct --brokers HOST:PORT")
            })?;
        Ok(Self {
            producer,
            brokers: settings.brokers.clone(),
        })
    }

    /// Sends one message, waiting while the queue is full.
    pub async fn send(&self, message: &Message) -> Result<(), Failure> {
        loop {
            self.check()?;
            match self.producer.send(record(message)) {
                Ok(()) => return Ok(()),
                Err((error, _))
                    if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) =>
                {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                Err((error, _)) => {
                    let text = format!(
                        "send to {} at brokers {}: {error}",
                        message.topic, self.brokers
                    );
                    return Err(Failure::new(Exit::Unreachable, text).with_next(SEND_AGAIN));
                }
            }
        }
    }

    /// Sends everything at no more than `rate` messages a second, and waits for the acknowledgements.
    pub async fn send_all(
        &self,
        messages: impl Iterator<Item = Message>,
        rate: Option<u32>,
        progress: &ProgressBar,
    ) -> Result<(), Failure> {
        let started = tokio::time::Instant::now();
        for (sent, message) in messages.enumerate() {
            self.send(&message).await?;
            progress.inc(1);
            if let Some(rate) = rate.filter(|rate| *rate > 0) {
                let due = Duration::from_secs_f64(sent as f64 / f64::from(rate));
                tokio::time::sleep_until(started + due).await;
            }
        }
        self.flush().await
    }

    /// Waits for the acknowledgement of everything sent.
    pub async fn flush(&self) -> Result<(), Failure> {
        let producer = self.producer.clone();
        let flushed = tokio::task::spawn_blocking(move || producer.flush(FLUSH)).await;
        flushed.expect("flushing does not panic").map_err(|error| {
            let text = format!("wait for brokers {} to acknowledge: {error}", self.brokers);
            Failure::new(Exit::Unreachable, text).with_next(SEND_AGAIN)
        })?;
        self.check()
    }

    /// Fails if a message that was sent did not arrive.
    fn check(&self) -> Result<(), Failure> {
        let deliveries = self.producer.client().context();
        let Some(first) = deliveries.first.get() else {
            return Ok(());
        };
        let (failed, brokers) = (deliveries.failed.load(Ordering::Relaxed), &self.brokers);
        let text = format!(
            "brokers {brokers} did not take {failed} of the messages sent, the first to {first}"
        );
        Err(Failure::new(Exit::Unreachable, text).with_next(SEND_AGAIN))
    }
}

const SEND_AGAIN: &str = "check that the brokers run and take writes to the source topics, then run the same command again";

fn record(message: &Message) -> BaseRecord<'_, [u8], [u8]> {
    let headers = message
        .headers
        .iter()
        .fold(OwnedHeaders::new(), |headers, (name, value)| {
            headers.insert(Header {
                key: name,
                value: value.as_deref(),
            })
        });
    let mut record = BaseRecord::to(&message.topic)
        .partition(message.partition)
        .timestamp(message.timestamp_ms)
        .headers(headers);
    if let Some(key) = &message.key {
        record = record.key(key.as_slice());
    }
    if let Some(value) = &message.value {
        record = record.payload(value.as_slice());
    }
    record
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;

    use super::*;

    const TOPIC: &str = "src.ga.hukou.v1";

    fn message(partition: i32) -> Message {
        Message {
            topic: TOPIC.to_owned(),
            partition,
            timestamp_ms: 1,
            key: None,
            headers: Vec::new(),
            value: Some(b"{}".to_vec()),
            corrects: None,
        }
    }

    #[tokio::test]
    async fn a_message_that_no_broker_took_is_an_error() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 1, 1).unwrap();
        let settings = BrokerSettings {
            brokers: cluster.bootstrap_servers(),
            extra: Vec::new(),
        };
        let producer = CityProducer::new(&settings).unwrap();
        let all = [message(0)].into_iter();
        let hidden = ProgressBar::hidden();
        producer.send_all(all, None, &hidden).await.unwrap();
        let lost = [message(0), message(3)].into_iter();
        let failure = producer.send_all(lost, None, &hidden).await.unwrap_err();
        assert_eq!(failure.exit, Exit::Unreachable);
        assert!(failure.text.contains(TOPIC), "{failure}");
        assert!(failure.next.is_some());
    }

    #[test]
    fn a_topic_with_fewer_partitions_than_the_city_names_is_refused() {
        let wanted = [(TOPIC.to_owned(), 4)];
        let present = |partitions| TopicList::from([(TOPIC.to_owned(), partitions)]);
        let failure = too_narrow(&present(1), &wanted, "kafka:9092").unwrap();
        assert_eq!(failure.exit, Exit::Refused);
        assert!(
            failure
                .text
                .contains("has 1 partitions, the city sends to 4")
        );
        for enough in [present(4), present(6), TopicList::new()] {
            assert!(too_narrow(&enough, &wanted, "kafka:9092").is_none());
        }
    }
}
