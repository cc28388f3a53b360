//! A broker in memory for unit tests, and a producer that sends what no client would.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::{Offset, TopicPartitionList};

use super::BrokerSettings;

pub(crate) struct Mock {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

/// A record as it goes over the wire; header names are bytes.
pub(crate) struct Record<'a> {
    value: &'a [u8],
    headers: &'a [(&'a [u8], &'a [u8])],
}

impl<'a> Record<'a> {
    pub(crate) fn new(value: &'a [u8], headers: &'a [(&'a [u8], &'a [u8])]) -> Self {
        Self { value, headers }
    }
}

impl Mock {
    pub(crate) fn with_topic(name: &str, partitions: i32) -> Self {
        let cluster = MockCluster::new(1).expect("librdkafka has a mock cluster");
        cluster
            .create_topic(name, partitions, 1)
            .expect("the topic is new");
        Self { cluster }
    }

    /// Another topic, of one partition.
    pub(crate) fn make(&self, name: &str) {
        self.cluster
            .create_topic(name, 1, 1)
            .expect("the topic is new");
    }

    pub(crate) fn cluster(&self) -> &MockCluster<'static, DefaultProducerContext> {
        &self.cluster
    }

    pub(crate) fn settings(&self) -> BrokerSettings {
        BrokerSettings {
            brokers: self.cluster.bootstrap_servers(),
            extra: Vec::new(),
        }
    }

    /// First bytes of the values of partition 0, as far as they are there now.
    pub(crate) fn values(&self, topic: &str) -> Vec<u8> {
        let consumer: BaseConsumer = self
            .settings()
            .client()
            .set("group.id", "proof")
            .set("enable.partition.eof", "true")
            .create()
            .expect("the settings are good");
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::Beginning)
            .expect("it is a place");
        consumer.assign(&list).expect("it is a place");
        let mut values = Vec::new();
        loop {
            match consumer.poll(Duration::from_secs(10)) {
                Some(Ok(message)) => values.extend(message.payload().and_then(<[u8]>::first)),
                Some(Err(KafkaError::PartitionEOF(_))) => return values,
                other => panic!("the mock answers: {:?}", other.map(|polled| polled.is_ok())),
            }
        }
    }

    /// Sends records to partition 0 as one batch, in Produce request version 7.
    pub(crate) fn produce(&self, topic: &str, records: &[Record<'_>]) {
        let batch = batch(records);
        let mut request = Vec::new();
        request.extend(0_i16.to_be_bytes());
        request.extend(7_i16.to_be_bytes());
        request.extend(1_i32.to_be_bytes());
        text(&mut request, Some("proof"));
        text(&mut request, None);
        request.extend((-1_i16).to_be_bytes());
        request.extend(5_000_i32.to_be_bytes());
        request.extend(1_i32.to_be_bytes());
        text(&mut request, Some(topic));
        request.extend(1_i32.to_be_bytes());
        request.extend(0_i32.to_be_bytes());
        request.extend(length(&batch).to_be_bytes());
        request.extend(batch);
        let mut socket =
            TcpStream::connect(self.cluster.bootstrap_servers()).expect("the mock listens");
        socket
            .write_all(&[&length(&request).to_be_bytes(), request.as_slice()].concat())
            .expect("the mock reads");
        let mut size = [0; 4];
        socket.read_exact(&mut size).expect("the mock answers");
    }
}

fn length(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).expect("proofs are small")
}

fn text(into: &mut Vec<u8>, text: Option<&str>) {
    let length = text.map_or(-1, |text| i16::try_from(text.len()).expect("it is short"));
    into.extend(length.to_be_bytes());
    into.extend(text.unwrap_or_default().as_bytes());
}

/// Zigzag, seven bits a byte, the least first.
fn varint(into: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        into.push(u8::try_from(rest & 0x7f).expect("seven bits") | 0x80);
        rest >>= 7;
    }
    into.push(u8::try_from(rest).expect("seven bits"));
}

fn counted(into: &mut Vec<u8>, bytes: &[u8]) {
    varint(into, i64::from(length(bytes)));
    into.extend(bytes);
}

/// A record batch of format version 2; the checksum is left out, nobody here looks at it.
fn batch(records: &[Record<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (place, record) in (0_i64..).zip(records) {
        let mut one = vec![0];
        varint(&mut one, 0);
        varint(&mut one, place);
        varint(&mut one, -1);
        counted(&mut one, record.value);
        varint(&mut one, record.headers.len() as i64);
        for (name, value) in record.headers {
            counted(&mut one, name);
            counted(&mut one, value);
        }
        counted(&mut body, &one);
    }
    let count = i32::try_from(records.len()).expect("proofs are small");
    let (time, none) = (1_760_000_000_000_i64.to_be_bytes(), (-1_i64).to_be_bytes());
    let mut after = Vec::new();
    after.extend(0_i32.to_be_bytes());
    after.push(2);
    after.extend(0_i32.to_be_bytes());
    after.extend(0_i16.to_be_bytes());
    after.extend((count - 1).to_be_bytes());
    after.extend([time, time, none].concat());
    after.extend((-1_i16).to_be_bytes());
    after.extend((-1_i32).to_be_bytes());
    after.extend(count.to_be_bytes());
    after.extend(body);
    let mut batch = 0_i64.to_be_bytes().to_vec();
    batch.extend(length(&after).to_be_bytes());
    batch.extend(after);
    batch
}
