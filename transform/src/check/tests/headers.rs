//! Headers that are judged: times and `corrects`.

use yidang_schemas::defect::Outcome;

use super::{CATALOG, body, contract, judge, sent};
use crate::kit::{ARRIVAL_MS, Sent, embedded_with, failed, observe_of};

#[test]
fn a_header_time_in_the_future_is_held_and_one_of_a_removal_is_not_asked() {
    let late = (ARRIVAL_MS + 600_000).to_string();
    let future = Sent::new(body(&[]))
        .header("seq", "1")
        .header("business-time", &late);
    let observation = judge("mz.whole", future.clone());
    assert_eq!(
        failed(&CATALOG, "mz.whole", &observation),
        ["business-time:not_future:FUTURE"]
    );
    assert_eq!(observation.outcome, Outcome::Quarantined);
    assert_eq!(
        judge("mz.whole", future.header("op", "D")).outcome,
        Outcome::Accepted
    );
}

#[test]
fn of_several_times_in_headers_the_one_that_lies_ahead_is_blamed() {
    let text = contract("timed", "full").replace(
        r#"[ { from: "header:seq", type: integer } ]"#,
        r#"[ { from: "header:changed", type: epoch_ms }, { from: "header:seq", type: integer } ]"#,
    );
    let catalog = embedded_with(&[("contracts/mz/timed.odcs.yaml", text)]);
    let told = |changed: i64, business: i64| {
        let sent = Sent::new(body(&[]))
            .header("seq", "1")
            .header("changed", &changed.to_string())
            .header("business-time", &business.to_string());
        let observation = observe_of(&catalog, "mz.timed", &[sent])
            .observations
            .remove(0);
        failed(&catalog, "mz.timed", &observation)
    };
    assert!(told(ARRIVAL_MS, ARRIVAL_MS).is_empty());
    let (changed, business) = (
        "changed:not_future:FUTURE",
        "business-time:not_future:FUTURE",
    );
    // Not a millisecond later than the message.
    assert_eq!(told(ARRIVAL_MS + 1, 5), [changed]);
    assert_eq!(told(5, ARRIVAL_MS + 1), [business]);
    assert_eq!(told(ARRIVAL_MS + 1, ARRIVAL_MS + 1), [changed, business]);
}

#[test]
fn of_two_headers_corrects_none_counts() {
    let issue = |letter: &str| format!("dqi_{}", letter.repeat(26));
    let twice = sent(&[]).header("corrects", &issue("0"));
    let twice = judge("mz.whole", twice.header("corrects", &issue("1")));
    assert_eq!(
        failed(&CATALOG, "mz.whole", &twice),
        ["corrects:CORRECTS_FORMAT"]
    );
    assert_eq!((twice.corrects, twice.outcome), (None, Outcome::Accepted));
    let spaced = judge(
        "mz.whole",
        sent(&[]).header("corrects", &format!(" {} ", issue("0"))),
    );
    assert!(failed(&CATALOG, "mz.whole", &spaced).is_empty());
    assert_eq!(spaced.corrects, Some(issue("0")));
}

#[test]
fn a_malformed_corrects_header_is_observed_only() {
    let issue = format!("dqi_{}", "0".repeat(26));
    assert!(
        failed(
            &CATALOG,
            "mz.whole",
            &judge("mz.whole", sent(&[]).header("corrects", &issue))
        )
        .is_empty()
    );
    let observation = judge("mz.whole", sent(&[]).header("corrects", "issue 7"));
    assert_eq!(
        failed(&CATALOG, "mz.whole", &observation),
        ["corrects:CORRECTS_FORMAT"]
    );
    assert_eq!(observation.outcome, Outcome::Accepted);
    let mut bytes = sent(&[]);
    bytes.headers.push((
        "corrects".to_owned(),
        Some(bytes::Bytes::from_static(b"\xFF")),
    ));
    assert_eq!(
        failed(&CATALOG, "mz.whole", &judge("mz.whole", bytes)),
        ["corrects:CORRECTS_FORMAT"]
    );
}
