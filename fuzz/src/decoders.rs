//! Targets over the decoders: formats, encodings, envelopes. The first byte chooses among the contracts of a target.
//!
//! Laws: every record is of the message, rows and columns fit one another, and no text is longer than its message can hold.

use std::sync::LazyLock;

use yidang_schemas::contract::{
    ByteRange, Contract, Encoding, Envelope, Format, Order, Place, Rows,
};
use yidang_transform::decode::{Bounds, Decoded, decode};
use yidang_transform::schema_book::SchemaView;

use crate::samples::{choice, with_choice};
use crate::world::{FLAT_FEED, LISTED_FEED, contract, message};

type Variants = LazyLock<Vec<Contract>>;

/// A character of four bytes at most for each byte; a row may take values of the row before a change beside its own.
const GROWTH: usize = 8;

const ENCODINGS: [Encoding; 3] = [Encoding::Utf8, Encoding::Gbk, Encoding::Gb18030];

/// The contracts under every encoding, for one row and for many.
fn variants(contracts: &[Contract]) -> Vec<Contract> {
    let mut variants = Vec::new();
    for contract in contracts {
        for rows in [Rows::One, Rows::Many] {
            for encoding in ENCODINGS {
                let mut variant = contract.clone();
                variant.rows = rows;
                variant.encoding = encoding;
                variants.push(variant);
            }
        }
    }
    variants
}

fn both() -> [Contract; 2] {
    [contract(FLAT_FEED), contract(LISTED_FEED)]
}

fn check(variants: &Variants, bytes: &[u8]) {
    let Some((contract, value)) = choice(bytes, variants) else {
        return;
    };
    let bounds = Bounds {
        depth_max: 16,
        ..Bounds::default()
    };
    let decoded = decode(contract, bounds, SchemaView::empty(), &[message(value)]);
    assert_bounds(contract, &decoded, value.len());
    // Two messages in a batch are what each is alone.
    let twice = decode(
        contract,
        bounds,
        SchemaView::empty(),
        &[message(value), message(value)],
    );
    assert_eq!(twice.records.len(), 2 * decoded.records.len());
    assert_eq!(twice.unknown_fields, 2 * decoded.unknown_fields);
    assert_bounds(contract, &twice, value.len());
}

pub(crate) fn assert_bounds(contract: &Contract, decoded: &Decoded, message_bytes: usize) {
    let records = decoded.records.len();
    let elements = records
        .checked_sub(1)
        .map_or(0, |last| decoded.elements(last).end);
    for (field, column) in contract.fields.iter().zip(&decoded.columns) {
        let rows = if field.in_element { elements } else { records };
        assert_eq!(column.len(), rows, "rows of a column");
    }
    for column in decoded.columns.iter().chain(&decoded.envelope) {
        for row in 0..column.len() {
            assert!(
                column.text(row).len() <= GROWTH * message_bytes + GROWTH,
                "a text grew"
            );
            assert!(column.presence(row).has_value() == column.value(row).is_some());
        }
    }
    assert_records(contract, decoded, elements);
}

fn assert_records(contract: &Contract, decoded: &Decoded, elements: usize) {
    for (place, record) in decoded.records.iter().enumerate() {
        assert!(record.message < 2, "a record of no message");
        assert!(decoded.elements(place).end <= elements);
    }
    for (record, field) in &decoded.cuts {
        let is_there = *record < decoded.records.len() && *field < contract.fields.len();
        assert!(is_there, "a cut of nothing");
    }
}

static JSON: Variants = LazyLock::new(|| variants(&both()));

pub(crate) fn json(bytes: &[u8]) {
    check(&JSON, bytes);
}

const RECORD: &str = r#"{"number":"1","document":"1","citizen":"350203199001010018","name":"陈\u601d远","begun":20200101,"ended":null,"paid":1.50,"due":-3,"living":true,"sent":"2026-11-23T10:13:20+08:00","more":{"a":[1]}}"#;
const OWNERS: &str = r#"{"number":"1","name":"厦门","due":2,"owners":[{"name":"陈","document":"1","citizen":"350203199001010018"},{"document":"6","citizen":"91350203MA3UERU19L"},{}]}"#;

