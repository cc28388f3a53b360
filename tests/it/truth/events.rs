//! What agencies receive: the last event of every issue says how the truth says that it stands, and an event that tells of a
//! correction names the record that brought it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use yidang_simulate::{Coordinates, IssueState, IssueTruth, RecordTruth, Truth};
use yidang_tests::broker::RealBroker;
use yidang_tests::messages::{Stored, read_topic};

/// Events of one issue by their number.
type Told = BTreeMap<u64, Event>;

struct Event {
    /// Transition, new state and reason.
    step: (String, String, String),
    /// Record that caused the event.
    cause: String,
    resolved_by: Option<String>,
}

fn text(payload: &Value, pointer: &str) -> String {
    let found = payload.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("an event without {pointer}"))
        .to_owned()
}

fn place(place: &Value) -> String {
    let number = |name: &str| place[name].as_i64().expect("a place has its numbers");
    let (partition, offset, row) = (number("partition"), number("offset"), number("row"));
    format!("{}/{partition}/{offset}/{row}", text(place, "/topic"))
}

fn shown(at: &Coordinates) -> String {
    format!("{}/{}/{}/{}", at.topic, at.partition, at.offset, at.row)
}

/// Issue and number of an event, and what it says.
fn event(stored: &Stored) -> (String, u64, Event) {
    let payload: Value = serde_json::from_str(&stored.text()).expect("a payload is JSON");
    let header = |name: &str| stored.header(name).expect("every event has its attributes");
    let kind = header("ce_type");
    let transition = kind.split('.').rev().nth(1).unwrap_or_default().to_owned();
    let told = Event {
        step: (
            transition,
            text(&payload, "/state"),
            text(&payload, "/transition/reason"),
        ),
        cause: header("ce_causationid"),
        resolved_by: payload.pointer("/where/resolvedBy").map(place),
    };
    let number = payload["seq"].as_u64().expect("events are numbered");
    (text(&payload, "/issueId"), number, told)
}

fn read(broker: &RealBroker) -> BTreeMap<String, Told> {
    let mut issues: BTreeMap<String, Told> = BTreeMap::new();
    for (topic, _) in broker.topics() {
        if !topic.starts_with("dq.feedback.") {
            continue;
        }
        for stored in read_topic(&broker.address(), &topic) {
            let (issue, number, told) = event(&stored);
            issues.entry(issue).or_default().insert(number, told);
        }
    }
    issues
}

/// Holds all events on the broker against the truth of the city that was streamed through it.
pub fn equal_the_truth(broker: &RealBroker, truth: &Truth) {
    let told = read(broker);
    let records: BTreeMap<String, &RecordTruth> = truth
        .records
        .iter()
        .map(|record| (shown(&record.at), record))
        .collect();
    let mut steps: BTreeMap<String, u64> = BTreeMap::new();
    let (mut named, mut known_before) = (0_u64, 0_u64);
    let mut expected = BTreeSet::new();
    for issue in &truth.issues {
        let id = issue.issue_id.as_deref().expect("the city has the id key");
        expected.insert(id.to_owned());
        let events = told
            .get(id)
            .unwrap_or_else(|| panic!("no event of issue {id} ({} {})", issue.feed, issue.rule));
        assert!(
            events.keys().copied().eq(1..=events.len() as u64),
            "issue {id}: numbers of events have gaps"
        );
        for event in events.values() {
            let (transition, _, reason) = &event.step;
            *steps.entry(format!("{transition} {reason}")).or_default() += 1;
            if reason == "corrected" {
                match names_its_record(id, issue, event, &records) {
                    true => named += 1,
                    false => known_before += 1,
                }
            }
        }
        let (_, last) = events.last_key_value().expect("an issue has an event");
        stands_as(id, issue, last);
    }
    let unknown = told.keys().find(|id| !expected.contains(*id));
    assert_eq!(unknown, None, "an issue that is not in the truth");
    println!("events: {steps:?}; {named} corrections named, {known_before} had come before");
    for step in [
        "opened rule_failed",
        "recurred rule_failed",
        "reopened rule_failed",
        "resolved corrected",
        "resolved withdrawn",
    ] {
        assert!(steps.get(step).is_some_and(|count| *count >= 3), "{step}");
    }
    assert!(named >= 3, "corrections come after what they correct");
}

fn stands_as(id: &str, issue: &IssueTruth, last: &Event) {
    let (transition, state, reason) = &last.step;
    let (transition, state, reason) = (transition.as_str(), state.as_str(), reason.as_str());
    let as_expected = match issue.state {
        IssueState::Open => {
            let failing = ["opened", "recurred", "reopened"];
            failing.contains(&transition) && (state, reason) == ("open", "rule_failed")
        }
        IssueState::Corrected => {
            (transition, state, reason) == ("resolved", "resolved", "corrected")
        }
        IssueState::Withdrawn => {
            (transition, state, reason) == ("resolved", "resolved", "withdrawn")
        }
    };
    assert!(
        as_expected,
        "issue {id} ({} {}): the last event says {:?}, the truth {:?}",
        issue.feed, issue.rule, last.step, issue.state
    );
}

/// Whether the correction came after the failure. Then the event names it, and it is a good record about the same thing;
/// else a failing record told of a correction that had come before it, and the event may say no more than that.
fn names_its_record(
    id: &str,
    issue: &IssueTruth,
    event: &Event,
    records: &BTreeMap<String, &RecordTruth>,
) -> bool {
    let of_truth = |place: &String| {
        *records
            .get(place)
            .unwrap_or_else(|| panic!("issue {id}: {place} is no record of the city"))
    };
    let fails = |record: &RecordTruth| {
        let mut failed = record.failed.iter();
        failed.any(|failed| failed.rule == issue.rule && failed.field == issue.field)
    };
    let cause = of_truth(&event.cause);
    if event.resolved_by.is_none() {
        assert!(
            fails(cause),
            "issue {id} ({} {}): {} ended it and is not named",
            issue.feed,
            issue.rule,
            event.cause
        );
        return false;
    }
    if !fails(cause) {
        assert_eq!(
            event.resolved_by.as_ref(),
            Some(&event.cause),
            "issue {id}: who ended it"
        );
    }
    let by = event.resolved_by.as_ref().map(of_truth);
    let good = by.is_some_and(|by| by.feed == issue.feed && !fails(by));
    assert!(good, "issue {id}: what ended it passes the rule");
    !fails(cause)
}
