//! Laws over random streams: what is open at the end does not depend on arrival, batching, repetition or restarts.

use proptest::prelude::*;
use yidang_schemas::contract::Mode;
use yidang_schemas::defect::Outcome;
use yidang_schemas::rule::Action;
use yidang_transform::cell::Cells;
use yidang_transform::merge::{Entry, KeptPass, Memory, Stored, fold_epoch};
use yidang_transform::order::{OrderKey, REMOVAL_HASH};
use yidang_transform::record::{Effect, RecordId, Statement, Version};
use yidang_transform::standing::Standings;
use yidang_transform::verdict::Verdict;

use crate::event::{Event, chained};
use crate::identity::IssueId;
use crate::kit::*;
use crate::memory::IssueMemory;

/// Rules that versions fail or leave unjudged at random.
const JUDGED: [u16; 3] = [NAME, NOTE, CODE];
const KEYS: [&str; 4] = ["one", "two", "bad", "bad too"];

/// One version of a key, as its bytes decide it.
#[derive(Debug, Clone)]
struct Written {
    key: &'static str,
    number: i64,
    content: u8,
    /// By rule of [`JUDGED`]: 0, 1 passed, 2 failed, 3 unjudged, 4 passed with a doubt.
    judged: [u8; 3],
    removal: bool,
    /// The issue of this key and rule is named in the header.
    corrects: Option<(usize, usize)>,
    minutes: i64,
}

impl Written {
    fn sent(&self, offset: i64) -> Sent {
        let mut sent = match self.removal {
            true => Sent::removal(self.key, self.number, offset),
            false => Sent::good(self.key, self.number, offset),
        };
        if self.removal {
            return sent.at(self.minutes);
        }
        sent.0.order = Some(order(self.number, self.content, 1));
        for (judged, rule) in self.judged.iter().zip(JUDGED) {
            sent = match judged {
                2 => sent.fails(rule),
                3 => sent.unjudged(rule),
                4 => sent.doubts(rule),
                _ => sent,
            };
        }
        if self.key.starts_with("bad") {
            sent = sent.fails(ID);
        }
        sent.at(self.minutes)
    }
}

fn written() -> impl Strategy<Value = Vec<Written>> {
    let one = (
        0..KEYS.len(),
        0i64..5,
        1u8..3,
        [0u8..5, 0u8..5, 0u8..5],
        0u8..6,
        0i64..40,
    )
        .prop_map(|(key, number, content, judged, removal, minutes)| Written {
            key: KEYS[key],
            number,
            content,
            judged,
            removal: removal == 0,
            corrects: None,
            minutes,
        });
    // Each correcting record has a key of its own with one version: of several, arrival decides which are applied.
    let corrections = prop::collection::vec(
        (
            2..4usize,
            0..JUDGED.len() + 1,
            [0u8..5, 0u8..5, 0u8..5],
            0i64..40,
        ),
        0..4,
    );
    (prop::collection::vec(one, 1..14), corrections).prop_map(|(mut all, corrections)| {
        // The verdict over a version is a function of the version.
        all.sort_by_key(|one| (one.key, one.number, one.removal, one.content));
        all.dedup_by_key(|one| {
            (
                one.key,
                one.number,
                one.removal,
                if one.removal { 0 } else { one.content },
            )
        });
        for (place, (key, rule, judged, minutes)) in corrections.into_iter().enumerate() {
            let own = ["c0", "c1", "c2", "c3"][place];
            all.push(Written {
                key: own,
                number: 1,
                content: 1,
                judged,
                removal: false,
                corrects: Some((key, rule)),
                minutes,
            });
        }
        all
    })
}

/// A stream in one arrival order: places of versions, some of them several times.
fn arrivals(versions: usize) -> impl Strategy<Value = Vec<usize>> {
    let repeated = prop::collection::vec(0..versions, 0..6);
    repeated.prop_flat_map(move |repeated| {
        let all: Vec<usize> = (0..versions).chain(repeated).collect();
        Just(all).prop_shuffle()
    })
}

fn streams() -> impl Strategy<Value = (Vec<Written>, Vec<usize>, Vec<usize>, Vec<bool>)> {
    written().prop_flat_map(|written| {
        let versions = written.len();
        let cuts = prop::collection::vec(any::<bool>(), versions + 6);
        (Just(written), arrivals(versions), arrivals(versions), cuts)
    })
}

/// The engine around the fold: the real record fold gives effects and kept passes.
#[derive(Debug)]
struct Engine {
    mode: Mode,
    records: Memory,
    world: World,
    events: Vec<Event>,
}