/// Texts as UTF-8, and in GBK under the contracts that declare it.
fn texts(variants: &Variants, texts: &[String]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (choice, contract) in variants.iter().enumerate() {
        for text in texts {
            let bytes = match contract.encoding {
                Encoding::Utf8 => text.clone().into_bytes(),
                Encoding::Gbk => encoding_rs::GBK.encode(text).0.into_owned(),
                Encoding::Gb18030 => encoding_rs::GB18030.encode(text).0.into_owned(),
            };
            seeds.push(with_choice(choice, &bytes));
        }
    }
    seeds
}

pub(crate) fn json_seeds() -> Vec<Vec<u8>> {
    let list = format!("[{RECORD},{OWNERS}]");
    texts(&JSON, &[RECORD.to_owned(), OWNERS.to_owned(), list])
}

static CSV: Variants = LazyLock::new(|| {
    let mut contract = contract(FLAT_FEED);
    contract.format = Format::Csv;
    variants(&[contract])
});

pub(crate) fn csv(bytes: &[u8]) {
    check(&CSV, bytes);
}

pub(crate) fn csv_seeds() -> Vec<Vec<u8>> {
    let quoted = "number,name,due\r\n1,\"陈\n\"\"思\"\"\",3\r\n2\r\n".to_owned();
    texts(&CSV, &["name,number,x\n陈,1,2\n".to_owned(), quoted])
}

static FIXED_WIDTH: Variants = LazyLock::new(|| {
    let mut contract = contract(FLAT_FEED);
    contract.format = Format::FixedWidth;
    let fields = 0..contract.fields.len();
    // Widths of 3 to 5 bytes, with a gap after every third field.
    let ranges = fields.map(|field| ByteRange {
        start: field * 5 + field / 3,
        width: 3 + field % 3,
    });
    contract.byte_ranges = ranges.collect();
    variants(&[contract])
});

pub(crate) fn fixed_width(bytes: &[u8]) {
    check(&FIXED_WIDTH, bytes);
}

pub(crate) fn fixed_width_seeds() -> Vec<Vec<u8>> {
    let line = "陈a1  ".repeat(9);
    texts(&FIXED_WIDTH, &[format!("{line}\n{line}\r\nshort\n")])
}

static XML: Variants = LazyLock::new(|| {
    let mut contracts = both();
    for contract in &mut contracts {
        contract.format = Format::Xml;
        contract.record_element = Some("p".to_owned());
        for (name, path) in [("due", "@due"), ("name", "who/name")] {
            let field = contract.fields.iter_mut();
            for field in field.filter(|field| field.name == name) {
                field.name = path.to_owned();
            }
        }
    }
    let [flat, mut listed] = contracts;
    listed.record_element = Some("list/p".to_owned());
    variants(&[flat, listed])
});

pub(crate) fn xml(bytes: &[u8]) {
    check(&XML, bytes);
}

pub(crate) fn xml_seeds() -> Vec<Vec<u8>> {
    let document = r#"<?xml version="1.0" encoding="UTF-8"?><!-- who -->
<x:list xmlns:x="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><x:p due="3&amp;1"><who><name><![CDATA[陈 & ]]>思&#36828;&lt;</name></who>
<number>1</number><citizen xsi:nil="true">1</citizen><begun/><living> </living></x:p><p/></x:list>"#;
    texts(
        &XML,
        &[document.to_owned(), document.replace("UTF-8", "GBK")],
    )
}

