//! Kafka messages as no client would send them: a Produce request written byte by byte to a real broker.
//!
//! One batch of records for one partition (record batch version 2, Produce version 7). For what a client library refuses,
//! such as header names that are no UTF-8. Leaves alone: everything that `messages` can send.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::messages::Message;

const PATIENCE: Duration = Duration::from_secs(30);
const PRODUCE: i16 = 0;
const PRODUCE_VERSION: i16 = 7;
const CORRELATION: i32 = 1;
const ALL_REPLICAS: i16 = -1;
const BATCH_VERSION: u8 = 2;
const NONE: i64 = -1;

/// A header whose name is bytes.
pub type RawHeader = (Vec<u8>, Option<Vec<u8>>);

/// A record as it goes over the wire.
#[derive(Debug, Clone)]
pub struct RawRecord {
    pub timestamp: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<RawHeader>,
}

impl From<Message> for RawRecord {
    fn from(message: Message) -> Self {
        let headers = message.headers.into_iter();
        Self {
            timestamp: message.timestamp.expect("proofs give a time"),
            key: message.key,
            value: message.value,
            headers: headers
                .map(|(name, value)| (name.into_bytes(), value))
                .collect(),
        }
    }
}

/// Sends records as one batch to a partition; gives the offset of the first, once all replicas have them.
///
/// # Panics
/// If the broker does not take them within half a minute.
pub fn produce_raw(broker: &str, topic: &str, partition: i32, records: &[RawRecord]) -> i64 {
    let asked = ask(broker, &request(topic, partition, &batch(records)));
    let answer = asked.unwrap_or_else(|error| panic!("{broker} did not answer: {error}"));
    let (code, offset) = read_answer(&answer, topic);
    assert_eq!(code, 0, "{broker} refused the batch with this code");
    offset
}

fn ask(broker: &str, request: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut socket = TcpStream::connect(broker)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.write_all(&[&length(request).to_be_bytes(), request].concat())?;
    let mut size = [0; 4];
    socket.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size)).expect("a size is positive");
    let mut answer = vec![0; size];
    socket.read_exact(&mut answer)?;
    Ok(answer)
}

fn request(topic: &str, partition: i32, batch: &[u8]) -> Vec<u8> {
    let mut request = Vec::new();
    request.extend(PRODUCE.to_be_bytes());
    request.extend(PRODUCE_VERSION.to_be_bytes());
    request.extend(CORRELATION.to_be_bytes());
    text(&mut request, Some("proof"));
    let no_transaction = None;
    text(&mut request, no_transaction);
    request.extend(ALL_REPLICAS.to_be_bytes());
    request.extend(length_of(PATIENCE.as_millis()).to_be_bytes());
    let one = 1_i32.to_be_bytes();
    request.extend(one);
    text(&mut request, Some(topic));
    request.extend(one);
    request.extend(partition.to_be_bytes());
    request.extend(length(batch).to_be_bytes());
    request.extend(batch);
    request
}

/// Error code and first offset of the one partition: behind correlation, number of topics, name, number of partitions and
/// partition.
fn read_answer(answer: &[u8], topic: &str) -> (i16, i64) {
    let at = 4 + 4 + 2 + topic.len() + 4 + 4;
    let code = answer.get(at..at + 2).and_then(|part| part.try_into().ok());
    let offset = answer
        .get(at + 2..at + 10)
        .and_then(|part| part.try_into().ok());
    let whole = "an answer of version 7 has them";
    (
        i16::from_be_bytes(code.expect(whole)),
        i64::from_be_bytes(offset.expect(whole)),
    )
}

/// A record batch of format version 2.
fn batch(records: &[RawRecord]) -> Vec<u8> {
    let first = records.first().expect("a batch has a record").timestamp;
    let latest = records.iter().map(|record| record.timestamp).max();
    let count = length_of(records.len());
    let mut summed = Vec::new();
    let no_attributes = 0_i16;
    summed.extend(no_attributes.to_be_bytes());
    summed.extend((count - 1).to_be_bytes());
    summed.extend(first.to_be_bytes());
    summed.extend(latest.unwrap_or(first).to_be_bytes());
    let (no_producer, no_producer_epoch, no_sequence) = (NONE, -1_i16, -1_i32);
    summed.extend(no_producer.to_be_bytes());
    summed.extend(no_producer_epoch.to_be_bytes());
    summed.extend(no_sequence.to_be_bytes());
    summed.extend(count.to_be_bytes());
    for (place, each) in (0_i64..).zip(records) {
        counted(&mut summed, Some(&record(place, first, each)));
    }
    let mut after = Vec::new();
    let no_leader_epoch = 0_i32;
    after.extend(no_leader_epoch.to_be_bytes());
    after.push(BATCH_VERSION);
    after.extend(crc32c(&summed).to_be_bytes());
    after.extend(summed);
    let base_offset = 0_i64;
    let mut batch = base_offset.to_be_bytes().to_vec();
    batch.extend(length(&after).to_be_bytes());
    batch.extend(after);
    batch
}

fn record(place: i64, first: i64, record: &RawRecord) -> Vec<u8> {
    let no_attributes = 0;
    let mut bytes = vec![no_attributes];
    varint(&mut bytes, record.timestamp - first);
    varint(&mut bytes, place);
    counted(&mut bytes, record.key.as_deref());
    counted(&mut bytes, record.value.as_deref());
    varint(&mut bytes, i64::from(length_of(record.headers.len())));
    for (name, value) in &record.headers {
        counted(&mut bytes, Some(name));
        counted(&mut bytes, value.as_deref());
    }
    bytes
}

fn length(bytes: &[u8]) -> i32 {
    length_of(bytes.len())
}

fn length_of(count: impl TryInto<i32>) -> i32 {
    count.try_into().ok().expect("proofs are small")
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

/// Bytes behind their length; nothing is the length -1.
fn counted(into: &mut Vec<u8>, bytes: Option<&[u8]>) {
    varint(into, bytes.map_or(NONE, |bytes| i64::from(length(bytes))));
    into.extend(bytes.unwrap_or_default());
}

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), which a broker checks.
fn crc32c(bytes: &[u8]) -> u32 {
    const REFLECTED: u32 = 0x82F6_3B78;
    let step = |sum: u32| (sum >> 1) ^ (REFLECTED & (sum & 1).wrapping_neg());
    let sum = bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| step(sum))
    });
    !sum
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(super::crc32c(b"123456789"), 0xE306_9283);
        assert_eq!(super::crc32c(&[0; 32]), 0x8A91_36AA);
    }
}
