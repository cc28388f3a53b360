//! What must not close an issue.

use yidang_schemas::defect::Outcome;
use yidang_transform::record::Effect;

use crate::kit::*;

fn failing() -> Sent {
    Sent::good("k", 5, 5).fails(NAME)
}

fn stays_open_after(second: Sent) {
    let world = World::after([failing(), second]);
    assert!(world.is_open("k", NAME));
    assert_eq!(
        world.told.first().map(String::as_str),
        Some("opened{rule_failed}")
    );
    assert!(
        !world
            .told
            .iter()
            .any(|told| told.starts_with("resolved") || told.starts_with("dismissed"))
    );
}

#[test]
fn an_older_good_record_that_arrives_late() {
    stays_open_after(Sent::good("k", 4, 9).effect(Effect::Stale));
}

#[test]
fn a_good_record_of_another_key() {
    stays_open_after(Sent::good("another", 9, 9));
}

#[test]
fn a_newer_record_that_fails_the_same_rule_with_another_value() {
    stays_open_after(Sent::good("k", 9, 9).fails_with(NAME, Some("another")));
}

#[test]
fn a_newer_record_that_was_rejected_before_the_rule_ran() {
    stays_open_after(Sent::good("k", 9, 9).fails(ID).unjudged(NAME));
}

#[test]
fn a_patch_that_leaves_the_failed_field_out() {
    stays_open_after(Sent::good("k", 9, 9).unjudged(NAME));
}

#[test]
fn a_control_message() {
    let mut control = Sent::good("k", 9, 9);
    control.0.outcome = Outcome::Control;
    control.0.key = None;
    stays_open_after(control);
}

#[test]
fn an_older_removal() {
    stays_open_after(Sent::removal("k", 4, 9).effect(Effect::Stale));
}

#[test]
fn a_corrects_header_on_an_issue_whose_record_has_a_sound_key() {
    let header = Sent::good("another", 9, 9).corrects(issue_id("k", NAME));
    let world = World::after([failing(), header]);
    assert!(world.is_open("k", NAME));
    assert_eq!(world.codes, ["REQUIRED", "CORRECTS_SOUND_KEY"]);
}

#[test]
fn a_record_of_another_agency_with_the_same_key() {
    let mut foreign = Sent::good("k", 9, 9);
    foreign.0.origin.feed = OTHER_FEED;
    foreign.0.key.as_mut().unwrap().id.feed = OTHER_FEED;
    stays_open_after(foreign);
}
