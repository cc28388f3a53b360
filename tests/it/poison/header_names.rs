//! A header whose name is no UTF-8 stops no lane: a real broker keeps such a name, the client library of the worker refuses to
//! read it. The message has the outcome that its other headers and its body give it.

use std::time::Duration;

use serde_json::{Value, json};
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Message, read_topic};
use yidang_tests::process::Launch;
use yidang_tests::records::{HUKOU, SIYUAN, XIAOMEI, hukou};
use yidang_tests::wire::{RawRecord, produce_raw};

use super::{by_place, good, number, persons, start, wait_for_records};

/// No UTF-8, wherever it is cut.
const NAME: &[u8] = b"\xff\xfe\xc3(";
/// What the landed row shows in its place.
const SHOWN: &str = "yidang-unreadable-name";

/// A message with one more header, before the others.
fn with_a_header_more(message: Message) -> RawRecord {
    let mut record = RawRecord::from(message);
    record
        .headers
        .insert(0, (NAME.to_vec(), Some(b"secret".to_vec())));
    record
}

/// A message whose header of order has a name that nobody can read.
fn with_its_order_spoiled(message: Message) -> RawRecord {
    let mut record = RawRecord::from(message);
    let order = record.headers.iter_mut().find(|(name, _)| name == b"seq");
    order.expect("it has an order").0 = NAME.to_vec();
    record
}

#[test]
fn a_header_name_that_is_no_text_stops_no_lane_of_a_real_broker() {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let lake = folder.path().join("lake");
    let uri = lake.to_str().expect("temporary folders have plain names");
    let broker = RealBroker::start();
    broker.create_topic(HUKOU, 1);
    let mut running = start(&broker, uri);
    let records = [
        RawRecord::from(good(0)),
        with_a_header_more(hukou(SIYUAN, "陈思远", 7)),
        RawRecord::from(good(1)),
        with_its_order_spoiled(hukou(XIAOMEI, "林晓梅", 8)),
        RawRecord::from(good(2)),
    ];
    let first = produce_raw(&broker.address(), HUKOU, 0, &records);
    assert_eq!(first, 0, "the partition was empty");
    wait_for_records(&mut running, records.len());
    // A second time, in an epoch of its own, the same lane still reads.
    produce_raw(&broker.address(), HUKOU, 0, &[RawRecord::from(good(3))]);
    wait_for_records(&mut running, records.len() + 1);
    running.terminate();
    let ended = running.finish(Duration::from_secs(30)).expect_code(0);
    assert!(!ended.text().contains("panicked"), "{}", ended.text());

    let (landing, quarantine) = (by_place(&lake, "landing"), by_place(&lake, "quarantine"));
    let row = |offset: i64| &landing[&(HUKOU.to_owned(), offset)][0];
    let outcomes = [
        "accepted",
        "accepted",
        "accepted",
        "quarantined",
        "accepted",
    ];
    for (offset, outcome) in (0_i64..).zip(outcomes) {
        assert_eq!(row(offset)[outcome], 1, "offset {offset}");
        assert_eq!(
            row(offset)["epoch"],
            row(0)["epoch"],
            "one epoch has them all"
        );
    }
    for (offset, count) in [(1, 2), (3, 1)] {
        let headers = names(&row(offset)["headers"]);
        assert_eq!(headers.len(), count, "{headers:?}");
        assert_eq!(headers[0], SHOWN);
    }
    let held = &quarantine[&(HUKOU.to_owned(), 3)][0];
    assert_eq!(held["codes"], json!(["ORDER_MISSING"]));
    assert_eq!(quarantine.len(), 1, "nothing else is held");
    let written = persons(&lake);
    assert!(written.contains(SIYUAN) && !written.contains(XIAOMEI));
    for ordinal in 0..4 {
        assert!(written.contains(&number(ordinal)), "good one {ordinal}");
    }
    told_and_reconciled(&broker, uri);
    println!(
        "header names: 2 of {} records have one that is no text, all of them are in epoch {}",
        records.len(),
        row(0)["epoch"]
    );
}

/// Names of landed headers, in order.
fn names(headers: &Value) -> Vec<&str> {
    let headers = headers.as_array().expect("a list").iter();
    headers
        .filter_map(|header| header["name"].as_str())
        .collect()
}

/// The agency learns what was held, and the broker's messages are what was landed: both read them the same way.
fn told_and_reconciled(broker: &RealBroker, uri: &str) {
    let events = read_topic(&broker.address(), "dq.feedback.ga.v1");
    let events: Vec<Value> = events
        .iter()
        .map(|event| serde_json::from_str(&event.text()).expect("events are JSON"))
        .collect();
    let told = events.iter().filter(|event| {
        event["code"] == "ORDER_MISSING" && event["where"]["latest"]["offset"] == 3
    });
    assert_eq!((told.count(), events.len()), (1, 1));
    let address = broker.address();
    let reconcile = ["verify", "reconcile", "--lake", uri, "--brokers", &address];
    drop(
        Launch::yidang(reconcile)
            .run(Duration::from_secs(60))
            .expect_code(0),
    );
}
