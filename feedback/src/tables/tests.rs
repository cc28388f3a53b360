use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int32Type, TimestampMicrosecondType};

use super::*;
use crate::kit::*;

fn folded() -> (World, crate::fold::FoldedIssues) {
    let world = World::new();
    let folded = world.fold(&[
        Sent::good("k", 1, 9).fails(NAME).fails(HEADER).0,
        Sent::good("k", 2, 10).0,
        Sent::unreadable(3).partition(1).0,
        Sent::good("other", 1, 4).partition(2).fails(CODE).0,
    ]);
    (world, folded)
}

#[test]
fn rows_are_sorted_by_key_and_batches_fit_their_schemas() {
    let (world, folded) = folded();
    let findings = finding_batch(&folded.findings);
    assert_eq!(findings.num_rows(), 4);
    let partitions = findings
        .column_by_name("partition")
        .unwrap()
        .as_primitive::<Int32Type>();
    assert!(partitions.values().is_sorted());
    let issues = issue_batch(&folded, &world.catalog);
    let ids = issues
        .column_by_name("issue_id")
        .unwrap()
        .as_string::<i32>();
    assert!(ids.iter().is_sorted() && ids.len() == 3);
    let events = issue_event_batch(&folded.events);
    let ids = events
        .column_by_name("event_id")
        .unwrap()
        .as_string::<i32>();
    assert!(ids.iter().is_sorted() && ids.len() == 4);
}

#[test]
fn empty_batches_have_the_schema() {
    let empty = crate::fold::FoldedIssues::default();
    assert_eq!(finding_batch(&[]).schema(), finding_schema());
    assert_eq!(issue_event_batch(&[]).schema(), issue_event_schema());
    assert_eq!(issue_batch(&empty, &catalog()).schema(), issue_schema());
}

#[test]
fn no_column_is_always_null_and_times_are_microseconds_in_utc() {
    let (world, folded) = folded();
    for batch in [
        finding_batch(&folded.findings),
        issue_batch(&folded, &world.catalog),
        issue_event_batch(&folded.events),
    ] {
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            assert!(column.null_count() < column.len(), "{}", field.name());
            if let DataType::Timestamp(_, zone) = field.data_type() {
                assert_eq!(zone.as_deref(), Some("UTC"));
            }
        }
    }
    let findings = finding_batch(&folded.findings);
    let times = findings
        .column_by_name("event_time")
        .unwrap()
        .as_primitive::<TimestampMicrosecondType>();
    assert!(
        times
            .values()
            .contains(&((START_MS + 9 * MINUTE_MS) * 1_000))
    );
}

#[test]
fn stored_headers_and_payload_are_those_that_are_published() {
    let (_, folded) = folded();
    let batch = issue_event_batch(&folded.events);
    let ids = batch.column_by_name("event_id").unwrap().as_string::<i32>();
    let payloads = batch.column_by_name("payload").unwrap().as_binary::<i32>();
    let headers = batch.column_by_name("headers").unwrap().as_list::<i32>();
    for row in 0..batch.num_rows() {
        let event = folded
            .events
            .iter()
            .find(|event| event.id == ids.value(row))
            .unwrap();
        assert_eq!(payloads.value(row), event.payload);
        let pairs = headers.value(row);
        let pairs = pairs.as_struct();
        let names = pairs.column_by_name("name").unwrap().as_string::<i32>();
        let values = pairs.column_by_name("value").unwrap().as_string::<i32>();
        let read: Vec<(String, String)> = names
            .iter()
            .zip(values)
            .map(|(name, value)| (name.unwrap().to_owned(), value.unwrap().to_owned()))
            .collect();
        assert_eq!(read, event.headers);
    }
}
