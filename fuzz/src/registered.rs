//! Targets over Avro and Protobuf: bodies under fixed schemas, and the schemas themselves, which a registry hands over.
//!
//! Law beside no panic: rows and columns of what is read fit one another.

use std::sync::LazyLock;

use yidang_schemas::contract::{Contract, Format};
use yidang_transform::decode::{Bounds, decode};
use yidang_transform::schema_book::{Fact, Known, SchemaBook, SchemaKind, SchemaText};

use crate::decoders::assert_bounds;
use crate::samples::{choice, with_choice};
use crate::world::{FLAT_FEED, LISTED_FEED, contract, message};

/// Every type and every union shape that a feed can have, recursion included.
const AVRO: &str = r#"{"type":"record","name":"Row","fields":[{"name":"number","type":"string"},{"name":"document","type":{"type":"enum","name":"Kind","symbols":["A","B"]}},{"name":"citizen","type":["null","string"]},{"name":"name","type":{"type":"bytes"}},{"name":"begun","type":{"type":"int","logicalType":"date"}},{"name":"ended","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},{"name":"paid","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},{"name":"due","type":["int","double","boolean"]},{"name":"fixed","type":{"type":"fixed","name":"Four","size":4}},{"name":"owners","type":{"type":"array","items":{"type":"record","name":"Owner","fields":[{"name":"name","type":"string"},{"name":"citizen","type":["null","string"]}]}}},{"name":"more","type":{"type":"map","values":"float"}},{"name":"next","type":["null","Row"]}]}"#;
const PROTOBUF: &str = r#"
syntax = "proto3";
import "google/protobuf/timestamp.proto";
message Row {
  message Owner { string name = 1; optional string citizen = 2; }
  enum Kind { NONE = 0; ONE = 1; }
  string number = 1;
  Kind document = 2;
  optional string citizen = 3;
  bytes name = 4;
  sint32 begun = 5;
  google.protobuf.Timestamp ended = 6;
  double paid = 7;
  repeated int64 due = 8;
  repeated Owner owners = 9;
  map<string, float> more = 10;
  oneof either { fixed64 one = 11; bool other = 12; }
  Row next = 13;
}
"#;

fn fact(kind: SchemaKind, text: &str) -> Fact {
    Fact::Registered(SchemaText {
        kind,
        text: text.to_owned(),
        imports: Vec::new(),
    })
}

/// The contracts and the book that knows one schema under every id.
struct Read {
    contracts: Vec<Contract>,
    book: SchemaBook,
}

fn read(kind: SchemaKind, text: &str, format: Format) -> Read {
    let contracts = [FLAT_FEED, LISTED_FEED].map(|feed| {
        let mut contract = contract(feed);
        contract.format = format;
        contract
    });
    Read {
        contracts: contracts.to_vec(),
        book: SchemaBook::of_one(&fact(kind, text)),
    }
}

static OF_AVRO: LazyLock<Read> = LazyLock::new(|| read(SchemaKind::Avro, AVRO, Format::Avro));
static OF_PROTOBUF: LazyLock<Read> =
    LazyLock::new(|| read(SchemaKind::Protobuf, PROTOBUF, Format::Protobuf));

/// Names of symbols and fields come from the schema, so that a text may be longer than its message.
const LENGTH_MAX: usize = 1 << 24;

fn check(read: &Read, bytes: &[u8]) {
    let Some((contract, body)) = choice(bytes, &read.contracts) else {
        return;
    };
    let bounds = Bounds {
        depth_max: 16,
        ..Bounds::default()
    };
    let value = [&[0, 0, 0, 0, 1], body].concat();
    for value in [value.as_slice(), body] {
        let decoded = decode(contract, bounds, read.book.at(0), &[message(value)]);
        assert_bounds(contract, &decoded, LENGTH_MAX);
    }
}

pub(crate) fn avro(bytes: &[u8]) {
    check(&OF_AVRO, bytes);
}

pub(crate) fn protobuf(bytes: &[u8]) {
    check(&OF_PROTOBUF, bytes);
}

pub(crate) fn avro_seeds() -> Vec<Vec<u8>> {
    let mut row = vec![4, b'1', b'2', 2, 0, 6, 0xe9, 0x99, 0x88, 0x80, 0xaa, 2, 0];
    row.extend([4, 0x01, 0x86, 0, 6, 1, 2, 3, 4]);
    row.extend([2, 2, b'a', 0, 0, 2, 2, b'k', 0, 0, 0x80, 0x3f, 0, 0]);
    vec![with_choice(0, &row), with_choice(1, &row)]
}

pub(crate) fn protobuf_seeds() -> Vec<Vec<u8>> {
    let row = [
        0, 0x0a, 1, b'1', 0x10, 1, 0x1a, 1, b'2', 0x28, 3, 0x32, 2, 0x08, 1, 0x42, 2, 1, 2, 0x4a,
        3, 0x0a, 1, b'a', 0x52, 3, 0x0a, 1, b'k', 0x60, 1, 0x6a, 3, 0x0a, 1, b'9',
    ];
    let listed = [2, 2, 0, 0x0a, 1, b'1'];
    vec![
        with_choice(0, &row),
        with_choice(1, &row),
        with_choice(0, &listed),
    ]
}

/// A schema is the text of somebody else too.
fn schema(kind: SchemaKind, bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let fact = fact(kind, text);
    assert!(
        !matches!(Known::of(&fact), Known::Unknown),
        "a registered schema is known, if not usable"
    );
    let contract = contract(FLAT_FEED);
    let mut contracts = [contract.clone(), contract];
    let [avro, protobuf] = &mut contracts;
    (avro.format, protobuf.format) = (Format::Avro, Format::Protobuf);
    let book = SchemaBook::of_one(&fact);
    for contract in &contracts {
        let value = [0, 0, 0, 0, 1, 0, 2, 4, 6, 8, 1, 2, 3, 4];
        drop(decode(
            contract,
            Bounds::default(),
            book.at(0),
            &[message(&value)],
        ));
    }
}

pub(crate) fn avro_schema(bytes: &[u8]) {
    schema(SchemaKind::Avro, bytes);
}

pub(crate) fn protobuf_schema(bytes: &[u8]) {
    schema(SchemaKind::Protobuf, bytes);
}

pub(crate) fn avro_schema_seeds() -> Vec<Vec<u8>> {
    vec![
        AVRO.into(),
        br#"["null","int"]"#.to_vec(),
        br#""string""#.to_vec(),
    ]
}

pub(crate) fn protobuf_schema_seeds() -> Vec<Vec<u8>> {
    vec![
        PROTOBUF.into(),
        b"syntax = \"proto2\"; message A { required group B = 1 { } extensions 5 to 9; }".to_vec(),
    ]
}
