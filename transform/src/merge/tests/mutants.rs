//! The law is worth something only if wrong folds break it: seven of them, each found by the law's own check on the law's
//! own cases. Folds and projection are the real ones; what goes into them, or the mode they are told, is wrong.

use std::collections::BTreeMap;

use yidang_schemas::contract::Mode;

use super::cases::{Owner, Said, mode_of};
use super::law::{CASES, FIRST_SEED, ORDERS_DIFFER, ROWS_DIFFER, judge};
use super::small::LEAVES;
use super::table::projector;
use crate::order::{OrderKey, REMOVAL_HASH};
use crate::record::{RecordId, Statement};

/// What is wrong with the folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutation {
    None,
    LastArrivalWins,
    NoHashTieBreak,
    /// A removal takes away whatever has arrived of its key, and nothing that comes after it.
    RemovalWithoutOrder,
    NullIsAbsent,
    FullAsPatch,
    ElementReplacedWhole,
    FirstSubjectKept,
}

impl Mutation {
    const BREAKING: [Self; 7] = [
        Self::LastArrivalWins,
        Self::NoHashTieBreak,
        Self::RemovalWithoutOrder,
        Self::NullIsAbsent,
        Self::FullAsPatch,
        Self::ElementReplacedWhole,
        Self::FirstSubjectKept,
    ];

    /// The mode that the folds are told.
    pub fn mode_of(self, feed: u16) -> Mode {
        match self {
            Self::FullAsPatch => Mode::Patch,
            _ => mode_of(feed),
        }
    }

    /// How the law notices: by two arrivals of the same records, or by rows that are wrong after any of them.
    fn noticed(self) -> &'static str {
        match self {
            Self::NullIsAbsent | Self::FullAsPatch | Self::ElementReplacedWhole => ROWS_DIFFER,
            _ => ORDERS_DIFFER,
        }
    }
}

/// What the folds are told of a stream, record by record as they arrive.
pub(super) struct Teller {
    mutation: Mutation,
    /// Greatest order of each key so far.
    greatest: BTreeMap<RecordId, (i64, i64)>,
    first_owners: BTreeMap<RecordId, Owner>,
}

impl Teller {
    pub fn new(mutation: Mutation) -> Self {
        Self {
            mutation,
            greatest: BTreeMap::new(),
            first_owners: BTreeMap::new(),
        }
    }

    pub fn statement(&mut self, said: &Said, arrival: usize) -> Statement {
        let told = self.told(said);
        let mut statement = told.statement_as(arrival, self.mutation.mode_of(said.feed));
        statement.version.order = self.order(said, arrival);
        statement
    }

    fn told(&mut self, said: &Said) -> Said {
        let mut told = said.clone();
        match self.mutation {
            Mutation::NullIsAbsent => {
                told.cells.retain(|_, value| value.is_some());
                if told.owner == Owner::Emptied {
                    told.owner = Owner::Silent;
                }
            }
            Mutation::ElementReplacedWhole => {
                let of_element = |name: &&str| name.starts_with("items.");
                if told.cells.keys().any(of_element) {
                    for name in LEAVES.into_iter().filter(of_element) {
                        told.cells.entry(name).or_insert(None);
                    }
                }
            }
            Mutation::FirstSubjectKept if matches!(told.owner, Owner::Named(_)) => {
                told.owner = *self.first_owners.entry(said.id()).or_insert(told.owner);
            }
            _ => {}
        }
        told
    }

    fn order(&mut self, said: &Said, arrival: usize) -> OrderKey {
        let own = (said.time, said.seq);
        let greatest = self.greatest.entry(said.id()).or_insert(own);
        *greatest = own.max(*greatest);
        let (parts, hash) = match self.mutation {
            Mutation::LastArrivalWins => {
                let arrival = i64::try_from(arrival).unwrap();
                ((arrival, 0), said.content_hash())
            }
            Mutation::NoHashTieBreak => (own, REMOVAL_HASH),
            Mutation::RemovalWithoutOrder if said.removal => (*greatest, [u8::MAX; 16]),
            _ => (own, said.content_hash()),
        };
        OrderKey::new(&[parts.0, parts.1], said.time, hash, 1)
    }
}

#[test]
fn each_of_seven_wrong_folds_breaks_the_law() {
    let projector = projector();
    let mut missed = Vec::new();
    for mutation in Mutation::BREAKING {
        let noticed = |seed: &u64| {
            let failure = judge(*seed, &projector, mutation).failure;
            failure.is_some_and(|failure| failure.what == mutation.noticed())
        };
        match (FIRST_SEED..FIRST_SEED + CASES).find(noticed) {
            Some(seed) => println!(
                "{mutation:?}: {} in case {} of {CASES}",
                mutation.noticed(),
                seed - FIRST_SEED + 1
            ),
            None => missed.push(mutation),
        }
    }
    assert!(
        missed.is_empty(),
        "{CASES} cases from seed {FIRST_SEED} do not show {missed:?}"
    );
}
