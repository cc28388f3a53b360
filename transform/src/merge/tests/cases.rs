//! Random streams of a few record keys over a few subjects, small enough that everything collides with everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use yidang_schemas::contract::Mode;
use yidang_schemas::origin::Origin;

use super::small::{LEAVES, MARKS, leaf, small};
use crate::cell::{Cell, Cells, Value};
use crate::identity::Target;
use crate::order::{OrderKey, REMOVAL_HASH};
use crate::record::{RecordId, Statement, Version, push_flags, push_identity};
use crate::token::Token;

/// First day of the streams, days since 1970-01-01.
const FIRST_DAY: i32 = 20_000;
const DAY_MS: i64 = 86_400_000;

/// SplitMix64 (Steele, Lea, Flood 2014): a stream of numbers that a seed decides.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    /// True in `percent` of all cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}

/// A value as the test knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plain {
    Text(&'static str),
    Number(i64),
    /// Days since 1970-01-01.
    Day(i32),
}

/// What a record says of its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Silent,
    Emptied,
    Named(u8),
}

/// One record, before anything of ours has touched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub feed: u16,
    pub key: u8,
    /// Business time, epoch milliseconds; first part of the order.
    pub time: i64,
    /// Second part of the order.
    pub seq: i64,
    pub removal: bool,
    pub owner: Owner,
    /// Leaf to value; `None` is an explicit null, an absent leaf is silence.
    pub cells: BTreeMap<&'static str, Option<Plain>>,
    /// It fails the type rule of `title` and keeps the value.
    pub doubtful_title: bool,
}

impl Said {
    /// Stands for the bytes of the record.
    pub fn content_hash(&self) -> [u8; 16] {
        if self.removal {
            return REMOVAL_HASH;
        }
        let digest = blake3::hash(
            format!("{:?}", (self.owner, &self.cells, self.doubtful_title)).as_bytes(),
        );
        *digest.as_bytes().first_chunk().unwrap()
    }

    pub fn is_patch(&self) -> bool {
        self.feed == MARKS
    }

    pub fn id(&self) -> RecordId {
        RecordId {
            feed: self.feed,
            key_hash: [self.key; 16],
        }
    }

    /// What observing it would state, had it arrived at this place.
    pub fn statement(&self, arrival: usize) -> Statement {
        self.statement_as(arrival, mode_of(self.feed))
    }

    /// The same, were its feed of this mode.
    pub fn statement_as(&self, arrival: usize, mode: Mode) -> Statement {
        let offset = i64::try_from(arrival).unwrap();
        let version = Version {
            order: OrderKey::new(&[self.time, self.seq], self.time, self.content_hash(), 1),
            origin: Origin {
                feed: self.feed,
                incarnation: 0,
                partition: 0,
                offset,
                row: 0,
            },
            landed_at_ms: 1_000 + offset,
            contract_version: Arc::from("1.0.0"),
        };
        let failed = if self.doubtful_title {
            vec![title_rule(self.feed)]
        } else {
            Vec::new()
        };
        let target = match self.owner {
            Owner::Named(owner) => Some(target(owner)),
            Owner::Silent | Owner::Emptied => None,
        };
        let mut cells = Cells::default();
        for name in LEAVES {
            if let Some(value) = self.cells.get(name) {
                let value = value.map_or(Value::Null, value_of);
                cells.push(Cell::new(leaf(name), value));
            }
        }
        if mode == Mode::Patch && !self.removal {
            if self.owner != Owner::Silent {
                push_identity(&mut cells, (0, 0), target.as_ref());
            }
            push_flags(&mut cells, &failed);
        }
        Statement {
            standing: None,
            version,
            removal: self.removal,
            cells,
            targets: target.into_iter().collect(),
            failed,
            unjudged: Vec::new(),
        }
    }
}

fn value_of(plain: Plain) -> Value<'static> {
    match plain {
        Plain::Text(text) => Value::Text(text),
        Plain::Number(number) => Value::Integer(number),
        Plain::Day(day) => Value::Date(day),
    }
}

