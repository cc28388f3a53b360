//! Facts that are sound, and what is found when one of them is changed.

use super::super::facts::Lanes;
use super::*;

/// Three messages of one lane in two epochs: one record accepted, two quarantined, one accepted and one rejected.
fn sound() -> Facts {
    let mut lanes = Lanes::default();
    let lane = lanes.id("t.v1", 0, 2);
    let landed = |offset, previous, epoch, ordinal, outcomes, expected: [i32; 3]| Landed {
        lane,
        offset,
        previous,
        epoch,
        ordinal,
        digest: [0; 16],
        outcomes,
        expected: expected.into(),
    };
    let row = |offset, row, mark| Derived {
        lane,
        offset,
        row,
        mark,
        epoch: 1,
    };
    let table = |name: &str, by_record, rows| DerivedTable {
        name: name.to_owned(),
        by_record,
        rows,
    };
    Facts {
        lanes,
        landed: vec![
            landed(4, None, 1, 0, [0, 1, 0, 0, 0], [1, 0, 0]),
            landed(7, Some(4), 1, 1, [0, 0, 0, 2, 0], [0, 2, 2]),
            landed(8, Some(7), 2, 0, [0, 1, 0, 0, 1], [2, 1, 1]),
        ],
        positions: BTreeMap::from([(lane, 9)]),
        derived: vec![
            table(
                "observation_x",
                true,
                vec![row(4, 0, 1), row(8, 0, 1), row(8, 0, 2)],
            ),
            table(
                "quarantine",
                true,
                vec![row(7, 0, 0), row(7, 1, 0), row(8, 1, 0)],
            ),
            table(
                "finding",
                false,
                vec![row(7, 0, 5), row(7, 1, 5), row(8, 1, 6)],
            ),
        ],
        epoch: 2,
    }
}

fn found(change: impl FnOnce(&mut Facts)) -> Vec<(Problem, String, i64, Option<i32>)> {
    let mut facts = sound();
    change(&mut facts);
    let differences = check(&facts).into_iter();
    differences
        .map(|found| (found.problem, found.table, found.offset, found.row))
        .collect()
}

fn one(
    problem: Problem,
    table: &str,
    offset: i64,
    row: Option<i32>,
) -> (Problem, String, i64, Option<i32>) {
    (problem, table.to_owned(), offset, row)
}

#[test]
fn sound_tables_have_no_difference() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn a_lost_message_is_named_by_its_successor_its_lane_or_its_epoch() {
    let middle = found(|facts| drop(facts.landed.remove(1)));
    assert!(
        middle.contains(&one(Problem::Missing, "landing", 7, None)),
        "{middle:?}"
    );
    assert!(
        middle.contains(&one(Problem::Orphan, "quarantine", 7, Some(1))),
        "{middle:?}"
    );
    let last = found(|facts| drop(facts.landed.pop()));
    assert!(
        last.contains(&one(Problem::Missing, "landing", 8, None)),
        "{last:?}"
    );
    let first = found(|facts| drop(facts.landed.remove(0)));
    assert!(
        first.contains(&one(Problem::Missing, "landing", 4, None)),
        "{first:?}"
    );
    assert!(
        first.contains(&one(Problem::Ordinal, "landing", 7, None)),
        "{first:?}"
    );
    let all = found(|facts| facts.landed.clear());
    assert!(
        all.contains(&one(Problem::Missing, "landing", 8, None)),
        "{all:?}"
    );
}

#[test]
fn a_doubled_message_is_one_difference() {
    let doubled = found(|facts| {
        let row = facts.landed[1].clone();
        facts.landed.insert(1, row);
    });
    assert_eq!(doubled, [one(Problem::Doubled, "landing", 7, None)]);
}

#[test]
fn lost_and_doubled_rows_of_derived_tables_are_named_with_their_record() {
    let lost = found(|facts| {
        facts.derived[1].rows.remove(1);
    });
    assert_eq!(lost, [one(Problem::Missing, "quarantine", 7, Some(1))]);
    let lost = found(|facts| {
        facts.derived[0].rows.remove(0);
    });
    assert_eq!(lost, [one(Problem::Missing, "observation_x", 4, Some(0))]);
    // Which of two targets is missing cannot be told; the message can.
    let lost = found(|facts| {
        facts.derived[0].rows.remove(1);
    });
    assert_eq!(lost, [one(Problem::Missing, "observation_x", 8, None)]);
    let doubled = found(|facts| {
        let row = facts.derived[2].rows[2];
        facts.derived[2].rows.push(row);
    });
    assert_eq!(doubled, [one(Problem::Doubled, "finding", 8, Some(1))]);
}

#[test]
fn rows_beyond_what_landing_expects_are_told_apart_from_repetitions() {
    let surplus = found(|facts| {
        let row = Derived {
            mark: 9,
            ..facts.derived[2].rows[2]
        };
        facts.derived[2].rows.push(row);
    });
    assert_eq!(surplus, [one(Problem::Surplus, "finding", 8, None)]);
}

#[test]
fn a_position_before_the_last_message_contradicts_the_rows() {
    let chain = found(|facts| {
        facts.positions.values_mut().for_each(|next| *next = 8);
    });
    assert_eq!(chain, [one(Problem::Chain, "landing", 8, None)]);
}
