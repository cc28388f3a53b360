//! Laws of all decoders: no bytes make one panic, message order is kept, and a batch is what its messages are one by one.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use yidang_schemas::contract::{ByteRange, Contract, Encoding, Envelope, Format, Place, Rows};

use super::{Sent, contract};
use crate::decode::{Bounds, Decoded, decode};
use crate::schema_book::{Fact, SchemaBook, SchemaId, SchemaKind, SchemaText};

/// One contract per decoder, each with a sound message.
fn feeds() -> Vec<(Contract, Vec<u8>)> {
    let household = contract("ga.hukou");
    let json = r#"{"GMSFHM":"1","XM":"陈\u601d远","XB":1,"HKXZ":{"a":[1]}}"#;
    let mut array = household.clone();
    array.rows = Rows::Many;
    let mut xml = household.clone();
    xml.format = Format::Xml;
    xml.rows = Rows::Many;
    xml.record_element = Some("p".to_owned());
    let document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><l><p a=\"1\"><XM><![CDATA[陈]]>&amp;</XM><XB/></p><p/></l>";
    let mut fixed = household.clone();
    fixed.format = Format::FixedWidth;
    fixed.encoding = Encoding::Gb18030;
    fixed.byte_ranges = (0..fixed.fields.len())
        .map(|field| ByteRange {
            start: field * 3,
            width: 3,
        })
        .collect();
    let columns = "陈a".repeat(fixed.fields.len());
    let lines = encoding_rs::GB18030
        .encode(&format!("{columns}\n{columns}\r\n"))
        .0
        .into_owned();
    let penalties = "处罚决定书文号,行政相对人名称\n1号,\"甲\n乙\"\n2号\n";
    let debezium =
        r#"{"op":"u","ts_ms":7,"before":{"aac001":"P0"},"after":{"aac001":"P1","aae140":"110"}}"#;
    let canal = r#"{"type":"UPDATE","es":7,"data":[{"aac001":"P1"},{"aac001":"P2"}],"old":[{"aac001":"P0"},null]}"#;
    let maxwell = r#"{"type":"update","ts":7,"data":{"aac001":"P1"},"old":{"aac001":"P0"}}"#;
    let golden_gate =
        r#"{"op_type":"U","op_ts":"x","before":{"aac001":"P0"},"after":{"aac001":"P1"}}"#;
    let mut feeds = vec![
        (household, json.as_bytes().to_vec()),
        (array, format!("[{json},{json}]").into_bytes()),
        (xml, document.as_bytes().to_vec()),
        (fixed, lines),
        (contract("scjg.penalty"), penalties.as_bytes().to_vec()),
    ];
    for format in [Format::Avro, Format::Protobuf] {
        let mut registered = contract("ga.hukou");
        registered.format = format;
        feeds.push((registered, registered_body(format)));
    }
    for (envelope, time, body) in [
        (Envelope::Debezium, "ts_ms", debezium),
        (Envelope::Canal, "es", canal),
        (Envelope::Maxwell, "ts", maxwell),
        (Envelope::GoldenGate, "op_ts", golden_gate),
    ] {
        let mut insured = contract("rs.insurance");
        insured.envelope = envelope;
        insured.business_time.place = Place::Envelope(time.to_owned());
        feeds.push((insured, body.as_bytes().to_vec()));
    }
    feeds
}

/// `{"GMSFHM":"1","XB":1}` behind the id of its schema.
fn registered_body(format: Format) -> Vec<u8> {
    match format {
        Format::Avro => vec![0, 0, 0, 0, 1, 2, b'1', 2],
        _ => vec![0, 0, 0, 0, 2, 0, 10, 1, b'1', 16, 1],
    }
}

/// The schemas of those bodies, and ids 3 and 4 with others.
static BOOK: LazyLock<SchemaBook> = LazyLock::new(|| {
    let avro = r#"{"type":"record","name":"P","fields":[{"name":"GMSFHM","type":"string"},{"name":"XB","type":"int"}]}"#;
    let protobuf =
        "syntax = \"proto3\"; message P { string GMSFHM = 1; int32 XB = 2; repeated P HKXZ = 3; }";
    let mut book = SchemaBook::default();
    for (id, kind, text) in [
        (1, SchemaKind::Avro, avro),
        (2, SchemaKind::Protobuf, protobuf),
        (
            3,
            SchemaKind::Avro,
            "{\"type\":\"array\",\"items\":\"int\"}",
        ),
        (4, SchemaKind::Other, ""),
    ] {
        let text = SchemaText {
            kind,
            text: text.to_owned(),
            imports: Vec::new(),
        };
        book.learn("main", SchemaId(id), 1, &Fact::Registered(text));
    }
    book
});

