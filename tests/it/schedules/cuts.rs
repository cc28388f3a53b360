//! Where epochs are cut shows in no event: the same messages in one epoch and in one epoch each tell the same story.

use serde_json::Value;
use yidang_tests::lab::Lab;
use yidang_tests::messages::Message;
use yidang_tests::records::{HUKOU, SIYUAN, XIAOMEI, hukou, hukou_with, removal};

fn bad(id: &str, seq: u32) -> Message {
    hukou_with(id, "陈思远", seq, r#","MZ":"77""#)
}

fn good(id: &str, seq: u32) -> Message {
    hukou(id, "陈思远", seq)
}

/// Of every event: id, transition, reason, and the offset of the record that ended the issue.
fn story(lab: &Lab) -> Vec<(String, String, String, Option<i64>)> {
    let rows = lab.rows("issue_event").into_iter().map(|row| {
        let column = |name: &str| row.get(name).cloned().unwrap_or_default();
        let payload = column("payload");
        let bytes: Vec<u8> = (0..payload.len())
            .step_by(2)
            .filter_map(|place| u8::from_str_radix(payload.get(place..place + 2)?, 16).ok())
            .collect();
        let payload: Value = serde_json::from_slice(&bytes).expect("payloads are JSON");
        let by = payload
            .pointer("/where/resolvedBy/offset")
            .and_then(Value::as_i64);
        (
            column("event_id"),
            column("transition"),
            column("reason"),
            by,
        )
    });
    let mut story: Vec<_> = rows.collect();
    story.sort();
    story
}

fn told(cuts: &[&[Message]]) -> Lab {
    let mut lab = Lab::new();
    for messages in cuts {
        lab.epoch(messages);
    }
    lab
}

fn same_story(messages: &[Message]) -> Vec<(String, Option<i64>)> {
    let each: Vec<&[Message]> = messages.iter().map(std::slice::from_ref).collect();
    let expected = story(&told(&each));
    assert_eq!(story(&told(&[messages])), expected, "in one epoch");
    for cut in 1..messages.len() {
        let (head, tail) = messages.split_at(cut);
        assert_eq!(story(&told(&[head, tail])), expected, "cut at {cut}");
    }
    let told = expected.into_iter();
    told.map(|(_, transition, reason, by)| (format!("{transition}{{{reason}}}"), by))
        .collect()
}

fn names(story: &[(String, Option<i64>)]) -> Vec<&str> {
    story.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_correction_in_the_epoch_of_its_failure_ends_it_and_is_named() {
    let story = same_story(&[bad(SIYUAN, 1), good(SIYUAN, 2)]);
    assert_eq!(
        names(&story),
        ["opened{rule_failed}", "resolved{corrected}"]
    );
    assert_eq!(story[1].1, Some(1), "the record that corrected it");
}

#[test]
fn failures_and_corrections_in_turns_are_told_one_by_one() {
    let story = same_story(&[
        bad(SIYUAN, 1),
        good(SIYUAN, 2),
        bad(SIYUAN, 3),
        bad(XIAOMEI, 4),
        good(SIYUAN, 5),
        removal(HUKOU, SIYUAN, 6),
        good(XIAOMEI, 7),
    ]);
    let mut told = names(&story);
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "opened{rule_failed}",
            "opened{rule_failed}",
            "reopened{rule_failed}",
            "resolved{corrected}",
            "resolved{corrected}",
            "resolved{corrected}",
        ]
    );
}

#[test]
fn a_failure_that_comes_late_names_the_version_that_had_passed() {
    let story = same_story(&[good(SIYUAN, 3), bad(SIYUAN, 1), bad(SIYUAN, 5)]);
    assert_eq!(
        names(&story),
        [
            "opened{rule_failed}",
            "resolved{corrected}",
            "reopened{rule_failed}"
        ]
    );
    assert_eq!(story[1].1, Some(0), "the version that was kept");
}
