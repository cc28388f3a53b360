//! Records of any feed as flat members, and as bytes in the feed's own format and encoding.
//!
//! A member of the elements of an array is named as in the contract, `array[].member`; a record has one element.

use serde_json::{Map, Value, json};
use yidang_schemas::contract::{Contract, Encoding, Envelope, Format, Rows};
use yidang_tests::repository;

/// The first good sample of a feed.
pub fn template(contract: &Contract) -> Map<String, Value> {
    let stem = contract.id.replacen('.', "/", 1);
    let ending = contract.format.ending();
    let path = repository().join(format!("schemas/contracts/{stem}.good.{ending}"));
    let bytes = std::fs::read(path).expect("every contract has a good sample");
    match contract.format {
        Format::Csv => row(&decoded(contract.encoding, &bytes)),
        Format::FixedWidth => line(contract, &bytes),
        _ => flat(object(contract, &decoded(contract.encoding, &bytes))),
    }
}

fn row(text: &str) -> Map<String, Value> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let names = lines.next().expect("a header").split(',');
    let values = lines.next().expect("a row").split(',').map(Value::from);
    names.map(str::to_owned).zip(values).collect()
}

fn line(contract: &Contract, bytes: &[u8]) -> Map<String, Value> {
    let ranges = contract.fields.iter().zip(&contract.byte_ranges);
    let cell = |range: std::ops::Range<usize>| {
        let bytes = bytes.get(range).expect("a line has every field");
        Value::from(decoded(contract.encoding, bytes).trim_end())
    };
    ranges
        .map(|(field, range)| (field.name.clone(), cell(range.start..range.end())))
        .collect()
}

/// The record of the first line: alone, the first of a list, or inside an envelope.
fn object(contract: &Contract, text: &str) -> Map<String, Value> {
    let first = text.lines().next().expect("a line");
    let read: Value = serde_json::from_str(first).expect("samples are JSON");
    let read = read.get(0).cloned().unwrap_or(read);
    let record = match contract.envelope {
        Envelope::None => read,
        _ => read["after"].clone(),
    };
    record.as_object().expect("a record is an object").clone()
}

fn flat(record: Map<String, Value>) -> Map<String, Value> {
    let mut members = Map::new();
    for (name, value) in record {
        match value.get(0).and_then(Value::as_object) {
            Some(element) => {
                for (member, value) in element {
                    members.insert(format!("{name}[].{member}"), value.clone());
                }
            }
            None => drop(members.insert(name, value)),
        }
    }
    members
}

fn nested(members: &Map<String, Value>) -> Value {
    let mut record = json!({});
    for (name, value) in members.iter().filter(|(name, _)| !name.contains("[].")) {
        record[name] = value.clone();
    }
    for (name, value) in members {
        let Some((array, member)) = name.split_once("[].") else {
            continue;
        };
        if record[array].is_null() {
            record[array] = json!([{}]);
        }
        // Where the list itself was spoiled, that stands.
        let element = record[array].get_mut(0).and_then(Value::as_object_mut);
        if let Some(element) = element {
            element.insert(member.to_owned(), value.clone());
        }
    }
    record
}

/// The record as text, before it is encoded. `at_ms` is the time that an envelope tells.
pub fn text(contract: &Contract, members: &Map<String, Value>, at_ms: i64) -> String {
    match (contract.format, contract.envelope) {
        (Format::Csv, _) => table(members),
        (Format::FixedWidth, _) => decoded(contract.encoding, &padded(contract, members)),
        (_, Envelope::Debezium) => {
            let record = nested(members);
            json!({"op": "u", "ts_ms": at_ms, "before": record, "after": record}).to_string()
        }
        (_, Envelope::None) if contract.rows == Rows::Many => format!("[{}]", nested(members)),
        (_, Envelope::None) => nested(members).to_string(),
        (format, envelope) => {
            unreachable!("no feed of the catalog is sent as {format:?} in {envelope:?}")
        }
    }
}

/// The record as it is sent.
pub fn body(contract: &Contract, members: &Map<String, Value>, at_ms: i64) -> Vec<u8> {
    match contract.format {
        Format::FixedWidth => padded(contract, members),
        _ => encoded(contract.encoding, &text(contract, members, at_ms)),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn table(members: &Map<String, Value>) -> String {
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    let quoted = |value: &Value| format!("\"{}\"", plain(value).replace('"', "\"\""));
    let values: Vec<String> = members.values().map(quoted).collect();
    format!("\u{feff}{}\n{}\n", names.join(","), values.join(","))
}

/// Each field in its bytes; what is longer is cut, perhaps in the middle of a character.
fn padded(contract: &Contract, members: &Map<String, Value>) -> Vec<u8> {
    let mut line = Vec::new();
    for (field, range) in contract.fields.iter().zip(&contract.byte_ranges) {
        let value = members.get(&field.name).map(plain).unwrap_or_default();
        let mut cell = encoded(contract.encoding, &value);
        cell.resize(range.width, b' ');
        line.resize(range.start, b' ');
        line.extend(cell);
    }
    line
}

fn foreign(encoding: Encoding) -> Option<&'static encoding_rs::Encoding> {
    match encoding {
        Encoding::Utf8 => None,
        Encoding::Gbk => Some(encoding_rs::GBK),
        Encoding::Gb18030 => Some(encoding_rs::GB18030),
    }
}

fn decoded(encoding: Encoding, bytes: &[u8]) -> String {
    match foreign(encoding) {
        None => String::from_utf8_lossy(bytes).into_owned(),
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

fn encoded(encoding: Encoding, text: &str) -> Vec<u8> {
    match foreign(encoding) {
        None => text.as_bytes().to_vec(),
        Some(encoding) => encoding
            .encode(text.trim_start_matches('\u{feff}'))
            .0
            .into_owned(),
    }
}
