//! Raw messages as the verbs see them: borrowed bytes with their coordinates.

/// One Kafka message. Its content never appears in `Debug`.
#[derive(Clone, Copy)]
pub struct RawMessage<'a> {
    pub incarnation: u32,
    pub partition: i32,
    pub offset: i64,
    /// Broker timestamp in epoch milliseconds; below zero where the message has none.
    pub timestamp_ms: i64,
    pub key: Option<&'a [u8]>,
    pub headers: &'a [(String, Option<bytes::Bytes>)],
    pub value: Option<&'a [u8]>,
}

impl RawMessage<'_> {
    /// The last header of this name, as text; nothing where it is absent, null or not UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter().rev();
        let (_, value) = headers.find(|(header, _)| header == name)?;
        std::str::from_utf8(value.as_deref()?).ok()
    }
}

impl std::fmt::Debug for RawMessage<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RawMessage")
            .field("partition", &self.partition)
            .field("offset", &self.offset)
            .field("value_bytes", &self.value.map(<[u8]>::len))
            .finish_non_exhaustive()
    }
}
