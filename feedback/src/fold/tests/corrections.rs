//! The header `corrects`.

use yidang_transform::record::Effect;

use crate::issue::Reason;
use crate::kit::*;

fn bad() -> Sent {
    Sent::good("bad", 1, 10).fails(ID)
}

fn correction() -> Sent {
    Sent::good("right", 1, 20).corrects(issue_id("bad", ID))
}

#[test]
fn a_correction_of_another_key_resolves_an_issue_of_a_defective_key_in_both_orders() {
    let after = World::after([bad(), correction()]);
    assert_eq!(after.told, ["opened{rule_failed}", "resolved{corrected}"]);
    let before = World::after([correction(), bad()]);
    assert_eq!(before.told, ["opened{rule_failed}", "resolved{corrected}"]);
    assert_eq!(before.codes, ["CORRECTS_UNKNOWN", "ID_CHECK"]);
    assert_eq!(after.codes, ["ID_CHECK"]);
}

#[test]
fn a_correction_resolves_an_issue_of_a_record_without_a_key() {
    let bad = Sent::unreadable(10);
    let id = issue_id_of(&bad.0, PARSE);
    let world = World::after([bad, Sent::good("right", 1, 20).corrects(id)]);
    assert!(world.open().is_empty());
    assert_eq!(world.told, ["opened{rule_failed}", "resolved{corrected}"]);
}

#[test]
fn a_correction_ends_failures_up_to_its_own_message_time_only() {
    let later = Sent::good("bad", 2, 30).fails(ID);
    for world in [
        World::after([bad(), correction(), later.clone()]),
        World::after([correction(), later.clone(), bad()]),
        World::after([later, bad(), correction()]),
    ] {
        assert!(world.is_open("bad", ID));
    }
    assert!(!World::after([bad(), correction().at(10)]).is_open("bad", ID));
    assert!(World::after([bad(), correction().at(9)]).is_open("bad", ID));
}

#[test]
fn a_bad_record_that_comes_again_unchanged_after_its_correction_reopens_nothing() {
    let again = Sent::good("bad", 1, 40).fails(ID);
    for world in [
        World::after([bad(), correction(), again.clone()]),
        World::after([again, bad(), correction()]),
    ] {
        assert!(!world.is_open("bad", ID));
    }
}

#[test]
fn a_removal_of_the_bad_key_counts_as_corrected_when_a_correction_came_before_or_after() {
    let early = Sent::good("right", 1, 5).corrects(issue_id("bad", ID));
    let removal = || Sent::removal("bad", 2, 25);
    let before = World::after([bad(), early.clone(), removal()]);
    assert_eq!(before.told, ["opened{rule_failed}", "resolved{corrected}"]);
    let after = World::after([bad(), removal(), correction()]);
    assert_eq!(
        after.told,
        [
            "opened{rule_failed}",
            "resolved{withdrawn}",
            "resolved{corrected}"
        ]
    );
    assert_eq!(
        after.state("bad", ID).unwrap().reason,
        Some(Reason::Corrected)
    );
    let alone = World::after([bad(), removal()]);
    assert_eq!(
        alone.state("bad", ID).unwrap().reason,
        Some(Reason::Withdrawn)
    );
}

/// The issue stays open, and the header is found to be this.
fn refused(correction: Sent, code: &str) {
    let world = World::after([bad(), correction]);
    assert!(world.is_open("bad", ID));
    assert!(world.codes.contains(&code), "{:?}", world.codes);
    assert!(!world.told.iter().any(|told| told.starts_with("resolved")));
}

#[test]
fn a_message_of_several_records_corrects_nothing_and_is_found_once() {
    let mut many = correction();
    many.0.alone = false;
    refused(many.clone(), "CORRECTS_MANY");
    let mut second = many.clone();
    second.0.origin.row = 1;
    let world = World::after([bad(), many, second]);
    assert_eq!(
        world
            .codes
            .iter()
            .filter(|code| **code == "CORRECTS_MANY")
            .count(),
        1
    );
}