fn title_rule(feed: u16) -> u16 {
    let catalog = small();
    let place = catalog.feeds[usize::from(feed)]
        .rule_index("auto:title:type")
        .unwrap();
    u16::try_from(place).unwrap()
}

/// The token of a subject.
pub(super) fn token(owner: u8) -> Token {
    Token([owner; 16])
}

fn target(owner: u8) -> Target {
    Target {
        kind: 0,
        slot: 0,
        token: token(owner),
        class_rank: 0,
        weak: false,
    }
}

/// Mode of a feed of the small catalog.
pub(super) fn mode_of(feed: u16) -> Mode {
    if feed == MARKS {
        Mode::Patch
    } else {
        Mode::Full
    }
}

/// Records, and an order of arrival cut into epochs.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub said: Vec<Said>,
    /// Places of records in order of arrival, some of them several times; by epoch.
    pub arrivals: Vec<Vec<usize>>,
}

impl Case {
    /// The case of a seed: each seed gives the same one for ever.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let count = 4 + random.below(11);
        let said: Vec<Said> = (0..count).map(|_| record(&mut random)).collect();
        let arrivals = arrivals(&mut random, said.len(), false);
        Self { said, arrivals }
    }

    /// The same records in another order, with repetitions, in other epochs.
    pub fn rearranged(&self, seed: u64) -> Self {
        let arrivals = arrivals(
            &mut Random::new(seed ^ 0xA5A5_5A5A_0F0F_F0F0),
            self.said.len(),
            true,
        );
        Self {
            said: self.said.clone(),
            arrivals,
        }
    }
}

fn record(random: &mut Random) -> Said {
    let feed = random.pick(&[0_u16, 1, 2, 2]);
    let key = u8::try_from(random.below(2)).unwrap();
    let day = FIRST_DAY + i32::try_from(random.below(4)).unwrap();
    let time = i64::from(day) * DAY_MS + 3 * 3_600_000;
    let seq = i64::try_from(random.below(2)).unwrap();
    let removal = random.percent(18);
    let patch = feed == MARKS;
    let mut said = Said {
        feed,
        key,
        time,
        seq,
        removal,
        owner: Owner::Silent,
        cells: BTreeMap::new(),
        doubtful_title: false,
    };
    if removal {
        return said;
    }
    let named = Owner::Named(u8::try_from(random.below(2)).unwrap());
    said.owner = match (patch, random.below(20)) {
        (true, 0..=7) => Owner::Silent,
        (true, 8) => Owner::Emptied,
        _ => named,
    };
    for name in LEAVES {
        let value = value(random, name);
        match (patch, random.below(20)) {
            (true, 0..=7) | (false, 0..=5) => {}
            (true, 8..=11) => drop(said.cells.insert(name, None)),
            _ => drop(said.cells.insert(name, Some(value))),
        }
    }
    said.doubtful_title =
        said.cells.get("title").is_some_and(Option::is_some) && random.percent(25);
    said
}

fn value(random: &mut Random, name: &str) -> Plain {
    let day = |random: &mut Random, days| {
        Plain::Day(FIRST_DAY + i32::try_from(random.below(days)).unwrap())
    };
    match name {
        "title" => Plain::Text(random.pick(&["alder", "birch", "cedar"])),
        "state" => Plain::Text(random.pick(&["HERE", "GONE", "LOST"])),
        "since" => day(random, 3),
        "until" => day(random, 6),
        "items.kind" => Plain::Text(random.pick(&["nail", "screw"])),
        "items.note" => Plain::Text(random.pick(&["left", "right"])),
        _ => Plain::Number(i64::try_from(1 + random.below(3)).unwrap()),
    }
}

fn arrivals(random: &mut Random, records: usize, repeat: bool) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..records).collect();
    if repeat {
        for _ in 0..random.below(5) {
            order.push(random.below(records));
        }
    }
    random.shuffle(&mut order);
    let mut epochs = vec![Vec::new()];
    for place in order {
        if random.percent(30) {
            epochs.push(Vec::new());
        }
        epochs.last_mut().unwrap().push(place);
    }
    epochs
}

