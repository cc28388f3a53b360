//! What each decoder costs: figures for people, asked for by name, asserting nothing about time.

use std::hint::black_box;
use std::time::Instant;

use super::{Sent, contract};
use crate::decode::{Bounds, decode};
use crate::message::RawMessage;
use crate::schema_book::SchemaView;
use yidang_schemas::contract::{ByteRange, Contract, Encoding, Envelope, Format, Place, Rows};

const RECORDS: usize = 100_000;
const BATCH: usize = 1_000;

/// A household record as members of JSON.
const MEMBERS: [(&str, &str); 14] = [
    ("GMSFHM", "350203199001010018"),
    ("XM", "陈思远"),
    ("XB", "1"),
    ("MZ", "01"),
    ("CSRQ", "19900101"),
    ("HKXZQH", "350203"),
    ("HKXZ", "思明区莲前街道8号"),
    ("HH", "3502030000123"),
    ("YHZGX", "02"),
    ("HYZK", "20"),
    ("ZXBS", "0"),
    ("ZXYY", ""),
    ("ZXSJ", ""),
    ("GXSJ", "20261101103045"),
];

fn object() -> String {
    let members = MEMBERS.map(|(name, value)| format!("\"{name}\":\"{value}\""));
    format!("{{{}}}", members.join(","))
}

fn enveloped(envelope: Envelope, time: &str) -> Contract {
    let mut household = contract("ga.hukou");
    household.envelope = envelope;
    household.business_time.place = Place::Envelope(time.to_owned());
    household
}

/// Prints nanoseconds per record; `rows` records stand in one message.
fn measure(name: &str, contract: &Contract, body: &[u8], rows: usize) {
    let sent = Sent::new(body);
    let messages: Vec<RawMessage<'_>> = vec![sent.raw(); BATCH.div_ceil(rows)];
    let rounds = RECORDS / (messages.len() * rows);
    let started = Instant::now();
    let mut records = 0;
    for _ in 0..rounds {
        let decoded = black_box(decode(
            contract,
            Bounds::default(),
            SchemaView::empty(),
            &messages,
        ));
        assert!(
            decoded
                .records
                .iter()
                .all(|record| record.problem.is_none())
        );
        records += decoded.records.len();
    }
    let nanoseconds = started.elapsed().as_nanos() / u128::try_from(records).unwrap();
    let bytes = body.len() / rows;
    println!("{name:<22} {bytes:>4} bytes {nanoseconds:>6} ns per record");
}

#[test]
#[ignore = "prints figures"]
fn nanoseconds_per_record_of_each_decoder() {
    let household = contract("ga.hukou");
    measure("json", &household, object().as_bytes(), 1);
    let mut array = household.clone();
    array.rows = Rows::Many;
    let hundred = vec![object(); 100].join(",");
    measure("json array", &array, format!("[{hundred}]").as_bytes(), 100);

    let mut csv = household.clone();
    csv.format = Format::Csv;
    let names = MEMBERS.map(|(name, _)| name).join(",");
    let values = MEMBERS.map(|(_, value)| value).join(",");
    let table = format!("{names}\n{}", format!("{values}\n").repeat(100));
    measure("csv utf-8", &csv, table.as_bytes(), 100);
    csv.encoding = Encoding::Gbk;
    measure("csv gbk", &csv, &encoding_rs::GBK.encode(&table).0, 100);

    let mut fixed = household.clone();
    fixed.format = Format::FixedWidth;
    fixed.encoding = Encoding::Gb18030;
    let mut line = Vec::new();
    for (_, value) in MEMBERS {
        let mut bytes = encoding_rs::GB18030.encode(value).0.into_owned();
        bytes.resize(bytes.len() + 4, b' ');
        fixed.byte_ranges.push(ByteRange {
            start: line.len(),
            width: bytes.len(),
        });
        line.extend(bytes);
    }
    line.push(b'\n');
    measure("fixed width gb18030", &fixed, &line.repeat(100), 100);

    let mut xml = household.clone();
    xml.format = Format::Xml;
    xml.rows = Rows::Many;
    xml.record_element = Some("p".to_owned());
    let elements = MEMBERS
        .map(|(name, value)| format!("<{name}>{value}</{name}>"))
        .concat();
    let document = format!("<l>{}</l>", format!("<p>{elements}</p>").repeat(100));
    measure("xml", &xml, document.as_bytes(), 100);
}

#[test]
#[ignore = "prints figures"]
fn nanoseconds_per_record_of_each_envelope() {
    let image = object();
    let debezium = format!(r#"{{"op":"c","ts_ms":7,"before":null,"after":{image}}}"#);
    measure(
        "debezium insert",
        &enveloped(Envelope::Debezium, "ts_ms"),
        debezium.as_bytes(),
        1,
    );
    let debezium = format!(r#"{{"op":"u","ts_ms":7,"before":{image},"after":{image}}}"#);
    measure(
        "debezium update",
        &enveloped(Envelope::Debezium, "ts_ms"),
        debezium.as_bytes(),
        1,
    );
    let canal = format!(
        r#"{{"type":"UPDATE","es":7,"data":[{}],"old":[{}]}}"#,
        vec![image.as_str(); 100].join(","),
        vec![r#"{"XM":"x"}"#; 100].join(",")
    );
    measure(
        "canal update",
        &enveloped(Envelope::Canal, "es"),
        canal.as_bytes(),
        100,
    );
    let maxwell = format!(r#"{{"type":"update","ts":7,"data":{image},"old":{{"XM":"x"}}}}"#);
    measure(
        "maxwell update",
        &enveloped(Envelope::Maxwell, "ts"),
        maxwell.as_bytes(),
        1,
    );
    let golden_gate = format!(
        r#"{{"op_type":"U","op_ts":"2026-11-23 10:00:00.000000","before":{image},"after":{image}}}"#
    );
    measure(
        "ogg update",
        &enveloped(Envelope::GoldenGate, "op_ts"),
        golden_gate.as_bytes(),
        1,
    );
}
