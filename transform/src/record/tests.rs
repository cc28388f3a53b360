//! The record fold by hand: effects, patches, withdrawals and what is remembered of passes.

use super::*;

const RULE: u16 = 4;

/// A version of an order; even content numbers are as good as odd ones.
fn version(order: i64, content: u8) -> Version {
    Version {
        order: OrderKey::new(&[order], order, [content; 16], 1),
        origin: Origin {
            feed: 0,
            incarnation: 0,
            partition: 0,
            offset: order,
            row: 0,
        },
        landed_at_ms: order,
        contract_version: Arc::from("1.0.0"),
    }
}

fn leaf(leaf: u16) -> LeafRef {
    LeafRef { kind: 0, leaf }
}

fn target(token: u8) -> Target {
    Target {
        kind: 0,
        slot: 0,
        token: Token([token; 16]),
        class_rank: 1,
        weak: false,
    }
}

fn cells(values: &[(u16, Option<i64>)]) -> Cells {
    let mut cells = Cells::default();
    for (place, value) in values {
        let value = value.map_or(Value::Null, Value::Integer);
        cells.push(Cell::new(leaf(*place), value));
    }
    cells
}

fn said(order: i64, values: &[(u16, Option<i64>)]) -> Statement {
    Statement {
        standing: None,
        version: version(order, 1),
        removal: false,
        cells: cells(values),
        targets: vec![target(1)],
        failed: Vec::new(),
        unjudged: Vec::new(),
    }
}

fn removal(order: i64) -> Statement {
    let version = Version {
        order: OrderKey::new(&[order], order, [0; 16], 1),
        ..version(order, 0)
    };
    Statement {
        version,
        removal: true,
        cells: Cells::default(),
        targets: Vec::new(),
        ..said(order, &[])
    }
}

/// Folds one after another; the effects and what is kept.
fn all(mode: Mode, statements: &[Statement]) -> (Vec<Effect>, RecordState) {
    let mut kept: Option<RecordState> = None;
    let mut effects = Vec::new();
    for statement in statements {
        let (effect, next) = fold(mode, kept.as_ref(), statement);
        effects.push(effect);
        kept = next.or(kept);
    }
    (effects, kept.unwrap())
}

/// Leaf, value, and business time of the version behind it.
fn shown(state: &RecordState) -> Vec<(u16, Option<i64>, i64)> {
    let shown = |cell: Cell<'_>| {
        let Value::Integer(number) = cell.value else {
            return (
                cell.target.leaf,
                None,
                state.versions[usize::from(cell.version)]
                    .order
                    .business_time_ms(),
            );
        };
        (
            cell.target.leaf,
            Some(number),
            state.versions[usize::from(cell.version)]
                .order
                .business_time_ms(),
        )
    };
    state
        .cells
        .iter()
        .filter(|cell| cell.target.kind == 0)
        .map(shown)
        .collect()
}

#[test]
fn in_a_full_feed_the_greatest_order_stands_whole() {
    let statements = [
        said(2, &[(0, Some(20)), (1, Some(21))]),
        said(1, &[(2, Some(12))]),
        said(2, &[(0, Some(20)), (1, Some(21))]),
        said(3, &[(1, Some(31))]),
    ];
    let (effects, state) = all(Mode::Full, &statements);
    assert_eq!(
        effects,
        [
            Effect::Applied,
            Effect::Stale,
            Effect::Duplicate,
            Effect::Applied
        ]
    );
    assert_eq!(shown(&state), [(1, Some(31), 3)]);
    assert!(state.is_live());
}

#[test]
fn a_full_record_without_a_value_still_stands_and_a_removed_one_does_not() {
    let (_, empty) = all(Mode::Full, &[said(1, &[])]);
    assert!(empty.is_live());
    let (effects, removed) = all(
        Mode::Full,
        &[
            said(1, &[(0, Some(1))]),
            removal(2),
            said(1, &[(0, Some(1))]),
        ],
    );
    assert_eq!(effects, [Effect::Applied, Effect::Applied, Effect::Stale]);
    assert!(!removed.is_live() && removed.targets.is_empty());
    let (effects, back) = all(Mode::Full, &[removal(2), said(2, &[(0, Some(1))])]);
    assert_eq!(effects, [Effect::Applied, Effect::Applied]);
    assert!(back.is_live());
}

