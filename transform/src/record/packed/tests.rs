use std::sync::Arc;

use yidang_schemas::dossier::LeafRef;
use yidang_schemas::origin::Origin;

use super::{Packed, read};
use crate::cell::{Cell, Cells, Value};
use crate::order::OrderKey;
use crate::record::{RecordState, Version};

/// A state of so many versions with one cell, stated by the version at `place`.
fn state(versions: i64, place: u8) -> RecordState {
    let version = |order: i64| Version {
        order: OrderKey::new(&[order], order, [1; 16], 1),
        origin: Origin {
            feed: 0,
            incarnation: 0,
            partition: 0,
            offset: order,
            row: 0,
        },
        landed_at_ms: order,
        contract_version: Arc::from("1.0.0"),
    };
    let mut cells = Cells::default();
    cells.push(Cell {
        version: place,
        ..Cell::new(LeafRef { kind: 0, leaf: 1 }, Value::Integer(7))
    });
    RecordState {
        versions: (0..versions).rev().map(version).collect(),
        removed: None,
        cells,
        targets: Vec::new(),
        failed: Vec::new(),
        remembered: Vec::new(),
        standing: None,
        hollow: false,
    }
}

#[test]
fn a_state_reads_back_and_a_cut_one_does_not() {
    let sound = state(2, 1);
    let packed = Packed::of(&sound);
    assert_eq!(read(packed.as_bytes(), 0), Some(sound));
    for end in 0..packed.as_bytes().len() {
        assert_eq!(read(&packed.as_bytes()[..end], 0), None, "{end}");
    }
}

#[test]
fn damage_that_folds_would_stumble_over_is_no_state() {
    assert_eq!(read(Packed::of(&state(0, 0)).as_bytes(), 0), None);
    assert_eq!(read(Packed::of(&state(2, 2)).as_bytes(), 0), None);
    assert!(read(Packed::of(&state(255, 254)).as_bytes(), 0).is_some());
    assert_eq!(read(Packed::of(&state(256, 254)).as_bytes(), 0), None);
}
