//! Kafka messages as the proofs send and read them, through the Rust client; `readers` has the same through a client that is not ours.
//!
//! A message file is JSON lines {topic, partition, timestamp, key, headers, value | `value_base64`}: what `produce.py` takes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{
    BorrowedMessage, DeliveryResult, Header, Headers, Message as _, OwnedHeaders, Timestamp,
};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::{Map, Value};

use crate::patience::Deadline;

const PATIENCE: Duration = Duration::from_secs(60);

/// One message to send.
#[derive(Clone, Default)]
pub struct Message {
    pub topic: String,
    /// `None`: the client chooses by key.
    pub partition: Option<i32>,
    /// `CreateTime` in epoch milliseconds; `None`: the client's clock.
    pub timestamp: Option<i64>,
    pub key: Option<Vec<u8>>,
    /// In order; a name may come twice.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// `None`: a tombstone.
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.value.as_ref().map(Vec::len);
        write!(
            formatter,
            "Message {{ topic: {}, partition: {:?}, value bytes: {bytes:?} }}",
            self.topic, self.partition
        )
    }
}

impl Message {
    /// A message with a value and nothing else.
    #[must_use]
    pub fn new(topic: &str, value: impl Into<Vec<u8>>) -> Self {
        Self {
            topic: topic.to_owned(),
            value: Some(value.into()),
            ..Self::default()
        }
    }

    /// A null value.
    #[must_use]
    pub fn tombstone(topic: &str, key: &str) -> Self {
        Self {
            topic: topic.to_owned(),
            key: Some(key.into()),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.key = Some(key.into());
        self
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), Some(value.into())));
        self
    }

    #[must_use]
    pub fn partition(mut self, partition: i32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// Sets `CreateTime`, in epoch milliseconds.
    #[must_use]
    pub fn at(mut self, timestamp_milliseconds: i64) -> Self {
        self.timestamp = Some(timestamp_milliseconds);
        self
    }

    /// A message from the line of a message file.
    ///
    /// # Panics
    /// If the line is none.
    #[must_use]
    pub fn from_json_line(line: &str) -> Self {
        let held: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("no line of a message file: {error}"));
        let topic = held
            .get("topic")
            .and_then(Value::as_str)
            .expect("a message has a topic");
        let partition = held.get("partition").and_then(Value::as_i64);
        Self {
            topic: topic.to_owned(),
            partition: partition.map(|number| i32::try_from(number).expect("partitions are few")),
            timestamp: held.get("timestamp").and_then(Value::as_i64),
            key: taken_text(&held, "key"),
            headers: taken_headers(held.get("headers")),
            value: taken_text(&held, "value"),
        }
    }

    /// The line of a message file.
    #[must_use]
    pub fn to_json_line(&self) -> String {
        let mut line = Map::new();
        line.insert("topic".into(), self.topic.clone().into());
        line.insert("partition".into(), self.partition.into());
        line.insert("timestamp".into(), self.timestamp.into());
        put_text(&mut line, "key", self.key.as_deref());
        let pairs = self.headers.iter().map(|(name, value)| {
            let text = value
                .as_ref()
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            serde_json::json!([name, text])
        });
        line.insert("headers".into(), pairs.collect());
        put_text(&mut line, "value", self.value.as_deref());
        Value::Object(line).to_string()
    }
}

/// Every message of a message file, in order.
///
/// # Panics
/// If the file cannot be read or a line is no message.
#[must_use]
pub fn read_message_file(path: &std::path::Path) -> Vec<Message> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(Message::from_json_line).collect()
}

fn taken_text(held: &Value, name: &str) -> Option<Vec<u8>> {
    let encoded = held.get(format!("{name}_base64")).and_then(Value::as_str);
    let decoded = encoded.map(|text| STANDARD.decode(text).expect("it is base 64"));
    decoded.or_else(|| {
        held.get(name)
            .and_then(Value::as_str)
            .map(|text| text.as_bytes().to_vec())
    })
}

