//! Which messages wait, in which order they go on, and when an answer becomes a fact.

use std::collections::BTreeMap as Files;
use std::sync::Arc;

use bytes::Bytes;
use yidang_schemas::catalog::Bundle;
use yidang_transform::schema_book::{SchemaKind, SchemaText};

use super::*;

const FILE: &str = "contracts/wj/death.odcs.yaml";

/// The embedded catalog with certificates of death in Avro, and the place of their feed.
fn catalog() -> (Arc<Catalog>, u16) {
    let embedded = Catalog::embedded().expect("the embedded catalog is sound");
    let mut files: Files<String, String> = embedded.bundle.files.clone();
    let text = files.get_mut(FILE).expect("the contract is there");
    *text = text.replacen("format: json", "format: avro", 1);
    let bundle = Bundle::of_files(files).expect("it is sound");
    let catalog = Catalog::from_bundle(&bundle).expect("it is sound");
    let feed = catalog.feed_of_id("wj.death").expect("it is there");
    (Arc::new(catalog), feed)
}

fn message(feed: u16, partition: i32, offset: i64, id: u8) -> LandedMessage {
    LandedMessage {
        feed,
        incarnation: 0,
        partition,
        offset,
        timestamp_ms: 1,
        log_append_time: false,
        key: None,
        headers: Vec::new(),
        value: Some(Bytes::copy_from_slice(&[0, 0, 0, 0, id, 2, b'a'])),
        held: false,
    }
}

fn places(messages: impl IntoIterator<Item = LandedMessage>) -> Vec<(i32, i64)> {
    let place = |message: LandedMessage| (message.partition, message.offset);
    messages.into_iter().map(place).collect()
}

fn registered() -> Fact {
    Fact::Registered(SchemaText {
        kind: SchemaKind::Avro,
        text: "\"string\"".to_owned(),
        imports: Vec::new(),
    })
}

fn wanted(id: u32) -> Wanted {
    ("main".to_owned(), SchemaId(id))
}

fn desk(unknown_after: Duration) -> Desk {
    Desk::new(&RegistrySettings::default(), unknown_after).expect("there is no address to refuse")
}

#[test]
fn a_lane_waits_from_its_first_unknown_id_on_and_goes_on_in_order() {
    let (catalog, feed) = catalog();
    let mut book = SchemaBook::default();
    book.learn("main", SchemaId(1), 1, &registered());
    let mut desk = desk(Duration::from_secs(300));
    let sent = [(0, 0, 1), (0, 1, 2), (1, 0, 1), (0, 2, 1), (1, 1, 1)];
    let sent = sent.map(|(partition, offset, id)| message(feed, partition, offset, id));
    let bounds = Bounds::default();
    let (admitted, begun) = desk.admit(&catalog, bounds, (&book, 5), sent.to_vec());
    assert_eq!(places(admitted), [(0, 0), (1, 0), (1, 1)]);
    assert_eq!(begun.len(), 1);
    // What was under way comes behind, and the lane does not begin to wait twice.
    let more = vec![message(feed, 0, 3, 1), message(feed, 1, 2, 1)];
    let (admitted, begun) = desk.admit(&catalog, bounds, (&book, 5), more);
    assert_eq!((places(admitted), begun.len()), (vec![(1, 2)], 0));
    assert!(!desk.is_empty() && desk.release(&book, 5).is_empty());
    book.learn("main", SchemaId(2), 6, &registered());
    assert!(
        desk.release(&book, 5).is_empty(),
        "it counts from its epoch on"
    );
    let released = desk.release(&book, 6);
    let released = released.into_iter().flat_map(|(_, messages)| messages);
    assert_eq!(places(released), [(0, 1), (0, 2), (0, 3)]);
    assert!(desk.is_empty());
}

#[test]
fn only_what_a_verdict_needs_is_asked_for() {
    let (catalog, feed) = catalog();
    let mut desk = desk(Duration::from_secs(300));
    let other = catalog.feed_of_id("ga.hukou").expect("it is there");
    let plain = LandedMessage {
        value: Some(Bytes::from_static(b"{}")),
        ..message(feed, 0, 1, 9)
    };
    let removal = LandedMessage {
        value: None,
        ..message(feed, 0, 2, 9)
    };
    let long = LandedMessage {
        value: Some(Bytes::from(vec![0; 200])),
        ..message(feed, 0, 3, 9)
    };
    let sent = vec![message(other, 0, 0, 9), plain, removal, long];
    let bounds = Bounds {
        message_bytes_max: 100,
        ..Bounds::default()
    };
    let (admitted, begun) = desk.admit(&catalog, bounds, (&SchemaBook::default(), 1), sent);
    assert_eq!((admitted.len(), begun.len()), (4, 0));
}

#[test]
fn no_such_schema_is_believed_after_a_while_without_a_break() {
    let mut patient = desk(Duration::from_secs(300));
    patient.want(&wanted(7), Duration::ZERO);
    let unknown = || Ok(Fact::Unknown);
    assert_eq!(patient.weigh(&wanted(7), unknown(), false), Answer::Later);
    assert_eq!(patient.weigh(&wanted(7), unknown(), false), Answer::Later);
    let silent = Err(Fault::unavailable("ask", "nobody answers"));
    assert_eq!(patient.weigh(&wanted(7), silent, false), Answer::Later);
    let since = |desk: &Desk| {
        desk.asked
            .get(&wanted(7))
            .and_then(|asked| asked.unknown_since)
    };
    assert_eq!(since(&patient), None, "silence begins the while anew");
    let fact = patient.weigh(&wanted(7), Ok(registered()), false);
    assert_eq!(fact, Answer::Fact(registered()));

    let mut hasty = desk(Duration::ZERO);
    hasty.want(&wanted(7), Duration::ZERO);
    let fact = hasty.weigh(&wanted(7), unknown(), false);
    assert_eq!(fact, Answer::Fact(Fact::Unknown));
    // Asked again later: nothing new, nothing stored; a schema that came late is a fact.
    hasty.want(&wanted(7), Duration::ZERO);
    assert_eq!(hasty.weigh(&wanted(7), unknown(), true), Answer::Later);
    hasty.want(&wanted(7), Duration::ZERO);
    let late = hasty.weigh(&wanted(7), Ok(registered()), true);
    assert_eq!(late, Answer::Fact(registered()));
}
