//! What a book answers for which epoch, and feeds that are judged by it.

use super::*;
use crate::decode::Bounds;
use crate::kit::{ARRIVAL_MS, Sent, embedded, embedded_with, id_key};
use crate::observe::Observer;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::defect::Outcome;

const FILE: &str = "contracts/wj/death.odcs.yaml";
const FEED: &str = "wj.death";

fn text(kind: SchemaKind, text: &str) -> Fact {
    Fact::Registered(SchemaText {
        kind,
        text: text.to_owned(),
        imports: Vec::new(),
    })
}

fn avro(record: &str) -> Fact {
    text(SchemaKind::Avro, record)
}

/// The catalog with one feed in another format.
fn catalog(format: &str) -> Arc<Catalog> {
    let before = embedded()
        .bundle
        .files
        .get(FILE)
        .expect("the contract is there")
        .clone();
    let after = before.replacen("format: json", &format!("format: {format}"), 1);
    assert_ne!(before, after);
    embedded_with(&[(FILE, after)])
}

/// Outcome and codes of one message under a book as of an epoch.
fn judged(
    format: &str,
    book: &SchemaBook,
    epoch: i64,
    value: &[u8],
) -> (Outcome, Vec<&'static str>) {
    let catalog = catalog(format);
    let feed = catalog.feed_of_id(FEED).expect("the feed is there");
    let observer = Observer::new(&catalog, &id_key(), feed, Bounds::default());
    let sent = Sent::new(value).header("op", "U").header("seq", "1");
    let sent = sent.header("business-time", "1795300000000");
    let observed = observer.observe_with(&[sent.raw()], ARRIVAL_MS, book.at(epoch));
    let observation = observed.observations.first().expect("one record").clone();
    let codes = observation.failures.iter().map(|failure| failure.code.0);
    (observation.outcome, codes.collect())
}

const DEATH: &str = r#"{"type":"record","name":"Death","fields":[{"name":"swzbh","type":"string"},
{"name":"idcard","type":"string"},{"name":"name","type":"string"},{"name":"dod","type":"string"},
{"name":"cause","type":["null","string"]}]}"#;

fn body(id: u8) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 0, id];
    for text in [
        "350200202600001",
        "11010519491231002X",
        "张三",
        "2026-11-20T23:50:00+08:00",
    ] {
        body.push(u8::try_from(text.len() * 2).expect("it is short"));
        body.extend_from_slice(text.as_bytes());
    }
    body.push(0);
    body
}

#[test]
fn a_fact_counts_from_its_epoch_on() {
    let mut book = SchemaBook::default();
    let id = SchemaId(7);
    book.learn("main", id, 3, &Fact::Unknown);
    book.learn("main", id, 9, &avro("\"int\""));
    assert!(book.at(2).find("main", id).is_none());
    assert!(matches!(book.at(8).find("main", id), Some(Known::Unknown)));
    assert!(matches!(book.at(9).find("main", id), Some(Known::Avro(_))));
    assert!(book.at(9).find("other", id).is_none());
    assert!(book.has("main", id, 3) && !book.has("main", id, 4));
}

#[test]
fn a_schema_is_judged_once_and_never_panics() {
    let of = |fact: &Fact| Known::of(fact);
    assert!(matches!(
        of(&text(SchemaKind::Other, "{}")),
        Known::Unusable
    ));
    assert!(matches!(of(&avro("{")), Known::Unusable));
    let long = format!("\"{}\"", " ".repeat(SCHEMA_BYTES_MAX));
    assert!(matches!(of(&avro(&long)), Known::Unusable));
    assert_eq!(of(&avro(DEATH)), of(&avro(&DEATH.replace('\n', " "))));
    assert_ne!(of(&avro(DEATH)), of(&avro("\"int\"")));
}

#[test]
fn an_avro_record_is_judged_like_a_json_one() {
    let mut book = SchemaBook::default();
    book.learn("main", SchemaId(5), 1, &avro(DEATH));
    let (outcome, codes) = judged("avro", &book, 1, &body(5));
    assert_eq!(
        (outcome, codes.as_slice()),
        (Outcome::Accepted, [].as_slice())
    );
}

#[test]
fn what_a_schema_would_make_readable_is_held_and_what_nothing_would_is_rejected() {
    let mut book = SchemaBook::default();
    book.learn("main", SchemaId(1), 4, &Fact::Unknown);
    book.learn("main", SchemaId(2), 1, &avro("{"));
    book.learn("main", SchemaId(3), 1, &avro(DEATH));
    let of = |format, epoch, value: &[u8]| judged(format, &book, epoch, value);
    let held = |code| (Outcome::Quarantined, vec![code]);
    let rejected = |code| (Outcome::Rejected, vec![code]);
    assert_eq!(of("avro", 4, &body(1)), held("SCHEMA_UNKNOWN"));
    assert_eq!(of("avro", 4, &body(9)), held("SCHEMA_UNKNOWN"));
    assert_eq!(of("avro", 4, &body(2)), held("SCHEMA_UNUSABLE"));
    assert_eq!(of("protobuf", 4, &body(3)), held("SCHEMA_UNUSABLE"));
    assert_eq!(of("avro", 4, b"{\"swzbh\":\"1\"}"), rejected("SCHEMA_ID"));
    assert_eq!(of("avro", 4, &[0, 0, 0]), rejected("SCHEMA_ID"));
    let cut = body(3);
    assert_eq!(
        of("avro", 4, cut.get(..20).expect("it is longer")),
        rejected("SYNTAX")
    );
}

#[test]
fn one_schema_stands_for_every_id_where_there_is_no_registry() {
    let book = SchemaBook::of_one(&avro(DEATH));
    assert_eq!(judged("avro", &book, 0, &body(77)).0, Outcome::Accepted);
}
