use proptest::prelude::*;
use yidang_transform::order::OrderKey;

use super::*;
use crate::correction::Correction;
use crate::position::Position;

fn orders() -> impl Strategy<Value = OrderKey> {
    (
        prop::collection::vec(any::<i64>(), 0..3),
        any::<i64>(),
        any::<[u8; 16]>(),
        any::<u32>(),
    )
        .prop_map(|(parts, time, hash, generation)| OrderKey::new(&parts, time, hash, generation))
}

fn positions() -> impl Strategy<Value = Position> {
    any::<(u32, i32, i64, u32)>().prop_map(|(incarnation, partition, offset, row)| Position {
        incarnation,
        partition,
        offset,
        row,
    })
}

fn sightings() -> impl Strategy<Value = Sighting> {
    (positions(), any::<i64>(), any::<i64>()).prop_map(|(position, timestamp_ms, landed_at_ms)| {
        Sighting {
            position,
            timestamp_ms,
            landed_at_ms,
        }
    })
}

fn stamps() -> impl Strategy<Value = Option<Stamp>> {
    prop::option::of(
        any::<(i64, u32, i64)>().prop_map(|(offset, row, timestamp_ms)| Stamp {
            offset,
            row,
            timestamp_ms,
        }),
    )
}

fn lanes() -> impl Strategy<Value = LaneMarks> {
    (any::<u32>(), any::<i32>(), stamps(), stamps()).prop_map(
        |(incarnation, partition, failing, passing)| LaneMarks {
            incarnation,
            partition,
            failing,
            passing,
        },
    )
}

fn marks() -> impl Strategy<Value = Marks> {
    let failing = (orders(), any::<i64>()).prop_map(|(order, timestamp_ms)| Failing {
        order,
        timestamp_ms,
    });
    let passing =
        (orders(), any::<bool>()).prop_map(|(order, withdrawn)| Passing { order, withdrawn });
    let correction = sightings().prop_map(|sighting| Correction { sighting });
    (
        prop::option::of(failing),
        prop::option::of(passing),
        prop::collection::vec(lanes(), 0..3),
        prop::option::of(correction),
    )
        .prop_map(|(failing, passing, lanes, correction)| Marks {
            failing,
            passing,
            lanes,
            correction,
        })
}

prop_compose! {
    fn identities()(
        id in any::<[u8; 16]>(),
        texts in any::<[String; 5]>(),
        key_hash in any::<Option<[u8; 16]>>(),
        record_ref in any::<[u8; 16]>(),
        key_sound in any::<bool>(),
        marks in marks(),
    ) -> IssueState {
        let [agency, feed, rule, field, code] = texts.map(Arc::<str>::from);
        let sighting = Sighting {
            position: Position { incarnation: 0, partition: 0, offset: 0, row: 0 },
            timestamp_ms: 0,
            landed_at_ms: 0,
        };
        IssueState {
            id: IssueId(id),
            agency,
            feed,
            rule,
            field,
            key_hash,
            record_ref: RecordRef(record_ref),
            key_sound,
            marks,
            status: Status::Open,
            reason: None,
            code,
            severity: Severity::Info,
            action: Action::Flag,
            dimension: Dimension::Accuracy,
            seq: 0,
            last_hash: [0; 32],
            opened_at_ms: 0,
            resolved_at_ms: None,
            occurrences: 0,
            reopened: 0,
            last_notice_ms: 0,
            values: Vec::new(),
            recent: Vec::new(),
            first: sighting,
            latest: sighting,
        }
    }
}

prop_compose! {
    fn issues()(
        state in identities(),
        (status, reason, severity, action, dimension) in (
            prop::sample::select(vec![Status::Open, Status::Resolved, Status::Dismissed]),
            prop::option::of(prop::sample::select(vec![Reason::Corrected, Reason::Withdrawn, Reason::RuleChanged])),
            prop::sample::select(vec![Severity::Info, Severity::Minor, Severity::Major, Severity::Critical]),
            prop::sample::select(vec![Action::Observe, Action::Flag, Action::Quarantine, Action::Reject]),
            prop::sample::select(vec![Dimension::Accuracy, Dimension::Coverage, Dimension::Uniqueness]),
        ),
        (seq, last_hash, opened_at_ms, resolved_at_ms) in any::<(u32, [u8; 32], i64, Option<i64>)>(),
        (occurrences, reopened, last_notice_ms) in any::<(u64, u32, i64)>(),
        (values, recent) in any::<(Vec<u64>, Vec<u64>)>(),
        (first, latest) in (sightings(), sightings()),
    ) -> IssueState {
        IssueState {
            status, reason, severity, action, dimension, seq, last_hash, opened_at_ms, resolved_at_ms,
            occurrences, reopened, last_notice_ms, values, recent, first, latest, ..state
        }
    }
}

proptest! {
    #[test]
    fn an_issue_reads_back_exactly(state in issues()) {
        let bytes = state.encode();
        prop_assert_eq!(IssueState::decode(&bytes), Some(state));
    }

    #[test]
    fn cut_or_lengthened_bytes_are_refused(state in issues(), cut in any::<prop::sample::Index>()) {
        let mut bytes = state.encode();
        prop_assert_eq!(IssueState::decode(&bytes[..cut.index(bytes.len())]), None);
        bytes.push(0);
        prop_assert_eq!(IssueState::decode(&bytes), None);
    }
}

#[test]
fn another_version_is_refused() {
    assert_eq!(IssueState::decode(&[2, b'i']), None);
    assert_eq!(IssueState::decode(&[]), None);
}

#[test]
fn different_values_are_counted_up_to_a_bound() {
    let world =
        crate::kit::World::after([crate::kit::Sent::good("k", 1, 1).fails(crate::kit::NAME)]);
    let mut state = world.state("k", crate::kit::NAME).unwrap().clone();
    for hash in 0..40 {
        state.note_value(hash);
        state.note_value(hash);
    }
    assert_eq!(state.values.len(), DISTINCT_VALUES);
}