/// Headers as an object or as a list of pairs.
fn taken_headers(held: Option<&Value>) -> Vec<(String, Option<Vec<u8>>)> {
    let taken = |name: &str, value: Option<&Value>| {
        let text = value.and_then(Value::as_str);
        (name.to_owned(), text.map(|text| text.as_bytes().to_vec()))
    };
    match held {
        Some(Value::Object(members)) => members
            .iter()
            .map(|(name, value)| taken(name, Some(value)))
            .collect(),
        Some(Value::Array(pairs)) => {
            let named = |pair: &Value| {
                taken(
                    pair.get(0)
                        .and_then(Value::as_str)
                        .expect("a header has a name"),
                    pair.get(1),
                )
            };
            pairs.iter().map(named).collect()
        }
        _ => Vec::new(),
    }
}

fn put_text(line: &mut Map<String, Value>, name: &str, bytes: Option<&[u8]>) {
    match bytes.map(std::str::from_utf8) {
        None => line.insert(name.to_owned(), Value::Null),
        Some(Ok(text)) => line.insert(name.to_owned(), text.into()),
        Some(Err(_)) => line.insert(
            format!("{name}_base64"),
            STANDARD.encode(bytes.expect("looked at above")).into(),
        ),
    };
}

/// One message as the broker keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    pub partition: i32,
    pub offset: i64,
    /// Epoch milliseconds, set by the producer or by the broker.
    pub timestamp: i64,
    pub is_log_append_time: bool,
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.value.as_ref().map(Vec::len);
        write!(
            formatter,
            "Stored {{ partition: {}, offset: {}, value bytes: {bytes:?} }}",
            self.partition, self.offset
        )
    }
}

impl Stored {
    /// The value as text, empty for a tombstone.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.value.as_deref().unwrap_or_default()).into_owned()
    }

    /// The first header of that name, as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.iter().find(|(each, _)| each == name)?;
        value
            .as_ref()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

/// (partition, offset), or why the broker did not take it.
type Delivery = Result<(i32, i64), KafkaError>;

/// What became of each message, by its index in the input.
#[derive(Default)]
struct Deliveries(Mutex<BTreeMap<usize, Delivery>>);

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Box<usize>;

    fn delivery(&self, result: &DeliveryResult<'_>, index: Self::DeliveryOpaque) {
        let outcome = match result {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => Err(error.clone()),
        };
        self.0
            .lock()
            .expect("nobody panics while noting a delivery")
            .insert(*index, outcome);
    }
}

/// Sends all messages in order, acknowledged by all replicas; gives (partition, offset) of each.
///
/// # Panics
/// If one is not taken within a minute.
pub fn produce(brokers: &str, messages: &[Message]) -> Vec<(i32, i64)> {
    let producer: BaseProducer<Deliveries> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("enable.idempotence", "true")
        .set("linger.ms", "5")
        .set("message.max.bytes", "10000000")
        .set("message.timeout.ms", PATIENCE.as_millis().to_string())
        .create_with_context(Deliveries::default())
        .expect("the settings are valid");
    for (index, message) in messages.iter().enumerate() {
        send(&producer, index, message);
    }
    producer.flush(PATIENCE).unwrap_or_else(|error| {
        panic!(
            "{brokers} did not take all {} messages: {error}",
            messages.len()
        )
    });
    let deliveries = producer
        .context()
        .0
        .lock()
        .expect("nobody panics while noting a delivery");
    let placed = deliveries.iter().map(|(index, outcome)| match outcome {
        Ok(place) => *place,
        Err(error) => panic!("{brokers} did not take message {index}: {error}"),
    });
    placed.collect()
}

fn send(producer: &BaseProducer<Deliveries>, index: usize, message: &Message) {
    let mut headers = OwnedHeaders::new();
    for (name, value) in &message.headers {
        headers = headers.insert(Header {
            key: name,
            value: value.as_ref(),
        });
    }
    let mut record: BaseRecord<'_, Vec<u8>, Vec<u8>, Box<usize>> =
        BaseRecord::with_opaque_to(&message.topic, Box::new(index)).headers(headers);
    record.key = message.key.as_ref();
    record.payload = message.value.as_ref();
    record.partition = message.partition;
    record.timestamp = message.timestamp;
    loop {
        match producer.send(record) {
            Ok(()) => break,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), returned)) => {
                record = returned;
                producer.poll(Duration::from_millis(100));
            }
            Err((error, _)) => panic!("message {index} cannot be sent: {error}"),
        }
    }
    producer.poll(Duration::ZERO);
}

