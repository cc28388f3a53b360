//! From facts to bytes: each feed in the shape, headers and message keys that its agency sends.
//!
//! Rendering is the last step and the only one that knows wire formats; the truth never looks at its output.

mod fields;
mod penalty;
pub mod sheet;
mod spoil;

use jiff::tz::TimeZone;

use crate::defect::Defect;
use crate::feed::Feed;
use crate::record::{FIRST_VERSION, Operation, Record};

pub use fields::text;
pub use penalty::render_file;
pub use spoil::{UNKNOWN_CODE, name_as_sent, spoiled_id};

/// Key, headers and value of a message.
pub struct Rendered {
    pub key: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    pub value: Option<Vec<u8>>,
}

/// A JSON value, as far as the feeds need one.
pub enum Json {
    Text(String),
    Raw(String),
    Null,
}

/// The fields of one record in the order in which the agency writes them.
pub struct Fields(pub Vec<(&'static str, Json)>);

impl Fields {
    /// Writes a field, in its place where it is there already.
    pub fn set(&mut self, field: &'static str, value: Json) {
        match self.0.iter_mut().find(|(name, _)| *name == field) {
            Some((_, slot)) => *slot = value,
            None => self.0.push((field, value)),
        }
    }

    /// The text of a field; empty where it has none.
    pub fn text(&self, field: &str) -> String {
        self.0
            .iter()
            .find_map(|(name, value)| match value {
                Json::Text(text) if *name == field => Some(text.clone()),
                Json::Raw(text) if *name == field => Some(text.clone()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The value of a field.
    pub fn get(&self, field: &str) -> Option<&Json> {
        let found = self.0.iter().find(|(name, _)| *name == field);
        found.map(|(_, value)| value)
    }

    /// Takes a field out.
    pub fn take(&mut self, field: &str) -> Option<Json> {
        let place = self.0.iter().position(|(name, _)| *name == field)?;
        Some(self.0.remove(place).1)
    }

    fn remove(&mut self, field: &str) {
        self.0.retain(|(name, _)| *name != field);
    }

    /// The fields as a JSON object.
    pub fn json(&self) -> String {
        let mut out = String::with_capacity(self.0.len() * 32);
        out.push('{');
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_text(&mut out, name);
            out.push(':');
            match value {
                Json::Text(text) => push_text(&mut out, text),
                Json::Raw(raw) => out.push_str(raw),
                Json::Null => out.push_str("null"),
            }
        }
        out.push('}');
        out
    }
}

fn push_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::to_string(text).expect("text always has a JSON form"));
}

/// Renders a record of every feed but the penalty list, whose messages are files of many rows.
pub fn render(record: &Record, zone: &TimeZone, corrects: Option<&str>) -> Rendered {
    let feed = record.feed();
    let mut fields = fields::fields(record, zone);
    spoil::spoil_fields(record, &mut fields);
    Rendered {
        key: message_key(record, &fields),
        headers: headers(record, corrects),
        value: value(record, feed, &fields),
    }
}

/// The values of the record key as sent, joined by a bar; none where the sender had no key.
fn message_key(record: &Record, fields: &Fields) -> Option<Vec<u8>> {
    if record.defect == Some(Defect::MissingKey) {
        return None;
    }
    let parts: Vec<String> = record
        .feed()
        .key_fields()
        .iter()
        .map(|field| fields.text(field))
        .collect();
    Some(parts.join("|").into_bytes())
}

fn headers(record: &Record, corrects: Option<&str>) -> Vec<(String, Option<Vec<u8>>)> {
    let mut headers: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    let mut push =
        |name: &str, value: String| headers.push((name.to_owned(), Some(value.into_bytes())));
    let missing = matches!(
        record.defect,
        Some(Defect::MissingOrderHeader | Defect::RemovalWithoutOrder)
    );
    let feed = record.feed();
    if !missing {
        push("seq", record.sequence.to_string());
    }
    let times_by_header = matches!(feed, Feed::Residence | Feed::Death | Feed::Register);
    if times_by_header
        || record.operation.is_removal() && record.defect != Some(Defect::RemovalWithoutOrder)
    {
        push("business-time", record.time_ms.to_string());
    }
    match record.operation {
        Operation::RemovalEmpty => push("op", "D".to_owned()),
        Operation::RemovalWithBody if feed != Feed::Insurance => push("op", "D".to_owned()),
        Operation::Upsert if feed != Feed::Insurance && record.salt.is_multiple_of(4) => {
            push("op", "U".to_owned())
        }
        _ => {}
    }
    if let Some(id) = corrects {
        push("corrects", id.to_owned());
    }
    headers
}

fn value(record: &Record, feed: Feed, fields: &Fields) -> Option<Vec<u8>> {
    match record.operation {
        Operation::Tombstone => return None,
        Operation::RemovalEmpty => return Some(Vec::new()),
        Operation::Upsert | Operation::RemovalWithBody => {}
    }
    let text = if feed == Feed::Insurance {
        envelope(record, fields)
    } else {
        fields.json()
    };
    Some(spoil::spoil_bytes(record, text))
}

/// The change envelope of a database log reader: op, time, key columns before, all columns after.
fn envelope(record: &Record, fields: &Fields) -> String {
    let mut key = Fields(Vec::new());
    for field in Feed::Insurance.key_fields() {
        key.set(field, Json::Text(fields.text(field)));
    }
    let removal = record.operation.is_removal();
    let op = match (removal, record.story == Some(FIRST_VERSION)) {
        (true, _) => "d",
        (false, true) => "c",
        (false, false) => "u",
    };
    let mut outer = Fields(vec![("op", Json::Text(op.to_owned()))]);
    if record.defect != Some(Defect::MissingOrder) {
        let ts_ms = if record.defect == Some(Defect::FutureOrder) {
            3_900_000_000_000
        } else {
            record.time_ms
        };
        outer.set("ts_ms", Json::Raw(ts_ms.to_string()));
    }
    outer.set(
        "before",
        if op == "c" {
            Json::Null
        } else {
            Json::Raw(key.json())
        },
    );
    outer.set(
        "after",
        if removal {
            Json::Null
        } else {
            Json::Raw(fields.json())
        },
    );
    outer.json()
}
