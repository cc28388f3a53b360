//! Avro and Protobuf among the other formats: the array of a record, and the choice by header.

use yidang_schemas::contract::{Contract, Encoding, Format, Writing};

use super::{Sent, contract};
use crate::decode::column::Presence;
use crate::decode::{Bounds, Decoded, decode, wire};
use crate::schema_book::{Fact, SchemaBook, SchemaId, SchemaKind, SchemaText};

const AVRO: &str = r#"{"type":"record","name":"Right","fields":[{"name":"bdcdyh","type":"string"},{"name":"qlr","type":["null",{"type":"array","items":{"type":"record","name":"Owner","fields":[{"name":"zjh","type":"string"},{"name":"qlbl","type":["null","string"]},{"name":"extra","type":"long"},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}}]},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}"#;
/// A right of two owners, of none, and of a null, as fastavro 1.13 writes them.
const AVRO_BODIES: [&str; 3] = [
    "38333530323033303031303031474230303030314630303031303030310204243335303230333139393030313031303031380206312f320e8088efe2c0682439313335303230334d41335545525531394c00108088efe2c068008088efe2c068",
    "383335303230333030313030314742303030303146303030313030303102008088efe2c068",
    "3833353032303330303130303147423030303031463030303130303031008088efe2c068",
];
const PROTOBUF: &str = r#"
syntax = "proto3";
import "google/protobuf/timestamp.proto";
message Right {
  message Owner {
    string zjh = 1;
    optional string qlbl = 2;
    int64 extra = 3;
    google.protobuf.Timestamp at = 4;
  }
  string bdcdyh = 1;
  repeated Owner qlr = 2;
  google.protobuf.Timestamp at = 3;
}
"#;
/// A right of two owners and of none, as protobuf 7.36 for Python writes them.
const PROTOBUF_BODIES: [&str; 2] = [
    "0a1c3335303230333030313030314742303030303146303030313030303112230a123335303230333139393030313031303031381203312f321807220608c0c28ed806121e0a1239313335303230334d41335545525531394c1808220608c0c28ed8061a0608c0c28ed806",
    "0a1c333530323033303031303031474230303030314630303031303030311a0608c0c28ed806",
];

/// Rights in a format; the time of an owner is counted, that of the right is not.
fn rights(format: Format) -> Contract {
    let mut contract = contract("zr.realestate");
    contract.format = format;
    for (before, after, forms) in [("qlr[].mc", "qlr[].at", "epoch_ms"), ("djsj", "at", "iso")] {
        let place = contract.field_index(before).unwrap();
        let field = &mut contract.fields[place];
        (field.name, field.forms) = (after.to_owned(), forms.to_owned());
    }
    contract
}

fn book(kind: SchemaKind, text: &str) -> SchemaBook {
    SchemaBook::of_one(&Fact::Registered(SchemaText {
        kind,
        text: text.to_owned(),
        imports: Vec::new(),
    }))
}

/// A body behind its header: schema 1, and of Protobuf the first message of the file.
fn message(format: Format, hex: &str) -> Sent {
    let pairs = hex.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let mut value = vec![0, 0, 0, 0, 1];
    value.extend((format == Format::Protobuf).then_some(0));
    value.extend(pairs.map(byte));
    Sent::new(value)
}

/// Presence and text of a field, of the record or of each of its elements.
fn values<'d>(
    contract: &Contract,
    decoded: &'d Decoded,
    name: &str,
    record: usize,
) -> Vec<(Presence, &'d str)> {
    let field = contract.field_index(name).unwrap();
    let column = &decoded.columns[field];
    let rows = decoded.rows(field, record);
    rows.map(|row| (column.presence(row), column.text(row)))
        .collect()
}

/// What two owners say, whatever they are written in; `silent` is how the second one says nothing of a share.
fn owners_are_read(contract: &Contract, decoded: &Decoded, silent: Presence) {
    let of = |name: &str| values(contract, decoded, name, 0);
    let text = |text| (Presence::Text, text);
    let ids = [text("350203199001010018"), text("91350203MA3UERU19L")];
    assert_eq!(of("qlr[].zjh"), ids);
    assert_eq!(of("qlr[].qlbl"), [text("1/2"), (silent, "")]);
    assert_eq!(of("qlr[].zjzl"), [(Presence::Absent, ""); 2]);
    let counted = (Presence::Number, "1795400000000");
    assert_eq!(of("qlr[].at"), [counted, counted]);
    assert_eq!(of("at"), [text("2026-11-23T02:13:20Z")]);
    assert_eq!(of("bdcdyh"), [text("350203001001GB00001F00010001")]);
    assert_eq!(of("qlr"), [(Presence::Nested, "")]);
    // `extra` of each owner.
    assert_eq!(decoded.unknown_fields, 2);
}