/// Every message that the topic holds now, by partition and offset. Joins no group, commits nothing, creates no topic.
///
/// # Panics
/// If the topic is not there, or its end is not reached within a minute.
pub fn read_topic(brokers: &str, topic: &str) -> Vec<Stored> {
    let consumer: BaseConsumer = reader(brokers);
    let ends = ends(&consumer, topic);
    let mut list = TopicPartitionList::new();
    for (partition, (low, _)) in &ends {
        list.add_partition_offset(topic, *partition, Offset::Offset(*low))
            .expect("the offset comes from the broker");
    }
    consumer
        .assign(&list)
        .expect("the partitions come from the broker");
    let mut waiting: BTreeSet<i32> = ends.keys().copied().collect();
    let mut stored = Vec::new();
    let deadline = Deadline::after(PATIENCE);
    while !waiting.is_empty() {
        assert!(
            !deadline.is_past(),
            "the end of {topic} on {brokers} was not reached: partitions {waiting:?}"
        );
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100))
            && ends
                .get(&message.partition())
                .is_some_and(|(_, high)| message.offset() < *high)
        {
            stored.push(kept(&message));
        }
        drop_ended(&consumer, &ends, &mut waiting);
    }
    stored.sort_by_key(|message| (message.partition, message.offset));
    stored
}

/// Markers of transactions and compacted offsets are positions without a message, so the position decides.
fn drop_ended(
    consumer: &BaseConsumer,
    ends: &BTreeMap<i32, (i64, i64)>,
    waiting: &mut BTreeSet<i32>,
) {
    let positions = consumer.position().expect("asks the client alone");
    for element in positions.elements() {
        if let Offset::Offset(next) = element.offset()
            && ends
                .get(&element.partition())
                .is_some_and(|(_, high)| next >= *high)
        {
            waiting.remove(&element.partition());
        }
    }
}

/// (first offset, next offset) of each partition that holds anything; what `verify reconcile` must account for.
///
/// # Panics
/// If the broker does not answer or does not have the topic.
pub fn topic_ends(brokers: &str, topic: &str) -> BTreeMap<i32, (i64, i64)> {
    ends(&reader(brokers), topic)
}

pub(crate) fn reader(brokers: &str) -> BaseConsumer {
    ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", "yidang-tests-reader")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("allow.auto.create.topics", "false")
        .create()
        .expect("the settings are valid")
}

fn ends(consumer: &BaseConsumer, topic: &str) -> BTreeMap<i32, (i64, i64)> {
    let metadata = consumer
        .fetch_metadata(Some(topic), PATIENCE)
        .unwrap_or_else(|error| panic!("no metadata of {topic}: {error}"));
    let described = metadata
        .topics()
        .first()
        .filter(|each| each.error().is_none());
    let described = described.unwrap_or_else(|| panic!("the broker has no topic {topic}"));
    let mut ends = BTreeMap::new();
    for partition in described.partitions() {
        let marks = consumer.fetch_watermarks(topic, partition.id(), PATIENCE);
        let (low, high) = marks
            .unwrap_or_else(|error| panic!("no watermarks of {topic}/{}: {error}", partition.id()));
        if high > low {
            ends.insert(partition.id(), (low, high));
        }
    }
    ends
}

fn kept(message: &BorrowedMessage<'_>) -> Stored {
    let headers = message.headers().map(|headers| {
        let owned = headers
            .iter()
            .map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec)));
        owned.collect()
    });
    Stored {
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis().unwrap_or(-1),
        is_log_append_time: matches!(message.timestamp(), Timestamp::LogAppendTime(_)),
        key: message.key().map(<[u8]>::to_vec),
        headers: headers.unwrap_or_default(),
        value: message.payload().map(<[u8]>::to_vec),
    }
}
