//! Statements as messages: a writer for each format, the headers, and the ways in which a message goes wrong.

mod formats;

use super::{Fields, Json, Rendered, spoil};
use crate::defect::Defect;
use crate::feed::Feed;
use crate::identifier::{ResidentId, wrong_credit_check};
use crate::record::{Operation, Record};
use crate::sheet::Sheet;
use crate::sheet::seeds::{Damage, How, Sent};
use formats::Format;

/// A time that no clock shows yet.
const FUTURE_MS: &str = "3881520000000";

/// The fields of a sheet under its defect, those of elements one by one.
pub fn spoiled_fields(sheet: &Sheet, salt: u64) -> Fields {
    let mut fields = sheet.statement.fields(salt);
    let Some(How::Writes(writes)) = sheet.seeded.map(|seeded| &seeded.how) else {
        return fields;
    };
    for (field, sent, _) in writes {
        let before = fields.text(field);
        let value = match sent {
            Sent::Text(text) => Json::Text((*text).to_owned()),
            Sent::Raw(raw) => Json::Raw((*raw).to_owned()),
            Sent::Number(defect) => Json::Text(number_as_sent(&before, *defect, salt)),
            Sent::Credit => Json::Text(wrong_credit_check(&before, salt)),
            Sent::Unique(start) => Json::Text(format!("{start}{}", last_digits(&before))),
            Sent::With(behind) => Json::Text(format!("{before}{behind}")),
        };
        fields.set(field, value);
    }
    fields
}

/// The last four digits of a key, which number the records of a feed.
fn last_digits(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let last = digits.len().saturating_sub(4);
    digits.into_iter().skip(last).collect()
}

fn number_as_sent(before: &str, defect: Defect, salt: u64) -> String {
    let bare = before.trim_start_matches('\'');
    let Some(id) = ResidentId::of(bare) else {
        return before.to_owned();
    };
    // The numbers of the first generation have no century.
    let born_later = bare.get(6..8) != Some("19");
    match defect {
        Defect::IdFifteenDigits if born_later => spoil::spoiled_id(&id, Defect::IdFullWidth, salt),
        defect => spoil::spoiled_id(&id, defect, salt),
    }
}

fn damage_of(sheet: &Sheet) -> Option<Damage> {
    match &sheet.seeded?.how {
        How::Damages(damage) => Some(*damage),
        How::Writes(_) | How::Twists(_) => None,
    }
}

/// Renders the rows of one message.
pub fn render_rows(rows: &[&Record], corrects: Option<&str>) -> Rendered {
    let first = rows.first().expect("a message has a record");
    let sheet = first.sheet().expect("the feed is told by statements");
    let salted: Vec<(&Sheet, u64)> = rows
        .iter()
        .filter_map(|row| Some((row.sheet()?, row.salt)))
        .collect();
    let format = Format::of(first.feed(), sheet, first.salt, damage_of(sheet));
    let value = match first.operation {
        Operation::Tombstone => None,
        Operation::RemovalEmpty => Some(Vec::new()),
        _ if sheet.marker().is_some() => Some(Vec::new()),
        _ => Some(body(format, &salted, damage_of(sheet))),
    };
    Rendered {
        key: message_key(first, sheet),
        headers: headers(first, sheet, format, corrects),
        value,
    }
}

fn body(format: Format, rows: &[(&Sheet, u64)], damage: Option<Damage>) -> Vec<u8> {
    let records = rows.iter().map(|(sheet, salt)| {
        let mut fields = spoiled_fields(sheet, *salt);
        if damage == Some(Damage::OtherEncoding) && format.is_json() {
            fields.set("bz", Json::Text("历史系统导出".to_owned()));
        }
        sheet.statement.nest(&mut fields);
        fields
    });
    let records: Vec<Fields> = records.collect();
    let mut bytes = format.write(&records, damage);
    match damage {
        Some(Damage::CutOff | Damage::CutOffXml) => bytes.truncate(bytes.len() * 3 / 5),
        Some(Damage::ShortRow) => format.shorten(&mut bytes),
        _ => {}
    }
    bytes
}

/// The values of the record key as sent, joined by a bar; the name of the file where a message has many rows.
fn message_key(record: &Record, sheet: &Sheet) -> Option<Vec<u8>> {
    if let Some(snapshot) = sheet.snapshot {
        return Some(format!("assist-{:04}", snapshot.number).into_bytes());
    }
    if let Some(file) = sheet.file {
        return Some(format!("{}-{file:06}", record.feed().contract()).into_bytes());
    }
    let fields = spoiled_fields(sheet, record.salt);
    let parts: Vec<String> = record
        .feed()
        .key_fields()
        .iter()
        .map(|field| fields.text(field))
        .collect();
    (!parts.iter().any(String::is_empty)).then(|| parts.join("|").into_bytes())
}

fn headers(
    record: &Record,
    sheet: &Sheet,
    format: Format,
    corrects: Option<&str>,
) -> Vec<(String, Option<Vec<u8>>)> {
    let mut headers: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    let mut push =
        |name: &str, value: String| headers.push((name.to_owned(), Some(value.into_bytes())));
    let damage = damage_of(sheet);
    let sequence = sheet
        .snapshot
        .map_or(record.sequence, |snapshot| snapshot.number);
    if damage != Some(Damage::WithoutSequence) {
        push("seq", sequence.to_string());
    }
    match damage {
        Some(Damage::WithoutTime) => {}
        Some(Damage::FutureTime) => push("business-time", FUTURE_MS.to_owned()),
        _ => push("business-time", record.time_ms.to_string()),
    }
    if let Some(marker) = sheet.marker() {
        push("rows", marker.rows.to_string());
    }
    match record.operation {
        _ if sheet.snapshot.is_some() => push("op", "S".to_owned()),
        Operation::RemovalEmpty | Operation::RemovalWithBody => push("op", "D".to_owned()),
        Operation::Upsert if record.salt.is_multiple_of(4) => push("op", "U".to_owned()),
        _ => {}
    }
    if record.feed() == Feed::Birth {
        match (damage, format) {
            (Some(Damage::UnknownFormat), _) => push("content-type", "text/csv".to_owned()),
            (_, Format::Xml) => push("content-type", "application/xml".to_owned()),
            _ => {}
        }
    }
    if let Some(id) = corrects {
        push("corrects", id.to_owned());
    }
    headers
}