#[test]
fn a_header_that_is_no_issue_id_is_found_once_and_never_repeated() {
    let mut malformed = correction();
    malformed.0.corrects = Some("350203199001010018".to_owned());
    refused(malformed.clone(), "CORRECTS_FORMAT");
    let world = World::after([malformed.fails(HEADER)]);
    assert_eq!(world.codes, ["CORRECTS_FORMAT"]);
}

#[test]
fn the_own_key_of_an_issue_needs_no_header() {
    let same = Sent::good("bad", 2, 20)
        .fails(ID)
        .corrects(issue_id("bad", ID));
    refused(same, "CORRECTS_SAME_KEY");
}

#[test]
fn a_record_of_another_feed_corrects_nothing_before_or_after() {
    let mut foreign = correction();
    foreign.0.origin.feed = OTHER_FEED;
    foreign.0.key.as_mut().unwrap().id.feed = OTHER_FEED;
    refused(foreign.clone(), "CORRECTS_FOREIGN");
    assert!(World::after([foreign, bad()]).is_open("bad", ID));
}

#[test]
fn a_record_that_does_not_stand_or_was_not_judged_by_the_rule_corrects_nothing() {
    let code = "CORRECTS_NOT_PASSED";
    for wrong in [
        correction().effect(Effect::Stale),
        correction().fails(CODE),
        correction().fails(ID),
        correction().unjudged(ID),
    ] {
        refused(wrong.clone(), code);
        assert!(World::after([wrong, bad()]).is_open("bad", ID));
    }
    let mut removal = Sent::removal("right", 1, 20);
    removal.0.corrects = correction().0.corrects;
    refused(removal, code);
}

#[test]
fn a_correction_sent_again_with_its_header_counts() {
    let without = Sent::good("right", 1, 15);
    let world = World::after([bad(), without, correction().effect(Effect::Duplicate)]);
    assert!(!world.is_open("bad", ID));
}

#[test]
fn a_correction_names_one_issue_only() {
    let two = Sent::good("bad", 1, 10).fails(ID).fails(NAME);
    let world = World::after([two, correction()]);
    assert!(!world.is_open("bad", ID) && world.is_open("bad", NAME));
}

#[test]
fn a_waiting_correction_survives_a_restart() {
    let mut first = World::new();
    let folded = first.fold(&[correction().0]);
    let rows = folded.state_rows(&first.catalog);
    assert_eq!(rows.len(), 1);
    first.take(folded);
    let mut second = World::new();
    for row in &rows {
        second.memory.restore(row, &second.catalog).unwrap();
    }
    second.epoch(&[bad()]);
    assert!(!second.is_open("bad", ID));
    assert_eq!(second.memory.waiting_len(), 0);
}

/// A header that names the issue of `bad` and [`NAME`] on a record that does not pass that rule.
fn vain(key_text: &str, offset: i64) -> Sent {
    Sent::good(key_text, 1, offset)
        .fails(NAME)
        .corrects(issue_id("bad", NAME))
}

#[test]
fn corrections_in_vain_never_push_out_one_that_counts() {
    let counting = Sent::good("right", 1, 20).corrects(issue_id("bad", NAME));
    let own_key = Sent::good("bad", 0, 30).corrects(issue_id("bad", NAME));
    let mut sent = vec![counting, own_key];
    sent.extend((0..20).map(|repeat| vain("wrong", 40 + repeat)));
    sent.extend((0..20).map(|other| vain(&format!("wrong {other}"), 80 + other)));
    sent.push(Sent::good("bad", 1, 10).fails(ID).fails(NAME));
    for sent in [sent.clone(), sent.into_iter().rev().collect()] {
        let world = World::after(sent);
        assert!(world.state("bad", NAME).is_some() && !world.is_open("bad", NAME));
    }
}

#[test]
fn what_waits_for_an_issue_is_bounded_by_rules_not_by_messages() {
    let mut world = World::new();
    for repeat in 0..500 {
        let key_text = format!("right {}", repeat % 100);
        world.epoch(&[Sent::good(&key_text, 1, repeat).corrects(issue_id("bad", ID))]);
    }
    let list = world.memory.waiting(&issue_id("bad", ID)).unwrap();
    assert_eq!(list.len(), 2);
}
