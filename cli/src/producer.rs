//! Sending a synthetic city to a broker, with the producer's own times.

use std::time::Duration;

use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use yidang_ingest::kafka::BrokerSettings;
use yidang_ingest::kafka::topics::{Topics, WantedTopic, create_missing};
use yidang_simulate::Message;

use crate::exit::{Exit, Failure};

/// Makes the source topics that are missing, keeping their messages for ever.
pub async fn make_source_topics(
    settings: &BrokerSettings,
    topics: &[(String, i32)],
) -> Result<Vec<String>, Failure> {
    let lookup = Topics::new(settings)?;
    let present = tokio::task::spawn_blocking(move || lookup.list())
        .await
        .expect("a look-up does not panic")?;
    let wanted = topics.iter().map(|(name, partitions)| WantedTopic {
        name: name.clone(),
        partitions: *partitions,
        settings: vec![("retention.ms".to_owned(), "-1".to_owned())],
    });
    let wanted: Vec<WantedTopic> = wanted.collect();
    Ok(create_missing(settings, &present, &wanted).await?)
}

/// Sends messages as they are: partition, key, headers, time.
pub struct CityProducer {
    producer: ThreadedProducer<DefaultProducerContext>,
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
            .create()
            .map_err(|error| {
                Failure::new(Exit::Unreachable, format!("make a producer: {error}"))
            })?;
        Ok(Self {
            producer,
            brokers: settings.brokers.clone(),
        })
    }

    /// Sends one message, waiting while the queue is full.
    pub async fn send(&self, message: &Message) -> Result<(), Failure> {
        loop {
            let headers =
                message
                    .headers
                    .iter()
                    .fold(OwnedHeaders::new(), |headers, (name, value)| {
                        headers.insert(Header {
                            key: name,
                            value: value.as_deref(),
                        })
                    });
            let mut record = BaseRecord::<[u8], [u8]>::to(&message.topic)
                .partition(message.partition)
                .timestamp(message.timestamp_ms)
                .headers(headers);
            record = match &message.key {
                Some(key) => record.key(key.as_slice()),
                None => record,
            };
            record = match &message.value {
                Some(value) => record.payload(value.as_slice()),
                None => record,
            };
            match self.producer.send(record) {
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
                    return Err(Failure::new(Exit::Unreachable, text));
                }
            }
        }
    }

    /// Sends everything at no more than `rate` messages a second, and waits for the acknowledgements.
    pub async fn send_all(
        &self,
        messages: impl Iterator<Item = Message>,
        rate: Option<u32>,
    ) -> Result<(), Failure> {
        let started = tokio::time::Instant::now();
        for (sent, message) in messages.enumerate() {
            self.send(&message).await?;
            if let Some(rate) = rate.filter(|rate| *rate > 0) {
                let due = Duration::from_secs_f64(sent as f64 / f64::from(rate));
                tokio::time::sleep_until(started + due).await;
            }
        }
        self.flush().await
    }

    /// Waits for the acknowledgement of everything sent.
    pub async fn flush(&self) -> Result<(), Failure> {
        let (producer, brokers) = (self.producer.clone(), self.brokers.clone());
        let flushed = tokio::task::spawn_blocking(move || producer.flush(FLUSH)).await;
        flushed.expect("flushing does not panic").map_err(|error| {
            let text = format!("wait for brokers {brokers} to acknowledge: {error}");
            Failure::new(Exit::Unreachable, text)
                .with_next("check that the broker runs, then send again")
        })
    }
}
