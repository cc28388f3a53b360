//! A Kafka message as the city sends it, and its line in a message file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One message. `timestamp_ms` is the CreateTime that the producer sets. It has no `Debug`: key, headers and value hold
/// personal values.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub partition: i32,
    pub timestamp_ms: i64,
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// None is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Set where the header `corrects` must be filled in before sending (see [`Message::resolve`]).
    pub corrects: Option<CorrectsRef>,
}

/// Names an issue by the record that opened it, since only the engine knows issue ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectsRef {
    /// Contract id of the bad record's feed.
    pub feed: String,
    pub topic: String,
    pub partition: i32,
    /// Offset of the bad message, if the messages went in this order into empty topics.
    pub offset: i64,
    /// Row in the bad message, from 0.
    pub row: u32,
    pub rule: String,
    /// The source field, empty for rules about the whole record.
    pub field: String,
}

impl Message {
    /// Asks `find` for the issue id and sets the header; without an answer the header keeps its made-up id, which closes
    /// nothing.
    pub fn resolve(&mut self, find: &mut dyn FnMut(&CorrectsRef) -> Option<String>) {
        let Some(reference) = self.corrects.take() else {
            return;
        };
        let Some(id) = find(&reference) else {
            self.corrects = Some(reference);
            return;
        };
        for (name, value) in &mut self.headers {
            if name == "corrects" {
                *value = Some(id.clone().into_bytes());
            }
        }
    }

    /// Bytes of key, headers and value: what a broker stores, its own framing apart.
    pub fn size_bytes(&self) -> usize {
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.as_ref().map_or(0, Vec::len))
            .sum();
        headers + self.key.as_ref().map_or(0, Vec::len) + self.value.as_ref().map_or(0, Vec::len)
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("topic", &self.topic)?;
        map.serialize_entry("partition", &self.partition)?;
        map.serialize_entry("timestamp", &self.timestamp_ms)?;
        entry(&mut map, "key", "key_base64", self.key.as_deref())?;
        map.serialize_entry("headers", &HeaderList(&self.headers))?;
        entry(&mut map, "value", "value_base64", self.value.as_deref())?;
        map.end()
    }
}

fn entry<M: SerializeMap>(
    map: &mut M,
    text_name: &'static str,
    bytes_name: &'static str,
    value: Option<&[u8]>,
) -> Result<(), M::Error> {
    match value.map(|bytes| (bytes, std::str::from_utf8(bytes))) {
        None => map.serialize_entry(text_name, &()),
        Some((_, Ok(text))) => map.serialize_entry(text_name, text),
        Some((bytes, Err(_))) => map.serialize_entry(bytes_name, &BASE64.encode(bytes)),
    }
}

struct HeaderList<'a>(&'a [(String, Option<Vec<u8>>)]);

impl Serialize for HeaderList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.0
                .iter()
                .map(|(name, value)| (name, value.as_deref().map(String::from_utf8_lossy))),
        )
    }
}

/// Headers in a message file: a list of [name, value], or an object where order and repeats do not matter.
#[derive(Deserialize)]
#[serde(untagged)]
enum Headers {
    List(Vec<(String, Option<String>)>),
    Object(std::collections::BTreeMap<String, Option<String>>),
}

#[derive(Deserialize)]
struct Line {
    topic: String,
    partition: i32,
    timestamp: i64,
    key: Option<String>,
    key_base64: Option<String>,
    headers: Option<Headers>,
    value: Option<String>,
    value_base64: Option<String>,
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let line = Line::deserialize(deserializer)?;
        let bytes = |text: Option<String>, encoded: Option<String>| match encoded {
            Some(encoded) => BASE64
                .decode(encoded)
                .map(Some)
                .map_err(serde::de::Error::custom),
            None => Ok(text.map(String::into_bytes)),
        };
        let headers = match line.headers {
            None => Vec::new(),
            Some(Headers::List(list)) => list,
            Some(Headers::Object(object)) => object.into_iter().collect(),
        };
        Ok(Self {
            topic: line.topic,
            partition: line.partition,
            timestamp_ms: line.timestamp,
            key: bytes(line.key, line.key_base64)?,
            headers: headers
                .into_iter()
                .map(|(name, value)| (name, value.map(String::into_bytes)))
                .collect(),
            value: bytes(line.value, line.value_base64)?,
            corrects: None,
        })
    }
}
