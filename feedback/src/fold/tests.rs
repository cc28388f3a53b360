//! What opens, closes and does not close an issue.

mod canaries;
mod corrections;
mod laws;
mod schedules;
mod staying_open;

use yidang_transform::record::Effect;

use crate::issue::{Reason, Status};
use crate::kit::*;

#[test]
fn a_failure_opens_an_issue_and_a_later_record_that_passes_resolves_it() {
    let world = World::after([Sent::good("k", 1, 1).fails(NAME), Sent::good("k", 2, 2)]);
    assert_eq!(world.told, ["opened{rule_failed}", "resolved{corrected}"]);
    let state = world.state("k", NAME).unwrap();
    assert_eq!(
        (state.status, state.reason, state.seq),
        (Status::Resolved, Some(Reason::Corrected), 2)
    );
}

#[test]
fn an_observed_failure_is_a_finding_and_nothing_else() {
    let world = World::after([Sent::good("k", 1, 1).fails(HEADER)]);
    assert!(world.told.is_empty() && world.memory.is_empty());
    assert_eq!(world.codes, ["CORRECTS_FORMAT"]);
}

#[test]
fn a_removal_resolves_every_issue_of_its_record_as_withdrawn() {
    let bad = Sent::good("bad", 1, 1).fails(ID).fails(NAME);
    let world = World::after([bad, Sent::removal("bad", 2, 2)]);
    assert_eq!(
        world.told[2..],
        ["resolved{withdrawn}", "resolved{withdrawn}"]
    );
    assert!(world.open().is_empty());
}

#[test]
fn a_removal_that_was_held_withdraws_nothing() {
    let removal = Sent::removal("k", 2, 2).fails(CODE);
    let world = World::after([Sent::good("k", 1, 1).fails(NAME), removal]);
    assert!(world.is_open("k", NAME));
}

#[test]
fn the_same_version_that_passes_under_a_newer_bundle_is_dismissed_and_never_resolved() {
    let again = Sent::good("k", 1, 2).generation(2);
    let world = World::after([Sent::good("k", 1, 1).fails(NAME), again]);
    assert_eq!(
        world.told,
        ["opened{rule_failed}", "dismissed{rule_changed}"]
    );
    assert_eq!(world.state("k", NAME).unwrap().status, Status::Dismissed);
}

#[test]
fn a_later_failure_reopens() {
    let world = World::after([
        Sent::good("k", 1, 1).fails(NAME),
        Sent::good("k", 2, 2),
        Sent::good("k", 3, 3).fails(NAME),
    ]);
    assert_eq!(
        world.told,
        [
            "opened{rule_failed}",
            "resolved{corrected}",
            "reopened{rule_failed}"
        ]
    );
    assert_eq!(world.state("k", NAME).unwrap().reopened, 1);
}

#[test]
fn failures_of_an_open_issue_are_told_once_an_hour_and_always_counted() {
    let failing = |number: i64, minutes: i64| {
        let raw = format!("raw {number}");
        Sent::good("k", number, number)
            .fails_with(NAME, Some(&raw))
            .at(minutes)
    };
    let world = World::after([
        failing(1, 0),
        failing(2, 10),
        failing(3, 59),
        failing(4, 60),
        failing(5, 119),
    ]);
    assert_eq!(world.told, ["opened{rule_failed}", "recurred{rule_failed}"]);
    let state = world.state("k", NAME).unwrap();
    assert_eq!((state.occurrences, state.values.len()), (5, 5));
}

#[test]
fn an_exact_duplicate_neither_opens_nor_recurs_nor_counts() {
    let bad = || Sent::good("k", 1, 1).fails(NAME);
    let world = World::after([
        bad(),
        Sent(
            Sent::good("k", 1, 90)
                .fails(NAME)
                .effect(Effect::Duplicate)
                .0,
        ),
        Sent::good("held", 1, 2).fails(CODE),
        Sent::good("held", 1, 95).fails(CODE),
    ]);
    assert_eq!(world.told, ["opened{rule_failed}"; 2]);
    assert_eq!(world.state("k", NAME).unwrap().occurrences, 1);
    assert_eq!(world.state("held", CODE).unwrap().occurrences, 1);
    let alone = World::after([bad().effect(Effect::Duplicate)]);
    assert!(alone.told.is_empty());
}

