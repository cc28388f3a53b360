//! Epochs: a batch of messages that is landed as one, and everything that follows from it.

use bytes::Bytes;
use yidang_transform::message::RawMessage;

/// A Kafka header.
pub type Header = (String, Option<Bytes>);

/// A message as it was received, owned. Its content never appears in `Debug`.
#[derive(Clone)]
pub struct LandedMessage {
    /// Index of the feed in the catalog.
    pub feed: u16,
    pub incarnation: u32,
    pub partition: i32,
    pub offset: i64,
    /// Epoch milliseconds; below zero where the message has none.
    pub timestamp_ms: i64,
    /// The broker set the timestamp, not the producer.
    pub log_append_time: bool,
    pub key: Option<Bytes>,
    pub headers: Vec<Header>,
    pub value: Option<Bytes>,
    /// Held for a failure of ours: it panicked alone and is not judged by this version.
    pub held: bool,
}

impl std::fmt::Debug for LandedMessage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LandedMessage")
            .field("feed", &self.feed)
            .field("partition", &self.partition)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl LandedMessage {
    /// The message as the verbs see it.
    pub fn raw(&self) -> RawMessage<'_> {
        RawMessage {
            incarnation: self.incarnation,
            partition: self.partition,
            offset: self.offset,
            timestamp_ms: self.timestamp_ms,
            key: self.key.as_deref(),
            headers: &self.headers,
            value: self.value.as_deref(),
        }
    }

    /// First half of BLAKE3 over key, headers and value, each with its length; null differs from empty.
    pub fn digest(&self) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new();
        let mut part = |bytes: Option<&[u8]>| {
            let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
            hasher.update(&length.to_le_bytes());
            hasher.update(bytes.unwrap_or(&[]));
        };
        part(self.key.as_deref());
        for (name, value) in &self.headers {
            part(Some(name.as_bytes()));
            part(value.as_deref());
        }
        part(self.value.as_deref());
        *hasher
            .finalize()
            .as_bytes()
            .first_chunk()
            .expect("a BLAKE3 digest has 32 bytes")
    }

    /// Bytes that count against the bound of an epoch.
    pub fn size_bytes(&self) -> usize {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| name.len() + value.as_ref().map_or(0, Bytes::len));
        self.key.as_ref().map_or(0, Bytes::len)
            + self.value.as_ref().map_or(0, Bytes::len)
            + headers.sum::<usize>()
    }
}

/// What is landed as one epoch. The ordinal of a message is its place.
#[derive(Debug, Clone)]
pub struct EpochInput {
    pub epoch: i64,
    /// Landing instant in epoch milliseconds.
    pub landed_at_ms: i64,
    pub messages: Vec<LandedMessage>,
}

/// What becomes of a batch that panicked.
#[derive(Debug)]
pub enum Narrowed {
    /// The first half is tried, the rest waits.
    Halved {
        first: EpochInput,
        rest: Vec<LandedMessage>,
    },
    /// The message that panics stands alone: it is held and landed unjudged.
    Held(EpochInput),
    /// It panics even unread: no version of this batch can be landed.
    InVain(EpochInput),
}

impl EpochInput {
    /// Narrows a batch that panicked down to the message that does it.
    #[must_use]
    pub fn narrowed(mut self) -> Narrowed {
        match self.messages.as_mut_slice() {
            [] => Narrowed::InVain(self),
            [alone] if alone.held => Narrowed::InVain(self),
            [alone] => {
                alone.held = true;
                Narrowed::Held(self)
            }
            _ => {
                let rest = self.messages.split_off(self.messages.len() / 2);
                Narrowed::Halved { first: self, rest }
            }
        }
    }
}

/// One ordered log of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    pub feed: u16,
    pub incarnation: u32,
    pub partition: i32,
}

/// Where a lane stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneState {
    /// Offset of the last landed message.
    pub last_offset: i64,
    pub last_digest: [u8; 16],
    pub last_timestamp_ms: i64,
}

impl LaneState {
    /// The next offset to read.
    pub fn position(&self) -> i64 {
        self.last_offset + 1
    }
}