#[test]
fn in_a_patch_feed_each_cell_has_its_own_order() {
    let statements = [
        said(1, &[(0, Some(10)), (1, Some(11)), (2, Some(12))]),
        said(3, &[(1, None)]),
        said(2, &[(1, Some(21)), (2, Some(22))]),
    ];
    let (effects, state) = all(Mode::Patch, &statements);
    assert_eq!(effects, [Effect::Applied; 3]);
    assert_eq!(
        shown(&state),
        [(0, Some(10), 1), (1, None, 3), (2, Some(22), 2)]
    );
    // The same versions in any order leave the same cells.
    let other = [
        statements[1].clone(),
        statements[2].clone(),
        statements[0].clone(),
    ];
    assert_eq!(all(Mode::Patch, &other).1, state);
}

#[test]
fn a_patch_that_changes_nothing_is_stale_unless_it_is_the_newest() {
    let (effects, state) = all(
        Mode::Patch,
        &[
            said(3, &[(0, Some(30))]),
            said(1, &[(0, Some(10))]),
            said(5, &[]),
        ],
    );
    assert_eq!(effects, [Effect::Applied, Effect::Stale, Effect::Applied]);
    assert_eq!(shown(&state), [(0, Some(30), 3)]);
    assert_eq!(state.newest().order.business_time_ms(), 5);
}

#[test]
fn a_withdrawal_kills_the_cells_below_it_whenever_it_comes() {
    let patches = [
        said(1, &[(0, Some(10)), (1, Some(11))]),
        said(3, &[(1, Some(31))]),
        removal(2),
    ];
    let expected = [(1, Some(31), 3)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let (_, state) = all(
            Mode::Patch,
            &order.map(|place: usize| patches[place].clone()),
        );
        assert_eq!(shown(&state), expected, "{order:?}");
        assert!(state.removed.is_some());
    }
    let (effects, state) = all(
        Mode::Patch,
        &[removal(2), removal(2), said(1, &[(0, Some(1))]), removal(1)],
    );
    assert_eq!(
        effects,
        [
            Effect::Applied,
            Effect::Duplicate,
            Effect::Stale,
            Effect::Stale
        ]
    );
    assert!(!state.is_live());
}

#[test]
fn in_a_patch_feed_the_subject_is_a_cell() {
    let named = |order: i64, owner: Option<u8>| {
        let mut statement = said(order, &[(0, Some(order))]);
        statement.targets.clear();
        push_identity(&mut statement.cells, (0, 0), owner.map(target).as_ref());
        statement
    };
    let silent = said(4, &[(0, Some(40))]);
    let (_, state) = all(
        Mode::Patch,
        &[silent.clone(), named(2, Some(2)), named(1, Some(1))],
    );
    assert_eq!(state.targets, [target(2)]);
    let (_, emptied) = all(Mode::Patch, &[named(2, Some(2)), named(3, None), silent]);
    assert!(emptied.targets.is_empty());
    let (_, back) = all(
        Mode::Patch,
        &[named(3, None), named(5, Some(5)), named(2, Some(2))],
    );
    assert_eq!(back.targets, [target(5)]);
}

#[test]
fn of_several_identifiers_in_a_slot_the_strongest_live_one_is_the_subject() {
    let ranked = |owner: u8, class_rank: u8| Target {
        class_rank,
        ..target(owner)
    };
    let stated = |order: i64, identities: &[(u8, Option<Target>)]| {
        let mut statement = said(order, &[(0, Some(order))]);
        statement.targets.clear();
        for (place, owner) in identities {
            push_identity(&mut statement.cells, (0, *place), owner.as_ref());
        }
        statement
    };
    let permit = stated(1, &[(1, Some(ranked(1, 3)))]);
    let resident = stated(2, &[(0, Some(ranked(2, 0)))]);
    let other_permit = stated(3, &[(1, Some(ranked(3, 3)))]);
    let emptied = stated(4, &[(0, None)]);
    let targets = |statements: &[&Statement]| {
        let statements: Vec<Statement> = statements.iter().copied().cloned().collect();
        all(Mode::Patch, &statements).1.targets
    };
    for order in [
        [&permit, &resident, &other_permit],
        [&other_permit, &resident, &permit],
        [&resident, &other_permit, &permit],
    ] {
        assert_eq!(targets(&order), [ranked(2, 0)]);
    }
    // What the stronger one hid speaks when it is taken back.
    for order in [
        [&permit, &resident, &other_permit, &emptied],
        [&emptied, &other_permit, &permit, &resident],
    ] {
        assert_eq!(targets(&order), [ranked(3, 3)]);
    }
    // Of one class the place in the contract decides, not the order of arrival.
    let first = stated(5, &[(0, Some(ranked(5, 3)))]);
    for order in [[&first, &other_permit], [&other_permit, &first]] {
        assert_eq!(targets(&order), [ranked(5, 3)]);
    }
}