fn enveloped(envelope: Envelope, members: &[&str]) -> Vec<Contract> {
    let mut contracts = both();
    for contract in &mut contracts {
        contract.envelope = envelope;
        let place = |name: &str| Place::Envelope(name.to_owned());
        contract.removal.operation = envelope.operation().map(place);
        contract.removal.delete = ["d", "D", "delete", "DELETE"].map(str::to_owned).to_vec();
        let part = |name: &&str| {
            let mut part = contract.business_time.clone();
            part.place = place(name);
            part
        };
        let parts: Vec<_> = members.iter().map(part).collect();
        contract.order = Order::Parts(parts);
    }
    variants(&contracts)
}

static DEBEZIUM: Variants =
    LazyLock::new(|| enveloped(Envelope::Debezium, &["ts_ms", "source.lsn"]));
static CANAL: Variants = LazyLock::new(|| enveloped(Envelope::Canal, &["es", "id"]));
static MAXWELL: Variants = LazyLock::new(|| enveloped(Envelope::Maxwell, &["ts", "xid"]));
static GOLDEN_GATE: Variants = LazyLock::new(|| enveloped(Envelope::GoldenGate, &["op_ts", "pos"]));

pub(crate) fn debezium(bytes: &[u8]) {
    check(&DEBEZIUM, bytes);
}

pub(crate) fn canal(bytes: &[u8]) {
    check(&CANAL, bytes);
}

pub(crate) fn maxwell(bytes: &[u8]) {
    check(&MAXWELL, bytes);
}

pub(crate) fn golden_gate(bytes: &[u8]) {
    check(&GOLDEN_GATE, bytes);
}

/// Changes of two short records, `$1` and `$2` in the texts.
fn changes(variants: &Variants, forms: &[&str]) -> Vec<Vec<u8>> {
    let short = [
        (
            r#"{"number":"1","name":"陈"}"#,
            r#"{"number":"2","name":"陈"}"#,
        ),
        (OWNERS, r#"{"number":"2","owners":{"name":"陈"}}"#),
    ];
    let texts_of = |form: &&str| {
        let filled = |(one, other): &(&str, &str)| form.replace("$1", one).replace("$2", other);
        short.iter().map(filled).collect::<Vec<_>>()
    };
    texts(
        variants,
        &forms.iter().flat_map(texts_of).collect::<Vec<_>>(),
    )
}

pub(crate) fn debezium_seeds() -> Vec<Vec<u8>> {
    changes(
        &DEBEZIUM,
        &[
            r#"{"op":"u","ts_ms":7,"source":{"lsn":5,"db":"x"},"before":$2,"after":$1}"#,
            r#"{"schema":{"type":"struct"},"payload":{"op":"d","ts_ms":"8","before":$1,"after":null}}"#,
            r#"{"op":"t","ts_ms":7,"before":null,"after":null}"#,
        ],
    )
}

pub(crate) fn canal_seeds() -> Vec<Vec<u8>> {
    changes(
        &CANAL,
        &[
            r#"{"type":"UPDATE","es":7,"id":3,"isDdl":false,"data":[$1,$2],"old":[{"number":"0"},null]}"#,
            r#"{"type":"DELETE","es":7,"data":[$1],"old":null}"#,
            r#"{"type":"TRUNCATE","es":7,"isDdl":true,"data":null}"#,
        ],
    )
}

pub(crate) fn maxwell_seeds() -> Vec<Vec<u8>> {
    changes(
        &MAXWELL,
        &[
            r#"{"type":"update","ts":7,"xid":1,"data":$1,"old":{"number":"0"}}"#,
            r#"{"type":"bootstrap-insert","ts":7,"data":$1}"#,
            r#"{"type":"delete","ts":7,"data":$2}"#,
        ],
    )
}

pub(crate) fn golden_gate_seeds() -> Vec<Vec<u8>> {
    changes(
        &GOLDEN_GATE,
        &[
            r#"{"op_type":"U","op_ts":"2026-11-22 06:26:40.000000","pos":"00000000010000000001","before":$2,"after":$1}"#,
            r#"{"op_type":"D","op_ts":"x","before":$1}"#,
        ],
    )
}