#[test]
fn a_failing_stale_version_is_known_as_resolved_at_once() {
    let stale = Sent::good("k", 1, 2)
        .fails(NAME)
        .effect(Effect::Stale)
        .kept_pass(NAME, 3);
    let world = World::after([Sent::good("k", 3, 1), stale]);
    assert_eq!(world.told, ["opened{rule_failed}", "resolved{corrected}"]);
    assert!(world.open().is_empty());
}

#[test]
fn what_a_held_version_passed_counts_against_older_failures_in_both_orders() {
    let held = || Sent::good("k", 3, 1).fails(CODE);
    let older = || Sent::good("k", 1, 2).fails(NAME);
    for world in [
        World::after([held(), older()]),
        World::after([older(), held()]),
    ] {
        assert!(world.is_open("k", CODE) && !world.is_open("k", NAME));
    }
}

#[test]
fn a_failure_without_an_order_is_closed_by_log_position_in_its_lane() {
    let bad = || Sent::good("k", 0, 5).fails(ORDER).unordered();
    assert!(World::after([bad(), Sent::good("k", 1, 4)]).is_open("k", ORDER));
    assert!(!World::after([bad(), Sent::good("k", 1, 6)]).is_open("k", ORDER));
}

#[test]
fn a_failure_without_an_order_is_closed_by_message_time_in_another_lane() {
    let bad = || Sent::good("k", 0, 5).fails(ORDER).unordered();
    let good = |minutes: i64| Sent::good("k", 1, 1).partition(2).at(minutes);
    assert!(World::after([bad(), good(4)]).is_open("k", ORDER));
    assert!(!World::after([bad(), good(6)]).is_open("k", ORDER));
}

#[test]
fn a_pass_without_an_order_does_not_close_a_failure_that_has_one() {
    let unordered = Sent::good("k", 0, 9).fails(ORDER).unordered();
    let world = World::after([Sent::good("k", 1, 1).fails(NAME), unordered]);
    assert!(world.is_open("k", NAME));
}

#[test]
fn our_own_failure_is_an_issue_of_the_platform() {
    let catalog = catalog();
    let folded = World::new().fold(&[Sent::good("k", 1, 1).fails(PLATFORM).0]);
    assert_eq!(folded.events[0].topic, "dq.feedback.platform.v1");
    assert_eq!(folded.findings[0].agency, "platform");
    let payload: serde_json::Value = serde_json::from_slice(&folded.events[0].payload).unwrap();
    assert_eq!(payload["responsible"]["reason"], "platform_stage");
    assert_eq!(crate::finding::feedback_topics(&catalog).len(), 3);
}

#[test]
fn a_record_without_issues_costs_nothing() {
    let mut world = World::after([Sent::good("k", 1, 1).fails(NAME)]);
    assert!(world.memory.concerns(&key("k").id) && !world.memory.concerns(&key("clean").id));
    let folded = world.fold(&[Sent::good("clean", 1, 2).0]);
    assert!(folded.issues.is_empty() && folded.events.is_empty() && folded.findings.is_empty());
    world.take(folded);
    assert_eq!(world.memory.len(), 1);
}

#[test]
fn a_pass_on_a_closed_issue_is_remembered_but_not_shown() {
    let world = World::after([Sent::good("k", 1, 1).fails(NAME), Sent::good("k", 2, 2)]);
    let folded = world.fold(&[Sent::good("k", 5, 3).0]);
    assert_eq!(
        (
            folded.issues.len(),
            folded.visible.len(),
            folded.events.len()
        ),
        (1, 0, 0)
    );
}

#[test]
fn a_doubt_that_a_rule_only_tells_of_is_a_pass_of_that_rule() {
    let bad = Sent::good("k", 1, 1).fails(ID);
    let doubtful = Sent::good("k", 2, 2).doubts(ID);
    let world = World::after([bad, doubtful]);
    assert_eq!(world.told, ["opened{rule_failed}", "resolved{corrected}"]);
    assert_eq!(world.codes, ["ID_CHECK", "ID_REGION_UNKNOWN"]);
}

#[test]
fn a_held_version_without_an_issue_still_shows_what_it_passed() {
    let mut held = Sent::good("k", 5, 1).fails(HEADER);
    held.0.outcome = yidang_schemas::defect::Outcome::Quarantined;
    held.0.effect = None;
    let bad = Sent::good("k", 1, 2).fails(NAME);
    for sent in [[held.clone(), bad.clone()], [bad, held]] {
        let world = World::after(sent);
        assert!(!world.is_open("k", NAME) && world.state("k", NAME).is_some());
    }
}
