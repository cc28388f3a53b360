//! One writer per format: objects and arrays of JSON, XML, CSV, lines of fixed width.

use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

use super::{Fields, Json};
use crate::feed::Feed;
use crate::sheet::Sheet;
use crate::sheet::seeds::{Damage, How, Sent};

/// How a message is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    JsonArray,
    Xml,
    /// With a header line, in GBK.
    Csv,
    /// In GB18030: fields with their bytes.
    FixedWidth(&'static [(&'static str, usize)]),
}

const ACCOUNT: [(&str, usize); 9] = [
    ("account", 20),
    ("month", 6),
    ("certno", 18),
    ("name", 20),
    ("status", 2),
    ("base", 12),
    ("paid", 6),
    ("unit", 40),
    ("unitcode", 18),
];

impl Format {
    /// The format of a message. Births come as XML now and then, where XML can show what is wrong.
    pub fn of(feed: Feed, sheet: &Sheet, salt: u64, damage: Option<Damage>) -> Self {
        match feed {
            Feed::Utility => Format::JsonArray,
            Feed::Assist => Format::Csv,
            Feed::HousingFund => Format::FixedWidth(&ACCOUNT),
            Feed::Birth if damage == Some(Damage::CutOffXml) => Format::Xml,
            Feed::Birth if damage.is_none() && salt % 4 == 3 && !is_typed(sheet) => Format::Xml,
            _ => Format::Json,
        }
    }

    /// Whether the message is JSON.
    pub fn is_json(self) -> bool {
        matches!(self, Format::Json | Format::JsonArray)
    }

    /// The bytes of a message.
    pub fn write(self, records: &[Fields], damage: Option<Damage>) -> Vec<u8> {
        let other = damage == Some(Damage::OtherEncoding);
        match self {
            Format::Json | Format::JsonArray => {
                let objects: Vec<String> = records.iter().map(Fields::json).collect();
                let text = match self {
                    Format::JsonArray => format!("[{}]", objects.join(",")),
                    _ => objects.concat(),
                };
                encoded(&text, if other { GB18030 } else { UTF_8 })
            }
            Format::Xml => records.iter().map(xml).collect::<String>().into_bytes(),
            Format::Csv => encoded(&csv(records), if other { UTF_8 } else { GBK }),
            Format::FixedWidth(widths) => {
                let encoding = if other { UTF_8 } else { GB18030 };
                let lines = records.iter().map(|record| line(record, widths, encoding));
                lines.collect::<Vec<_>>().concat()
            }
        }
    }

    /// Takes the last cell of the last row, or the last bytes of the last line.
    pub fn shorten(self, bytes: &mut Vec<u8>) {
        let keep = match self {
            Format::Csv => bytes.iter().rposition(|byte| *byte == b','),
            _ => bytes.len().checked_sub(4),
        };
        bytes.truncate(keep.unwrap_or_default());
        bytes.push(b'\n');
    }
}

/// Whether a value stands there as JSON.
fn is_typed(sheet: &Sheet) -> bool {
    let Some(How::Writes(writes)) = sheet.seeded.map(|seeded| &seeded.how) else {
        return false;
    };
    writes
        .iter()
        .any(|(_, sent, _)| matches!(sent, Sent::Raw(_)))
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

fn cell(value: &Json) -> &str {
    match value {
        Json::Text(text) | Json::Raw(text) => text,
        Json::Null => "",
    }
}

fn xml(record: &Fields) -> String {
    let mut out = String::from("<births><birth>");
    for (name, value) in &record.0 {
        let text = cell(value)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        match text.is_empty() {
            true => out.push_str(&format!("<{name}/>")),
            false => out.push_str(&format!("<{name}>{text}</{name}>")),
        }
    }
    out.push_str("</birth></births>");
    out
}

fn csv(records: &[Fields]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = records.first().into_iter().flat_map(|record| &record.0);
    writer
        .write_record(header.map(|(name, _)| *name))
        .expect("writing to memory does not fail");
    for record in records {
        writer
            .write_record(record.0.iter().map(|(_, value)| cell(value)))
            .expect("every row has the columns of the header");
    }
    let bytes = writer
        .into_inner()
        .expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("made of texts")
}

/// One line; what is longer than its place is cut to its bytes, as such programs do.
fn line(record: &Fields, widths: &[(&str, usize)], encoding: &'static Encoding) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, width) in widths {
        let text = record.text(name);
        let mut place = encoded(&text, GB18030);
        let padding = width.saturating_sub(place.len());
        if encoding == GB18030 {
            place.truncate(*width);
        } else {
            place = encoded(&text, encoding);
        }
        out.extend(place);
        out.extend(std::iter::repeat_n(b' ', padding));
    }
    out.push(b'\n');
    out
}
