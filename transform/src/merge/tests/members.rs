//! What an epoch touches, and what it leaves alone.

use super::cases::{Owner, Plain, Said, mode_of, token};
use super::small::{BASE, MARKS, STAYS};
use crate::identity::Subject;
use crate::merge::{Entry, FoldedEpoch, Location, Memory, Stored, fold_epoch};
use crate::record::{Effect, Statement};
use crate::standing::Standings;

fn said(feed: u16, key: u8, time: i64, owner: Owner) -> Said {
    let cells = [("title", Some(Plain::Text("alder")))]
        .into_iter()
        .collect();
    Said {
        feed,
        key,
        time,
        seq: 0,
        removal: false,
        owner,
        cells,
        doubtful_title: false,
    }
}

fn removal(feed: u16, key: u8, time: i64) -> Said {
    Said {
        removal: true,
        cells: Default::default(),
        ..said(feed, key, time, Owner::Silent)
    }
}

fn folded(memory: &Memory, epoch: &[Said]) -> FoldedEpoch {
    let statements: Vec<Statement> = epoch
        .iter()
        .enumerate()
        .map(|(place, said)| said.statement(place))
        .collect();
    let entries: Vec<Entry<'_>> = epoch
        .iter()
        .zip(&statements)
        .map(|(said, statement)| Entry {
            id: said.id(),
            statement,
        })
        .collect();
    fold_epoch(memory, &entries, &[], Standings::default(), mode_of)
}

fn subject(owner: u8) -> Subject {
    Subject {
        kind: 0,
        token: token(owner),
    }
}

fn touched(folded: &FoldedEpoch) -> Vec<(Subject, usize)> {
    folded
        .members
        .iter()
        .map(|(subject, records)| (*subject, records.len()))
        .collect()
}

#[test]
fn a_correction_moves_a_record_in_the_same_epoch() {
    let mut memory = Memory::default();
    memory.apply(folded(
        &memory,
        &[
            said(STAYS, 0, 1, Owner::Named(1)),
            said(BASE, 0, 1, Owner::Named(1)),
        ],
    ));
    let moved = folded(&memory, &[said(STAYS, 0, 2, Owner::Named(2))]);
    assert_eq!(touched(&moved), [(subject(1), 1), (subject(2), 1)]);
    memory.apply(moved);
    assert_eq!(memory.subject(&subject(1)).unwrap().records.len(), 1);
    assert_eq!(memory.subjects_len(), 2);
}

#[test]
fn stale_and_repeated_records_touch_no_subject() {
    let mut memory = Memory::default();
    let newest = said(STAYS, 0, 5, Owner::Named(1));
    memory.apply(folded(&memory, std::slice::from_ref(&newest)));
    let late = folded(&memory, &[said(STAYS, 0, 1, Owner::Named(2)), newest]);
    assert_eq!(late.effects, [Effect::Stale, Effect::Duplicate]);
    assert!(late.members.is_empty() && late.records.is_empty());
}

#[test]
fn the_last_withdrawal_leaves_a_subject_without_records_until_its_row_is_gone() {
    let mut memory = Memory::default();
    memory.apply(folded(&memory, &[said(MARKS, 0, 1, Owner::Named(1))]));
    memory.locate(subject(1), Some(Location { file: 3, row: 4 }));
    let emptied = folded(&memory, &[removal(MARKS, 0, 2)]);
    assert_eq!(touched(&emptied), [(subject(1), 0)]);
    memory.apply(emptied);
    assert!(memory.subject(&subject(1)).unwrap().records.is_empty());
    memory.locate(subject(1), None);
    memory.forget_empty([subject(1)]);
    assert_eq!((memory.subjects_len(), memory.records_len()), (0, 1));
    // An older record of the withdrawn key brings nothing back.
    let late = folded(&memory, &[said(MARKS, 0, 1, Owner::Named(1))]);
    assert_eq!(late.effects, [Effect::Stale]);
    assert!(late.members.is_empty());
}

#[test]
fn memory_is_as_it_was_until_an_epoch_is_applied() {
    let mut memory = Memory::default();
    memory.apply(folded(&memory, &[said(STAYS, 0, 1, Owner::Named(1))]));
    let before = memory.record(&said(STAYS, 0, 1, Owner::Silent).id());
    let _unused = folded(
        &memory,
        &[said(STAYS, 0, 2, Owner::Named(2)), removal(STAYS, 0, 3)],
    );
    assert_eq!(
        memory.record(&said(STAYS, 0, 1, Owner::Silent).id()),
        before
    );
    assert!(memory.subject(&subject(2)).is_none());
}

#[test]
fn a_restored_state_is_the_state_that_was_folded() {
    let mut memory = Memory::default();
    let epoch = [
        said(STAYS, 0, 1, Owner::Named(1)),
        said(BASE, 1, 1, Owner::Named(1)),
        removal(MARKS, 0, 2),
    ];
    memory.apply(folded(&memory, &epoch));
    let mut restored = Memory::default();
    for id in memory.record_ids_sorted().into_iter().rev() {
        restored.restore(id, Stored::of(&memory.record(&id).unwrap()));
    }
    // A checkpoint row may be read twice, and a later one replaces it.
    let id = epoch[0].id();
    restored.restore(id, Stored::of(&memory.record(&id).unwrap()));
    assert_eq!(restored.record_ids_sorted(), memory.record_ids_sorted());
    assert_eq!(restored.subjects_sorted(0), memory.subjects_sorted(0));
    assert_eq!(restored.subject(&subject(1)), memory.subject(&subject(1)));
}

#[test]
fn what_an_epoch_says_of_a_key_is_folded_in_landed_order() {
    let memory = Memory::default();
    let epoch = [
        said(STAYS, 0, 2, Owner::Named(1)),
        said(STAYS, 0, 1, Owner::Named(2)),
        said(STAYS, 0, 3, Owner::Named(3)),
    ];
    let folded = folded(&memory, &epoch);
    assert_eq!(
        folded.effects,
        [Effect::Applied, Effect::Stale, Effect::Applied]
    );
    assert_eq!(touched(&folded), [(subject(3), 1)]);
}
