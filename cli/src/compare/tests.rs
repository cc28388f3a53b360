//! Twenty seeds of the city, through the engine without a broker, equal their truth whatever the order of the lanes and
//! the batching; and a lake that was tampered with does not.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use tempfile::TempDir;
use yidang_ingest::engine::{Engine, EngineSettings};
use yidang_ingest::epoch::{EpochInput, LandedMessage};
use yidang_ingest::lake::{Moves, Tables};
use yidang_schemas::catalog::Catalog;
use yidang_simulate::{City, CitySettings, Truth};
use yidang_sink::{Lake, LakeSettings};
use yidang_transform::token::IdKey;

use super::{Comparison, compare};

const KEY: [u8; 32] = [7; 32];
const END_MS: i64 = 1_790_000_000_000;

fn city(seed: u64, records: u64) -> City {
    let mut settings = CitySettings::new(seed, records, END_MS);
    settings.id_key = Some(KEY);
    City::new(settings)
}

/// Numbers that follow from a seed (a linear congruential generator).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound.max(1)
    }
}

/// The messages of each lane, in its order, with their offsets.
fn lanes(city: &City, catalog: &Catalog) -> Vec<VecDeque<LandedMessage>> {
    let mut lanes: BTreeMap<(u16, i32), VecDeque<LandedMessage>> = BTreeMap::new();
    for message in city.messages() {
        let feed = catalog
            .feeds
            .iter()
            .position(|feed| feed.topic == message.topic)
            .expect("a topic of a feed");
        let feed = u16::try_from(feed).expect("feeds are few");
        let lane = lanes.entry((feed, message.partition)).or_default();
        lane.push_back(LandedMessage {
            feed,
            incarnation: 0,
            partition: message.partition,
            offset: i64::try_from(lane.len()).expect("lanes are short"),
            timestamp_ms: message.timestamp_ms,
            log_append_time: false,
            key: message.key.map(Bytes::from),
            headers: message
                .headers
                .into_iter()
                .map(|(name, value)| (name, value.map(Bytes::from)))
                .collect(),
            value: message.value.map(Bytes::from),
            held: false,
        });
    }
    lanes.into_values().collect()
}

/// Lanes interleaved and cut into epochs as the seed says; the order inside a lane stays.
fn epochs(mut lanes: Vec<VecDeque<LandedMessage>>, seed: u64) -> Vec<Vec<LandedMessage>> {
    let mut draws = Draws(seed);
    let (mut epochs, mut epoch, mut size) = (Vec::new(), Vec::new(), 1 + draws.below(1_500));
    while !lanes.is_empty() {
        let place = draws.below(lanes.len());
        for _ in 0..=draws.below(60) {
            let Some(message) = lanes[place].pop_front() else {
                break;
            };
            epoch.push(message);
            if epoch.len() >= size {
                epochs.push(std::mem::take(&mut epoch));
                size = 1 + draws.below(1_500);
            }
        }
        if lanes[place].is_empty() {
            drop(lanes.remove(place));
        }
    }
    epochs.push(epoch);
    epochs
}

async fn lake_of(city: &City, seed: u64) -> (TempDir, Tables, Arc<Catalog>) {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let catalog = Arc::new(Catalog::embedded().expect("the built-in schemas compile"));
    let lake = Lake::open(
        &folder.path().display().to_string(),
        LakeSettings::default(),
    )
    .expect("a folder of ours");
    let mut now_ms = END_MS + 86_400_000;
    let mut tables = Tables::open(&lake, &catalog, now_ms)
        .await
        .expect("the folder is writable");
    tables
        .take_lead(&catalog, now_ms)
        .await
        .expect("nobody else writes");
    let mut engine = Engine::new(
        Arc::clone(&catalog),
        IdKey::new(KEY),
        EngineSettings::default(),
    );
    for messages in epochs(lanes(city, &catalog), seed) {
        now_ms += 1_000;
        let input = EpochInput {
            epoch: engine.epoch() + 1,
            landed_at_ms: now_ms,
            messages,
        };
        let plan = engine
            .plan(input)
            .unwrap_or_else(|_| panic!("the engine panicked"));
        tables
            .land(&catalog, &plan, 0)
            .await
            .expect("the folder is writable");
        let derived = tables
            .derive(&plan, plan.input.landed_at_ms)
            .await
            .expect("the folder is writable");
        let moves = Moves::of(&plan, &tables);
        engine.apply(plan);
        moves.tell(&mut engine, &derived, |_| true);
    }
    (folder, tables, catalog)
}

fn compared(seed: u64, change: impl FnOnce(&mut Truth)) -> Comparison {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let city = city(seed, 3_000 + 100 * seed);
    let mut truth = city.truth();
    change(&mut truth);
    runtime.expect("a runtime can be had").block_on(async {
        let (_folder, tables, catalog) = lake_of(&city, seed).await;
        compare(&tables, &catalog, &truth)
            .await
            .expect("the folder is readable")
    })
}

#[test]
fn twenty_seeds_of_the_city_equal_their_truth() {
    for seed in 1..=20 {
        let comparison = compared(seed, |_| {});
        let (differences, never) = (&comparison.differences, &comparison.never_compared);
        assert!(
            comparison.is_equal(),
            "seed {seed}: {} {:#?} {never:?}",
            differences.count,
            differences.told
        );
    }
}

#[test]
fn another_truth_differs_in_exactly_what_was_changed() {
    let comparison = compared(21, |truth| {
        truth.persons[0]
            .columns
            .insert("name", serde_json::json!("另有其人"));
        truth.enterprises.pop();
        truth.issues.pop();
        truth.records[0].outcome = "rejected";
    });
    assert!(!comparison.is_equal());
    let (person, enterprise) = (
        &comparison.files["person_file"],
        &comparison.files["enterprise_file"],
    );
    assert_eq!((person.different, enterprise.different), (1, 1));
    assert_eq!(
        (comparison.issues_different, comparison.findings_different),
        (1, 0)
    );
    // The record itself, and its message's counts.
    assert_eq!(comparison.records_different, 2);
    assert_eq!(comparison.differences.count, 5);
    assert!(
        comparison
            .differences
            .told
            .iter()
            .all(|told| !told.contains("另有其人"))
    );
}

#[test]
fn what_is_never_compared_is_said_and_is_no_success() {
    let comparison = compared(22, |truth| {
        truth
            .persons
            .iter_mut()
            .for_each(|person| drop(person.columns.remove("marital_code")));
        truth.records.iter_mut().for_each(|record| {
            record.defect.take_if(|defect| *defect == "deep_nesting");
        });
    });
    assert_eq!(
        comparison.never_compared,
        [
            "defect kind deep_nesting",
            "person_file: column marital_code"
        ]
    );
    assert!(!comparison.is_equal());
}
