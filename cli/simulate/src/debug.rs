//! What may be shown of types that hold personal values or keys: their name, and nothing of what they hold.

use std::fmt;

use crate::city::{City, CitySettings};
use crate::issue_id::IdKey;
use crate::message::Message;
use crate::truth::{IssueTruth, RecordTruth, SubjectTruth, Truth};

macro_rules! shown_by_name {
    ($($type:ident),*) => {
        $(impl fmt::Debug for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        })*
    };
}

shown_by_name!(
    City,
    CitySettings,
    IdKey,
    RecordTruth,
    SubjectTruth,
    IssueTruth,
    Truth
);

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Message")
            .field("topic", &self.topic)
            .field("partition", &self.partition)
            .field("timestamp_ms", &self.timestamp_ms)
            .field("size_bytes", &self.size_bytes())
            .finish_non_exhaustive()
    }
}
