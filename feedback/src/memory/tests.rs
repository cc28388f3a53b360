use super::*;
use crate::kit::*;

#[test]
fn counts_follow_issues_as_they_open_and_close() {
    let mut world = World::after([
        Sent::good("one", 1, 1).fails(NAME),
        Sent::good("two", 1, 2).fails(NAME),
    ]);
    let of = |world: &World, status: Status| {
        let counts = world.memory.counts().iter();
        counts
            .filter(|((agency, _, found), _)| &**agency == "aa" && *found == status)
            .map(|(_, count)| *count)
            .sum::<u64>()
    };
    assert_eq!(
        (of(&world, Status::Open), of(&world, Status::Resolved)),
        (2, 0)
    );
    world.epoch(&[Sent::good("one", 2, 3)]);
    assert_eq!(
        (of(&world, Status::Open), of(&world, Status::Resolved)),
        (1, 1)
    );
    world.epoch(&[Sent::good("two", 2, 4)]);
    assert_eq!(world.memory.counts().len(), 1);
}

#[test]
fn restored_rows_of_all_kinds_give_the_same_memory() {
    let mut world = World::new();
    let mut rows = BTreeMap::new();
    let waiting = IssueId([9; 16]);
    for sent in [
        Sent::good("k", 3, 1).fails(CODE),
        Sent::good("k", 1, 2).fails(NAME),
        Sent::good("right", 1, 3).corrects(waiting),
    ] {
        let folded = world.fold(&[sent.0]);
        rows.extend(
            folded
                .state_rows(&world.catalog)
                .into_iter()
                .map(|row| (row.key.clone(), row)),
        );
        world.take(folded);
    }
    let mut restored = IssueMemory::default();
    for row in rows.values() {
        restored.restore(row, &world.catalog).unwrap();
    }
    assert_eq!(restored.issues, world.memory.issues);
    assert_eq!(restored.waiting, world.memory.waiting);
    assert_eq!(restored.notes, world.memory.notes);
    assert_eq!(restored.counts, world.memory.counts);
    assert_eq!(
        restored.issues_of(&key("k").id),
        world.memory.issues_of(&key("k").id)
    );
    assert!(restored.waiting(&waiting).is_some() && restored.note(&key("k").id).is_some());
}

#[test]
fn an_issue_of_a_feed_that_is_gone_is_kept_and_reached_by_no_record() {
    let world = World::after([Sent::good("k", 1, 1).fails(NAME)]);
    let state = world.state("k", NAME).unwrap();
    let row = StateRow {
        key: issue_key(state.id),
        value: state.encode(),
    };
    let mut fewer = catalog();
    fewer.feeds.remove(0);
    let mut restored = IssueMemory::default();
    restored.restore(&row, &fewer).unwrap();
    assert_eq!(restored.len(), 1);
    assert!(!restored.concerns(&key("k").id));
}

#[test]
fn a_row_that_cannot_be_read_is_named_by_kind_only() {
    let catalog = catalog();
    let mut memory = IssueMemory::default();
    for (key, value, kind) in [
        (&b"x"[..], &b""[..], "row of an unknown kind"),
        (b"i0123456789abcdef", b"\x01i", "issue"),
        (b"i0123456789abcdef", b"\x01c\x09", "correction"),
        (b"naa.people0123456789abcdef", b"\x01n", "note"),
    ] {
        let row = StateRow {
            key: key.to_vec(),
            value: value.to_vec(),
        };
        assert_eq!(memory.restore(&row, &catalog), Err(UnreadableRow(kind)));
    }
}
