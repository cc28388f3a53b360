//! Targets over what the lake gives back: records, issues, notes, corrections and standings as bytes.
//!
//! Law: what is read writes the same bytes again, and everything that is asked of a state can be asked of one that was read.
//! Leaves alone: whether cells fit the columns of a catalog; bytes do not say under which one they were written.

use std::sync::OnceLock;

use yidang_feedback::correction::WaitingList;
use yidang_feedback::issue::IssueState;
use yidang_feedback::note::KeyNote;
use yidang_feedback::position::Sighting;
use yidang_schemas::contract::Mode;
use yidang_schemas::origin::Origin;
use yidang_transform::cell::{Cell, Cells, Value};
use yidang_transform::identity::Target;
use yidang_transform::merge::Stored;
use yidang_transform::order::OrderKey;
use yidang_transform::record::packed::Packed;
use yidang_transform::record::{RecordState, Remembered, Statement, Version, fold};
use yidang_transform::standing::{FeedStanding, Standings};
use yidang_transform::token::Token;

/// A record of feed 0.
pub(crate) fn record(bytes: &[u8]) {
    if let Some(cells) = Cells::from_bytes(bytes) {
        let mut again = Cells::default();
        cells.iter().for_each(|cell| again.push(cell));
        assert!(Cells::from_bytes(again.as_bytes()).is_some());
    }
    if let Some(order) = OrderKey::from_bytes(bytes) {
        let _parts = (
            order.business_time_ms(),
            order.content_hash(),
            order.generation(),
        );
        assert!(
            order.as_bytes() == bytes && order.ties_with(&order.clone()) == order.ties_with(&order)
        );
    }
    let Some((packed, state)) = Packed::read(bytes.to_vec(), 0) else {
        return;
    };
    assert!(packed.as_bytes() == bytes && packed.state(0) == state);
    assert!(
        Packed::read(Packed::of(&state).as_bytes().to_vec(), 0)
            .is_some_and(|(_, again)| again == state)
    );
    assert!(Stored::read(bytes.to_vec(), 0).is_some());
    ask(&state);
}

fn ask(state: &RecordState) {
    let version = state.newest().clone();
    drop((
        state.first_landed_at_ms(),
        state.pass_order(0).cloned(),
        state.stands(Some(0)),
    ));
    let statement = Statement {
        version,
        removal: false,
        standing: None,
        cells: Cells::default(),
        targets: Vec::new(),
        failed: vec![0],
        unjudged: vec![1],
    };
    for mode in [Mode::Full, Mode::Patch] {
        drop(fold(mode, Some(state), &statement));
    }
}

fn version(seq: i64) -> Version {
    Version {
        order: OrderKey::new(&[seq], 1_795_400_000_000, [7; 16], 1),
        origin: Origin {
            feed: 0,
            incarnation: 1,
            partition: 2,
            offset: seq,
            row: 0,
        },
        landed_at_ms: 1_795_400_000_000,
        contract_version: "1.0.0".into(),
    }
}

pub(crate) fn record_seeds() -> Vec<Vec<u8>> {
    let mut cells = Cells::default();
    let values = [
        Value::Null,
        Value::Text("陈"),
        Value::Date(1),
        Value::Integer(-1),
    ];
    for (leaf, value) in (0u16..).zip(values) {
        let target = yidang_schemas::dossier::LeafRef { kind: 1, leaf };
        cells.push(Cell::new(target, value));
        cells.push(Cell {
            slot: 1,
            version: 1,
            ..Cell::new(target, value)
        });
    }
    let target = Target {
        kind: 1,
        slot: 0,
        token: Token([9; 16]),
        class_rank: 0,
        weak: false,
    };
    let full = RecordState {
        versions: vec![version(2), version(1)],
        removed: Some(version(0).order),
        cells,
        targets: vec![target],
        failed: vec![3],
        remembered: vec![Remembered {
            rule: 4,
            passed: Some(version(1).order),
        }],
        standing: Some(5),
        hollow: false,
    };
    let small = RecordState {
        versions: vec![version(1)],
        removed: None,
        cells: Cells::default(),
        targets: Vec::new(),
        failed: Vec::new(),
        remembered: Vec::new(),
        standing: None,
        hollow: false,
    };
    let states = [full, small].map(|state| Packed::of(&state).as_bytes().to_vec());
    let mut seeds = states.to_vec();
    seeds.push(version(1).order.as_bytes().to_vec());
    seeds
}

pub(crate) fn issue(bytes: &[u8]) {
    if let Some(issue) = IssueState::decode(bytes) {
        assert!(issue.encode() == bytes, "an issue writes the same bytes");
        let _told = (issue.needs_correction(), issue.fails(), issue.correction());
        let mut issue = issue;
        for hash in 0..40 {
            issue.note_value(hash);
            issue.note_version(hash);
        }
        assert!(IssueState::decode(&issue.encode()).is_some_and(|again| again == issue));
    }
    if let Some(note) = KeyNote::decode(bytes) {
        assert!(note.encode() == bytes, "a note writes the same bytes");
        let order = version(1).order;
        let mut note = note;
        note.add(&order, &[1, 2]);
        drop(note.pass_order(1, order.generation()).cloned());
    }
    if let Some(list) = WaitingList::decode(bytes) {
        assert!(
            list.encode() == bytes,
            "a waiting list writes the same bytes"
        );
    }
}

/// A note, an empty list, and an issue whose bytes are written out here: the feedback ring makes them only from verdicts.
pub(crate) fn issue_seeds() -> Vec<Vec<u8>> {
    let mut note = KeyNote::default();
    note.add(&version(1).order, &[1, 2]);
    note.add(&version(2).order, &[2]);
    vec![
        note.encode(),
        WaitingList::default().encode(),
        opened().encode(),
    ]
}

fn opened() -> &'static IssueState {
    use yidang_feedback::issue::Birth;
    static ISSUE: OnceLock<IssueState> = OnceLock::new();
    ISSUE.get_or_init(|| {
        let contract = crate::world::catalog().feed(0).expect("there are feeds");
        let rule = contract.rules.first().expect("a contract has rules");
        IssueState::new(Birth {
            id: yidang_feedback::identity::IssueId([1; 16]),
            contract,
            rule,
            record_ref: yidang_feedback::identity::RecordRef([2; 16]),
            key_hash: Some([3; 16]),
            sighting: Sighting {
                position: version(1).origin.into(),
                timestamp_ms: 1_795_400_000_000,
                landed_at_ms: 1_795_400_000_001,
            },
        })
    })
}

pub(crate) fn standing(bytes: &[u8]) {
    let Ok(standing) = serde_json::from_slice::<FeedStanding>(bytes) else {
        return;
    };
    let again = serde_json::to_vec(&standing).expect("a standing can be written");
    assert!(serde_json::from_slice::<FeedStanding>(&again).is_ok_and(|again| again == standing));
    let mut standings = Standings::default();
    standings.restore(0, standing);
    drop((standings.floor(0), standings.forgets(0), standings.floors()));
}

pub(crate) fn standing_seeds() -> Vec<Vec<u8>> {
    let zeros = "0,".repeat(15) + "0";
    let full = format!(
        r#"{{"floor":7,"forgets":false,"closed":{{"batch":[{zeros}],"rows":3}},"open":[{{"sequence":8,"batch":[{zeros}],"rows":1,"keyless":0,"digests":[1,2]}}]}}"#
    );
    vec![
        full.into_bytes(),
        br#"{"floor":null,"forgets":true,"closed":null,"open":[]}"#.to_vec(),
    ]
}