#[test]
fn a_cell_keeps_the_marks_of_its_version_until_it_is_stated_anew() {
    let flagged = |order: i64, values: &[(u16, Option<i64>)]| {
        let mut statement = said(order, values);
        statement.failed = vec![RULE];
        push_flags(&mut statement.cells, &[RULE]);
        statement
    };
    let flags = |state: &RecordState| {
        let flags = state
            .cells
            .iter()
            .filter(|cell| cell.target.kind == FLAG_KIND);
        flags
            .map(|flag| {
                state.versions[usize::from(flag.version)]
                    .order
                    .business_time_ms()
            })
            .collect::<Vec<i64>>()
    };
    let marked = flagged(1, &[(0, Some(10)), (1, Some(11))]);
    let (_, state) = all(Mode::Patch, &[marked.clone(), said(2, &[(1, Some(21))])]);
    assert_eq!(flags(&state), [1]);
    assert!(state.failed.is_empty());
    let (_, state) = all(
        Mode::Patch,
        &[said(3, &[(0, Some(30))]), said(2, &[(1, Some(21))]), marked],
    );
    assert!(flags(&state).is_empty());
    let (_, state) = all(
        Mode::Patch,
        &[flagged(2, &[(0, Some(20))]), flagged(1, &[(1, Some(11))])],
    );
    assert_eq!(flags(&state), [2, 1]);
}

/// The order at which the kept version knows the rule as passed.
fn passed(state: &RecordState) -> Option<i64> {
    state.pass_order(RULE).map(OrderKey::business_time_ms)
}

#[test]
fn the_last_pass_before_silence_is_remembered_in_every_order_of_arrival() {
    let judged = |order: i64, failed: bool, unjudged: bool| {
        let mut statement = said(order, &[(u16::try_from(order).unwrap(), Some(1))]);
        statement.failed = if failed { vec![RULE] } else { Vec::new() };
        statement.unjudged = if unjudged { vec![RULE] } else { Vec::new() };
        statement
    };
    let versions = [
        judged(1, false, false),
        judged(2, false, false),
        judged(3, false, true),
    ];
    for mode in [Mode::Full, Mode::Patch] {
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let (_, state) = all(mode, &order.map(|place: usize| versions[place].clone()));
            assert_eq!(passed(&state), Some(2), "{mode:?} {order:?}");
        }
        let (_, failing) = all(mode, &[judged(1, false, false), judged(2, true, false)]);
        assert_eq!(passed(&failing), None);
        let (_, good) = all(mode, &[judged(1, true, false), judged(2, false, false)]);
        assert_eq!(passed(&good), Some(2));
    }
}

#[test]
fn a_withdrawal_passes_every_rule_at_its_order() {
    let mut taken_back = removal(3);
    taken_back.unjudged = vec![RULE];
    for mode in [Mode::Full, Mode::Patch] {
        let (_, state) = all(mode, &[said(1, &[(0, Some(1))]), taken_back.clone()]);
        assert_eq!(passed(&state), Some(3));
        let mut silent = said(5, &[(0, Some(5))]);
        silent.unjudged = vec![RULE];
        for order in [[0, 1], [1, 0]] {
            let versions = [silent.clone(), taken_back.clone()];
            let (_, state) = all(mode, &order.map(|place: usize| versions[place].clone()));
            assert_eq!(passed(&state), Some(3), "{mode:?}");
        }
    }
}

#[test]
fn what_is_remembered_only_is_given_back_without_an_effect() {
    let mut silent = said(3, &[(0, Some(3))]);
    silent.unjudged = vec![RULE];
    let (_, kept) = all(Mode::Full, &[silent]);
    let (effect, next) = fold(Mode::Full, Some(&kept), &said(2, &[(1, Some(2))]));
    assert_eq!(effect, Effect::Stale);
    let next = next.unwrap();
    assert_eq!(passed(&next), Some(2));
    assert_eq!((&next.cells, &next.versions), (&kept.cells, &kept.versions));
    assert!(fold(Mode::Full, Some(&next), &said(1, &[])).1.is_none());
}