/// What the generator has to make often enough.
pub(super) const FEATURES: [&str; 11] = [
    "equal orders with different content",
    "a removal before what it removes",
    "a patch cell absent, null and valued",
    "list elements from several records",
    "several ranks for one column",
    "several record keys of a feed on one subject",
    "a record that changes its subject",
    "a patch without its identifier",
    "a stay that its record calls ended",
    "a failed rule on a kept value",
    "repeated records",
];

/// The features that a case and its arrivals have.
#[expect(clippy::too_many_lines, reason = "a list: one feature after another")]
pub(super) fn features(case: &Case) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut note = |place: usize, holds: bool| {
        if holds {
            found.insert(FEATURES[place]);
        }
    };
    let pairs = || {
        case.said
            .iter()
            .flat_map(|one| case.said.iter().map(move |other| (one, other)))
    };
    let same_key = |one: &Said, other: &Said| one.id() == other.id();
    let order = |said: &Said| (said.time, said.seq, said.content_hash());
    note(
        0,
        pairs().any(|(one, other)| {
            same_key(one, other)
                && (one.time, one.seq) == (other.time, other.seq)
                && one.content_hash() != other.content_hash()
        }),
    );
    let arrived: Vec<usize> = case.arrivals.iter().flatten().copied().collect();
    let first_arrival = |place: usize| arrived.iter().position(|arrived| *arrived == place);
    let removed_later = case.said.iter().enumerate().any(|(place, removal)| {
        removal.removal
            && case.said.iter().enumerate().any(|(other_place, other)| {
                !other.removal
                    && same_key(removal, other)
                    && order(other) < order(removal)
                    && first_arrival(place) < first_arrival(other_place)
            })
    });
    note(1, removed_later);
    let patches = |key: u8| {
        case.said
            .iter()
            .filter(move |said| said.is_patch() && !said.removal && said.key == key)
    };
    note(
        2,
        (0..2).any(|key| {
            LEAVES.iter().any(|leaf| {
                patches(key).any(|said| !said.cells.contains_key(leaf))
                    && patches(key).any(|said| said.cells.get(leaf) == Some(&None))
                    && patches(key).any(|said| said.cells.get(leaf).is_some_and(Option::is_some))
            })
        }),
    );
    let with = |leaf: &'static str| {
        pairs().filter(move |(one, other)| {
            let value = |said: &Said| said.cells.get(leaf).copied().flatten();
            value(one).is_some() && value(other).is_some()
        })
    };
    let owned = |said: &Said| matches!(said.owner, Owner::Named(_));
    let same_owner = |one: &Said, other: &Said| owned(one) && one.owner == other.owner;
    note(
        3,
        with("items.kind").any(|(one, other)| same_owner(one, other) && !same_key(one, other)),
    );
    note(
        4,
        with("title").any(|(one, other)| same_owner(one, other) && one.feed != other.feed),
    );
    note(
        5,
        pairs().any(|(one, other)| {
            same_owner(one, other) && one.feed == other.feed && one.key != other.key
        }),
    );
    note(
        6,
        pairs().any(|(one, other)| {
            same_key(one, other) && owned(one) && owned(other) && one.owner != other.owner
        }),
    );
    note(
        7,
        case.said
            .iter()
            .any(|said| said.is_patch() && !said.removal && said.owner == Owner::Silent),
    );
    note(
        8,
        case.said.iter().any(|said| {
            let until = said.cells.get("until").copied().flatten();
            let stay = said.cells.get("state").copied().flatten();
            stay.is_some() && until.is_some_and(|until| until <= Plain::Day(day_of(said.time)))
        }),
    );
    note(9, case.said.iter().any(|said| said.doubtful_title));
    note(10, arrived.len() > case.said.len());
    found
}

/// Day of an instant of the streams, none of which lies within eight hours of midnight.
pub(super) fn day_of(time: i64) -> i32 {
    i32::try_from(time / DAY_MS).unwrap()
}