impl Engine {
    fn new(mode: Mode) -> Self {
        Self {
            mode,
            records: Memory::default(),
            world: World::new(),
            events: Vec::new(),
        }
    }

    /// A verdict with what the record fold says of it.
    fn judged(&mut self, mut verdict: Verdict) -> Verdict {
        let id = verdict.key.as_ref().unwrap().id;
        if verdict.outcome.is_accepted() {
            let statement = statement(&verdict);
            let entry = Entry {
                id,
                statement: &statement,
            };
            let folded = fold_epoch(&self.records, &[entry], &[], Standings::default(), |_| {
                self.mode
            });
            verdict.effect = folded.effects.first().copied();
            self.records.apply(folded);
            if verdict.effect == Some(Effect::Stale) {
                self.remember(&id, &verdict);
            }
        }
        verdict.kept_passes = self.kept_passes(&id, &verdict);
        verdict
    }

    /// A stale version's passes of rules that the kept version was not judged by count against older failures.
    fn remember(&mut self, id: &RecordId, verdict: &Verdict) {
        let Some(mut kept) = self.records.record(id) else {
            return;
        };
        let order = verdict.order.clone();
        let contract = self.world.catalog.feeds[usize::from(id.feed)].clone();
        for entry in kept
            .remembered
            .iter_mut()
            .filter(|entry| verdict.passed(&contract, entry.rule))
        {
            entry.passed = entry.passed.take().max(order.clone());
        }
        self.records.restore(*id, Stored::of(&kept));
    }

    fn kept_passes(&self, id: &RecordId, verdict: &Verdict) -> Vec<KeptPass> {
        let Some(kept) = self.records.record(id) else {
            return Vec::new();
        };
        let failed = verdict.failures.iter().map(|failure| failure.rule);
        failed
            .filter_map(|rule| KeptPass::of(&kept, rule))
            .collect()
    }

    fn run(&mut self, written: &[Written], arrival: &[usize], cut: impl Fn(usize) -> bool) {
        let mut batch = Vec::new();
        for (offset, place) in arrival.iter().enumerate() {
            let mut sent = written[*place].sent(offset as i64);
            if let Some((key, rule)) = written[*place].corrects {
                let rule = JUDGED.get(rule).copied().unwrap_or(ID);
                sent = sent.corrects(issue_id(KEYS[key], rule));
            }
            batch.push(self.judged(sent.0));
            if cut(offset) {
                self.land(&mut batch);
            }
        }
        self.land(&mut batch);
    }

    fn land(&mut self, batch: &mut Vec<Verdict>) {
        let folded = self.world.fold(batch);
        self.events.extend(folded.events.iter().cloned());
        self.world.take(folded);
        batch.clear();
    }
}

fn statement(verdict: &Verdict) -> Statement {
    let version = Version {
        order: verdict.order.clone().unwrap(),
        origin: verdict.origin,
        landed_at_ms: 0,
        contract_version: "1".into(),
    };
    Statement {
        standing: None,
        version,
        removal: verdict.removal,
        cells: Cells::default(),
        targets: Vec::new(),
        failed: verdict
            .failures
            .iter()
            .filter(|failure| failure.action > Action::Observe)
            .map(|failure| failure.rule)
            .collect(),
        unjudged: verdict.unjudged.clone(),
    }
}

fn open_after(
    mode: Mode,
    written: &[Written],
    arrival: &[usize],
    cut: impl Fn(usize) -> bool,
) -> Vec<IssueId> {
    let mut engine = Engine::new(mode);
    engine.run(written, arrival, cut);
    for state in engine.world.memory.iter() {
        assert_eq!(
            state.status == crate::issue::Status::Open,
            state.fails(),
            "status follows the marks"
        );
    }
    chained_events(&engine.events);
    engine.world.open()
}

