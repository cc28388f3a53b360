//! What statements of the feeds beside the registers say of a subject, as candidates.

use serde_json::{Map, Value, json};

use super::Candidates;
use crate::feed::Feed;
use crate::record::Record;
use crate::sheet::{Said, SaidCell};

/// Between what ranks a struct by itself and the time of its statement: more than any time.
const BEFORE_TIME: i64 = 10_000_000_000_000;

/// Rank of a feed in the published authority lists, beside those of the registers; it is the same in all columns.
fn rank(feed: Feed) -> u8 {
    match feed {
        Feed::Hmt => 6,
        Feed::Birth => 7,
        Feed::Enrol => 8,
        Feed::Assist => 9,
        Feed::HousingFund => 10,
        Feed::Lease => 11,
        Feed::Marriage => 12,
        Feed::RealEstate => 13,
        Feed::Dishonest => 14,
        _ => 15,
    }
}

/// Columns with an order of their own: who lives here, who is alive, and whose word on a marriage leads.
fn rank_in(column: &str, feed: Feed, value: &Value) -> u8 {
    match (column, value.as_str()) {
        ("residence_kind", Some("HMT")) => 3,
        ("residence_kind", _) => 4,
        ("marital_code", _) => 1,
        _ => rank(feed),
    }
}

impl Candidates {
    /// Adds what a live record says of one of its subjects.
    pub fn state_said(&mut self, record: &Record, said: Said) {
        self.feed = record.feed();
        let (feed, tie) = (self.feed, record.time_ms);
        self.last_business_ms = self.last_business_ms.max(Some(tie));
        if super::super::is_person(said.class) {
            self.add("id_type", rank(feed), tie, Some(json!(said.class)));
            self.add("id_no", rank(feed), tie, Some(json!(said.number)));
        }
        for cell in said.cells {
            match cell {
                SaidCell::Column(column, (_, _, value)) => {
                    self.add(column, rank_in(column, feed, &value), tie, Some(value));
                }
                SaidCell::Struct(column, first, parts) => {
                    let tie = first * BEFORE_TIME + tie;
                    self.add(column, rank(feed), tie, Some(object(parts)));
                }
                SaidCell::Element(column, element, parts) => {
                    self.add_element(column, element, rank(feed), tie, object(parts));
                }
            }
        }
    }
}

fn object(parts: Vec<crate::sheet::Part>) -> Value {
    let parts = parts.into_iter();
    Value::Object(
        parts
            .map(|(name, _, value)| (name.to_owned(), value))
            .collect::<Map<_, _>>(),
    )
}
