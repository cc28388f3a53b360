//! Origins: where a record was read.

use std::fmt;

/// Coordinates of one message: a lane (feed, incarnation, partition) and the offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index of the feed in the catalog.
    pub feed: u16,
    /// Raised by the operator when a topic is recreated.
    pub incarnation: u32,
    pub partition: i32,
    pub offset: i64,
    /// Number of the record in its message, 0 for messages of one record.
    pub row: u32,
}

/// Coordinates as people and events read them: `topic/partition/offset/row`.
#[derive(Debug, Clone, Copy)]
pub struct Coordinates<'a> {
    pub topic: &'a str,
    pub origin: Origin,
}

impl fmt::Display for Coordinates<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin {
            partition,
            offset,
            row,
            ..
        } = self.origin;
        write!(formatter, "{}/{partition}/{offset}/{row}", self.topic)
    }
}