fn chained_events(events: &[Event]) {
    let mut last = std::collections::BTreeMap::new();
    for event in events {
        let before = last.insert(event.issue_id, (event.seq, event.hash));
        assert_eq!(event.seq, before.map_or(0, |(seq, _)| seq) + 1);
        assert_eq!(event.prev_hash, before.map(|(_, hash)| hash));
        assert_eq!(
            event.hash,
            chained(event.prev_hash, &event.id, &event.payload)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_open_set_is_independent_of_arrival_batching_and_duplication(
        (written, one, other, cuts) in streams(),
    ) {
        let first = open_after(Mode::Full, &written, &one, |_| false);
        let second = open_after(Mode::Full, &written, &other, |offset| cuts.get(offset) == Some(&true));
        prop_assert_eq!(first, second);
    }

    #[test]
    fn the_open_set_is_what_a_plain_reading_of_all_versions_says((written, one, _, _) in streams()) {
        let found = open_after(Mode::Full, &written, &one, |_| true);
        let mut plain = plainly_open(&written);
        plain.sort_unstable();
        prop_assert_eq!(found, plain);
    }

    #[test]
    fn events_are_independent_of_batching_and_of_a_restart(
        (written, one, _, cuts) in streams(),
    ) {
        let mut whole = Engine::new(Mode::Full);
        whole.run(&written, &one, |_| false);
        let mut cut = Engine::new(Mode::Full);
        cut.run(&written, &one, |offset| cuts.get(offset) == Some(&true));
        prop_assert_eq!(&whole.events, &cut.events);
        let events = restarted(&written, &one, &cuts);
        prop_assert_eq!(&whole.events, &events);
    }
}

/// The same stream, with all state written and read again wherever a batch ends.
fn restarted(written: &[Written], arrival: &[usize], cuts: &[bool]) -> Vec<Event> {
    let mut engine = Engine::new(Mode::Full);
    let mut rows = std::collections::BTreeMap::new();
    let mut events = Vec::new();
    let mut batch = Vec::new();
    for (offset, place) in arrival.iter().enumerate() {
        let mut sent = written[*place].sent(offset as i64);
        if let Some((key, rule)) = written[*place].corrects {
            sent = sent.corrects(issue_id(KEYS[key], JUDGED.get(rule).copied().unwrap_or(ID)));
        }
        let judged = engine.judged(sent.0);
        batch.push(judged);
        if cuts.get(offset) == Some(&true) || offset + 1 == arrival.len() {
            let folded = engine.world.fold(&batch);
            batch.clear();
            events.extend(folded.events.iter().cloned());
            rows.extend(
                folded
                    .state_rows(&engine.world.catalog)
                    .into_iter()
                    .map(|row| (row.key.clone(), row)),
            );
            engine.world.memory = IssueMemory::default();
            for row in rows.values() {
                engine
                    .world
                    .memory
                    .restore(row, &engine.world.catalog)
                    .unwrap();
            }
        }
    }
    events
}

/// An independent reading: the greatest failing and passing order of all versions, and the corrections that count.
fn plainly_open(written: &[Written]) -> Vec<IssueId> {
    let mut open = Vec::new();
    for key in KEYS.iter().copied().chain(["c0", "c1", "c2", "c3"]) {
        for rule in JUDGED.into_iter().chain([ID]) {
            let of_key: Vec<&Written> = written.iter().filter(|one| one.key == key).collect();
            let verdict = |one: &Written| if one.removal { 0 } else { judged_by(one, rule) };
            let order_of = |one: &Written| match one.removal {
                true => OrderKey::new(&[one.number], START_MS, REMOVAL_HASH, 1),
                false => order(one.number, one.content, 1),
            };
            let failing = of_key
                .iter()
                .filter(|one| verdict(one) == 2)
                .max_by_key(|one| order_of(one));
            let passing = of_key
                .iter()
                .filter(|one| is_pass(verdict(one)))
                .map(|one| order_of(one))
                .max();
            let Some(failing) = failing else { continue };
            let passed = passing.is_some_and(|passing| passing > order_of(failing));
            if !passed && !corrected(written, key, rule, failing) {
                open.push(issue_id(key, rule));
            }
        }
    }
    open
}

fn is_pass(judged: u8) -> bool {
    matches!(judged, 0 | 1 | 4)
}

fn judged_by(one: &Written, rule: u16) -> u8 {
    match JUDGED.iter().position(|judged| *judged == rule) {
        Some(place) => one.judged[place],
        None if one.key.starts_with("bad") => 2,
        None => 1,
    }
}

fn corrected(written: &[Written], key: &str, rule: u16, failing: &Written) -> bool {
    key.starts_with("bad")
        && written.iter().any(|one| {
            let names = one.corrects.is_some_and(|(named, place)| {
                KEYS[named] == key && JUDGED.get(place).copied().unwrap_or(ID) == rule
            });
            let accepted = one.sent(0).0.outcome.is_accepted();
            names && accepted && is_pass(judged_by(one, rule)) && one.minutes >= failing.minutes
        })
}

#[test]
fn generated_streams_hold_every_outcome() {
    assert_eq!(
        Sent::good("k", 1, 1).fails(CODE).0.outcome,
        Outcome::Quarantined
    );
    assert_eq!(
        Sent::good("k", 1, 1).fails(NAME).0.outcome,
        Outcome::Flagged
    );
}