fn decoded(contract: &Contract, sent: &[Sent]) -> Decoded {
    let messages: Vec<_> = sent.iter().map(Sent::raw).collect();
    decode(contract, Bounds::default(), BOOK.at(1), &messages)
}

/// Everything that was read of each message: rows, operations, problems, values, marks.
fn told(decoded: &Decoded, messages: usize) -> Vec<Vec<String>> {
    let mut told = vec![Vec::new(); messages];
    for (row, record) in decoded.records.iter().enumerate() {
        let values = decoded.columns.iter().chain(&decoded.envelope);
        let values: Vec<_> = values
            .map(|column| (column.presence(row), column.text(row)))
            .collect();
        let cuts: Vec<_> = (0..decoded.columns.len())
            .filter(|field| decoded.cuts.contains(&(row, *field)))
            .collect();
        let text = format!(
            "{} {:?} {:?} {values:?} {cuts:?}",
            record.row, record.operation, record.problem
        );
        told[record.message].push(text);
    }
    told
}

/// A sound message with some bytes changed, dropped or added, or any bytes at all.
fn spoiled(good: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let length = good.len();
    let alphabet = b"{}[]<>/\"&;:,\n\r\\=!?xn0 \xA1\xFE\x81\x30\xE9\x00".to_vec();
    let edit = (0..length, select(alphabet), 0..4_u8);
    let mutated = vec(edit, 0..6).prop_map(move |edits| {
        let mut bytes = good.clone();
        for (place, byte, kind) in edits {
            let place = place.min(bytes.len().saturating_sub(1));
            match kind {
                0 if !bytes.is_empty() => bytes[place] = byte,
                1 if !bytes.is_empty() => drop(bytes.remove(place)),
                2 => bytes.insert(place, byte),
                _ => bytes.truncate(place),
            }
        }
        bytes
    });
    prop_oneof![4 => mutated, 1 => vec(any::<u8>(), 0..40)]
}

proptest! {
    #[test]
    fn a_batch_is_what_its_messages_are_one_by_one(
        picks in select(feeds()).prop_flat_map(|(contract, good)| {
            (Just(contract), vec(spoiled(good), 1..5))
        })
    ) {
        let (contract, bodies) = picks;
        let sent: Vec<Sent> = bodies.into_iter().map(Sent::new).collect();
        let together = decoded(&contract, &sent);
        let length = together.records.len();
        let columns = together.columns.iter().chain(&together.envelope);
        prop_assert!(columns.clone().all(|column| column.len() == length));
        // Message order is kept, rows count from 0 without a gap, and every message is told of.
        let places: Vec<_> = together.records.iter().map(|record| (record.message, record.row)).collect();
        let is_next = |pair: &[(usize, u32)]| match pair {
            [(before, row), (message, next)] if before == message => *next == row + 1,
            [(before, _), (message, next)] => *message == before + 1 && *next == 0,
            _ => false,
        };
        prop_assert_eq!(places.first(), Some(&(0, 0)));
        prop_assert_eq!(places.last().map(|(message, _)| *message), Some(sent.len() - 1));
        prop_assert!(places.windows(2).all(is_next));
        let all = told(&together, sent.len());
        let mut unknown = 0;
        for (one, expected) in sent.iter().zip(all) {
            let alone = decoded(&contract, std::slice::from_ref(one));
            unknown += alone.unknown_fields;
            prop_assert_eq!(told(&alone, 1).concat(), expected);
        }
        prop_assert_eq!(unknown, together.unknown_fields);
    }
}

#[test]
fn the_messages_that_the_law_spoils_are_sound() {
    for (contract, body) in feeds() {
        let decoded = decoded(&contract, &[Sent::new(body)]);
        let problems = decoded
            .records
            .iter()
            .filter(|record| record.problem.is_some());
        let allowed = usize::from(contract.format == Format::Csv);
        assert_eq!(
            problems.count(),
            allowed,
            "{:?} {:?}",
            contract.format,
            contract.envelope
        );
    }
}
