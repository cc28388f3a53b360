use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{TARGETS, Target, corpus};

/// Small and seeded, so that a run is the same everywhere (SplitMix64, Steele and others 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// An input with one to four changes: a byte, a cut, a repeated piece, a piece of another input.
fn spoiled(random: &mut Random, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = inputs[random.below(inputs.len())].clone();
    for _ in 0..=random.below(4) {
        let place = random.below(bytes.len() + 1);
        let end = (place + random.below(8)).min(bytes.len());
        match random.below(5) {
            0 if place < bytes.len() => bytes[place] = u8::try_from(random.below(256)).unwrap(),
            1 => drop(bytes.splice(place..end, [])),
            2 => bytes.truncate(place),
            3 => {
                let piece = bytes[place..end].repeat(1 + random.below(3));
                bytes.splice(place..place, piece);
            }
            _ => {
                let other = &inputs[random.below(inputs.len())];
                let start = random.below(other.len() + 1);
                let piece = other[start..].iter().take(random.below(24)).copied();
                bytes.splice(place..end, piece);
            }
        }
    }
    bytes
}

fn stands(target: &Target, input: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    assert!(
        outcome.is_ok(),
        "{} breaks on a line of its corpus file:\n{}",
        target.name,
        corpus::write(input)
    );
}

fn seed() -> u64 {
    let given = std::env::var("PROPTEST_RNG_SEED").ok();
    given
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_261_127)
}

/// Runs the targets whose place leaves `part` of four, so that the test harness spreads them over the cores.
fn replay(part: usize) {
    for target in TARGETS.iter().skip(part).step_by(4) {
        let mut inputs = (target.seeds)();
        assert!(!inputs.is_empty(), "{} has no seeds", target.name);
        inputs.extend(corpus::kept(target));
        for input in inputs
            .iter()
            .take(8 * usize::try_from(target.draws).unwrap())
        {
            stands(target, input);
        }
        let mut random = Random(seed());
        for _ in 0..target.draws {
            stands(target, &spoiled(&mut random, &inputs));
        }
    }
}

#[test]
fn every_target_stands_its_corpus_and_drawn_inputs_1() {
    replay(0);
}

#[test]
fn every_target_stands_its_corpus_and_drawn_inputs_2() {
    replay(1);
}

#[test]
fn every_target_stands_its_corpus_and_drawn_inputs_3() {
    replay(2);
}

#[test]
fn every_target_stands_its_corpus_and_drawn_inputs_4() {
    replay(3);
}

/// The doors of Cargo.toml, but for the one to all targets.
fn doors() -> BTreeSet<&'static str> {
    let manifest = include_str!("../Cargo.toml");
    let parts = manifest.split("path = \"doors/").skip(1);
    let names = parts.filter_map(|part| Some(part.split_once(".rs\"")?.0));
    names.filter(|name| *name != "any_target").collect()
}

#[test]
fn every_target_has_its_door_and_every_door_its_target() {
    let names: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), TARGETS.len());
    assert_eq!(names, doors());
    for name in names {
        let file = format!("{}/doors/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            text.contains(&format!("yidang_fuzz::run(\"{name}\", bytes)")),
            "{file}"
        );
    }
}
