//! The schedules of the architecture that are about issues alone.

use yidang_transform::record::Effect;

use crate::kit::*;

#[test]
fn schedule_7_a_version_rejected_before_the_rule_ran_leaves_it_open_and_a_late_failure_leaves_it_resolved()
 {
    let v1 = || Sent::good("k", 1, 1).fails(NAME);
    let open = World::after([v1(), Sent::good("k", 2, 2).fails(ID).unjudged(NAME)]);
    assert!(open.is_open("k", NAME));
    let late = Sent::good("k", 1, 3)
        .fails(NAME)
        .effect(Effect::Stale)
        .kept_pass(NAME, 3);
    let resolved = World::after([v1(), Sent::good("k", 3, 2), late]);
    assert!(!resolved.is_open("k", NAME));
    assert_eq!(
        resolved.told,
        ["opened{rule_failed}", "resolved{corrected}"]
    );
}

#[test]
fn schedule_12_an_epoch_folded_again_gives_the_same_bytes_and_numbers() {
    let world = World::after([Sent::good("k", 1, 1).fails(NAME)]);
    let verdicts = [
        Sent::good("k", 2, 2).0,
        Sent::good("new", 1, 3).fails(CODE).fails(NOTE).0,
    ];
    let (one, other) = (world.fold(&verdicts), world.fold(&verdicts));
    assert_eq!(one.events, other.events);
    assert_eq!(one.findings, other.findings);
    assert_eq!(
        one.state_rows(&world.catalog),
        other.state_rows(&world.catalog)
    );
    assert_eq!(
        one.events.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [2, 1, 1]
    );
}

/// v1 fails, v3 is rejected before the rule ran, v2 is good.
fn three_versions(arrival: [usize; 3]) -> World {
    let mut world = World::new();
    let mut kept: Option<i64> = None;
    for (place, version) in arrival.into_iter().enumerate() {
        let offset = place as i64 + 1;
        let sent = match version {
            1 => {
                let sent = Sent::good("k", 1, offset).fails(NAME);
                match kept {
                    Some(order) => sent.effect(Effect::Stale).kept_pass(NAME, order),
                    None => sent,
                }
            }
            2 => {
                kept = Some(2);
                Sent::good("k", 2, offset)
            }
            _ => Sent::good("k", 3, offset).fails(ID).unjudged(NAME),
        };
        world.epoch(&[sent]);
    }
    world
}

#[test]
fn schedule_14_all_six_orders_give_the_same_open_set() {
    for arrival in [
        [1, 2, 3],
        [1, 3, 2],
        [2, 1, 3],
        [2, 3, 1],
        [3, 1, 2],
        [3, 2, 1],
    ] {
        let world = three_versions(arrival);
        assert_eq!(world.open(), [issue_id("k", ID)], "arrival {arrival:?}");
    }
}

#[test]
fn schedule_14_a_patch_or_record_without_the_failed_field_closes_nothing() {
    let world = World::after([
        Sent::good("k", 1, 1).fails(NAME),
        Sent::good("k", 2, 2).unjudged(NAME),
    ]);
    assert!(world.is_open("k", NAME));
}

#[test]
fn schedule_15_a_correction_that_arrives_before_its_issue_counts() {
    let correction = Sent::good("right", 1, 20)
        .partition(1)
        .corrects(issue_id("bad", ID));
    let world = World::after([correction, Sent::good("bad", 1, 3).fails(ID)]);
    assert!(world.open().is_empty());
    assert_eq!(world.told, ["opened{rule_failed}", "resolved{corrected}"]);
}