fn read(contract: &Contract, book: &SchemaBook, bodies: &[&str]) -> Decoded {
    let sent = bodies.iter().map(|body| message(contract.format, body));
    let sent: Vec<Sent> = sent.collect();
    let messages: Vec<_> = sent.iter().map(Sent::raw).collect();
    let decoded = decode(contract, Bounds::default(), book.at(1), &messages);
    assert_eq!(decoded.records.len(), bodies.len());
    assert!(
        decoded
            .records
            .iter()
            .all(|record| record.problem.is_none())
    );
    decoded
}

#[test]
fn the_array_of_an_avro_record_is_read_like_that_of_json() {
    let contract = rights(Format::Avro);
    let decoded = read(&contract, &book(SchemaKind::Avro, AVRO), &AVRO_BODIES);
    owners_are_read(&contract, &decoded, Presence::Null);
    assert_eq!(values(&contract, &decoded, "qlr[].zjh", 1), []);
    assert_eq!(
        values(&contract, &decoded, "qlr", 1),
        [(Presence::Nested, "")]
    );
    assert_eq!(
        values(&contract, &decoded, "qlr", 2),
        [(Presence::Null, "")]
    );
}

#[test]
fn the_array_of_a_protobuf_record_is_read_like_that_of_json() {
    let contract = rights(Format::Protobuf);
    let book = book(SchemaKind::Protobuf, PROTOBUF);
    let decoded = read(&contract, &book, &PROTOBUF_BODIES);
    owners_are_read(&contract, &decoded, Presence::Absent);
    assert_eq!(values(&contract, &decoded, "qlr[].zjh", 1), []);
    assert_eq!(
        values(&contract, &decoded, "qlr", 1),
        [(Presence::Nested, "")]
    );
}

#[test]
fn more_elements_than_the_contract_reads_are_a_defect_in_every_format() {
    let mut owners = String::new();
    let contract = rights(Format::Avro);
    let count = contract.elements_max() + 1;
    let schema = r#"{"type":"record","name":"R","fields":[{"name":"qlr","type":{"type":"array","items":{"type":"record","name":"O","fields":[]}}}]}"#;
    // One block of so many owners that say nothing, zigzag.
    let mut bits = count * 2;
    while bits > 0 {
        let more = if bits > 0x7F { 0x80 } else { 0 };
        owners.push_str(&format!("{:02x}", bits & 0x7F | more));
        bits >>= 7;
    }
    let sent = message(Format::Avro, &format!("{owners}00"));
    let book = book(SchemaKind::Avro, schema);
    let decoded = decode(&contract, Bounds::default(), book.at(1), &[sent.raw()]);
    assert_eq!(decoded.records[0].problem.unwrap().0, "ELEMENTS");
}

#[test]
fn a_header_chooses_a_registered_format_and_only_then_a_schema_is_needed() {
    let mut contract = rights(Format::Json);
    let writing = |format| Writing {
        format,
        encoding: Encoding::Utf8,
    };
    contract.alternatives = vec![writing(Format::Avro), writing(Format::Protobuf)];
    let needs = |sent: &Sent| wire::needs(&contract, Bounds::default(), &sent.raw());
    let avro = book(SchemaKind::Avro, AVRO);
    let problem = |sent: Sent| {
        let decoded = decode(&contract, Bounds::default(), avro.at(1), &[sent.raw()]);
        decoded.records[0].problem.map(|code| code.0)
    };
    let body = || message(Format::Avro, AVRO_BODIES[0]);
    for (header, name) in [
        ("content-type", "application/avro"),
        ("content-type", "application/vnd.apache.avro"),
        ("format", "avro"),
    ] {
        let sent = body().header(header, name);
        assert_eq!(needs(&sent), Some(SchemaId(1)));
        assert_eq!(problem(sent), None);
    }
    // Without a header it is JSON, and not even looked up.
    assert_eq!(needs(&body()), None);
    assert_eq!(problem(body()), Some("ENCODING"));
    // The schema is one of Avro, the message says Protobuf.
    for name in [
        "application/x-protobuf",
        "application/vnd.google.protobuf",
        "protobuf",
    ] {
        let sent = body().header("content-type", name);
        assert_eq!(needs(&sent), Some(SchemaId(1)));
        assert_eq!(problem(sent), Some("SCHEMA_UNUSABLE"));
    }
    let json = Sent::new(r#"{"bdcdyh":"1"}"#).header("content-type", "application/json");
    assert_eq!((needs(&json), problem(json)), (None, None));
    let unknown = body().header("format", "xml");
    assert_eq!(
        (needs(&unknown), problem(unknown)),
        (None, Some("FORMAT_UNKNOWN"))
    );
    // Nothing and too much are told without a schema.
    let empty = Sent::new("").header("format", "avro");
    assert_eq!((needs(&empty), problem(empty)), (None, Some("EMPTY")));
}
