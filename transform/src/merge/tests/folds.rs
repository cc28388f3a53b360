//! A second, plain implementation of the folds that goes by arrival, so that it can be broken on purpose.

use std::collections::BTreeMap;

use super::cases::{Case, Owner, Plain, Said};
use super::model::{Live, LiveCell, Order, Table, order_of, rows};

/// What is wrong with the folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutation {
    None,
    LastArrivalWins,
    NoHashTieBreak,
    RemovalWithoutOrder,
    NullIsAbsent,
    FullAsPatch,
    ElementReplacedWhole,
    FirstSubjectKept,
}

impl Mutation {
    pub const BREAKING: [Self; 7] = [
        Self::LastArrivalWins,
        Self::NoHashTieBreak,
        Self::RemovalWithoutOrder,
        Self::NullIsAbsent,
        Self::FullAsPatch,
        Self::ElementReplacedWhole,
        Self::FirstSubjectKept,
    ];
}

/// What folds compare; the greater one wins.
type Mark = (i64, i64, [u8; 16]);

#[derive(Debug, Clone)]
struct Cell {
    mark: Mark,
    value: Option<Plain>,
    order: Order,
    doubtful: bool,
}

/// What is kept of one record key.
#[derive(Debug, Clone, Default)]
struct Kept {
    newest: Option<(Mark, i64)>,
    removed: Option<Mark>,
    withdrawn: bool,
    owner: Option<(Mark, Option<u8>)>,
    cells: BTreeMap<&'static str, Cell>,
}

/// The table after a stream, folded in the order of arrival.
pub(super) fn run(case: &Case, mutation: Mutation) -> Table {
    let mut kept: BTreeMap<(u16, u8), Kept> = BTreeMap::new();
    for (arrival, place) in case.arrivals.iter().flatten().enumerate() {
        let said = &case.said[*place];
        let arrival = i64::try_from(arrival).unwrap();
        let mark = match mutation {
            Mutation::LastArrivalWins => (arrival, 0, [0; 16]),
            Mutation::NoHashTieBreak => (said.time, said.seq, [0; 16]),
            _ => order_of(said),
        };
        let record = kept.entry((said.feed, said.key)).or_default();
        if said.removal && mutation == Mutation::RemovalWithoutOrder {
            *record = Kept::default();
            continue;
        }
        fold(record, said, mark, mutation);
    }
    let live = kept
        .iter()
        .filter_map(|((feed, key), kept)| live(*feed, *key, kept));
    rows(&live.collect::<Vec<Live>>())
}

fn fold(kept: &mut Kept, said: &Said, mark: Mark, mutation: Mutation) {
    let first_owner = kept.owner;
    let newest = kept.newest.is_none_or(|(newest, _)| mark > newest);
    let patch = said.is_patch() || mutation == Mutation::FullAsPatch;
    if !patch {
        if newest {
            *kept = Kept {
                withdrawn: said.removal,
                ..Kept::default()
            };
            state(kept, said, mark, mutation);
        }
    } else if kept.removed.is_none_or(|removed| mark > removed) {
        if said.removal {
            kept.removed = Some(mark);
            kept.cells.retain(|_, cell| cell.mark > mark);
            kept.owner = kept.owner.filter(|(stated, _)| *stated > mark);
        } else {
            state(kept, said, mark, mutation);
        }
    }
    if newest {
        kept.newest = Some((mark, said.time));
    }
    if mutation == Mutation::FirstSubjectKept
        && let Some((_, Some(_))) = first_owner
    {
        kept.owner = first_owner;
    }
}

fn state(kept: &mut Kept, said: &Said, mark: Mark, mutation: Mutation) {
    let owner = match said.owner {
        Owner::Silent => None,
        Owner::Emptied => Some(None),
        Owner::Named(owner) => Some(Some(owner)),
    };
    if let Some(owner) = owner
        && kept.owner.is_none_or(|(stated, _)| mark > stated)
    {
        kept.owner = Some((mark, owner));
    }
    if mutation == Mutation::ElementReplacedWhole
        && said.cells.keys().any(|name| name.starts_with("items."))
    {
        let stated = kept
            .cells
            .iter()
            .filter(|(name, _)| name.starts_with("items."));
        if stated
            .map(|(_, cell)| cell.mark)
            .max()
            .is_none_or(|newest| mark > newest)
        {
            kept.cells.retain(|name, _| !name.starts_with("items."));
        }
    }
    for (name, value) in &said.cells {
        if value.is_none() && mutation == Mutation::NullIsAbsent {
            continue;
        }
        if kept.cells.get(name).is_none_or(|cell| mark > cell.mark) {
            let doubtful = said.doubtful_title && *name == "title";
            kept.cells.insert(
                name,
                Cell {
                    mark,
                    value: *value,
                    order: order_of(said),
                    doubtful,
                },
            );
        }
    }
}

fn live(feed: u16, key: u8, kept: &Kept) -> Option<Live> {
    let owner = kept.owner?.1?;
    let cells = kept.cells.iter().filter_map(|(name, cell)| {
        Some((
            *name,
            LiveCell {
                value: cell.value?,
                order: cell.order,
                doubtful: cell.doubtful,
            },
        ))
    });
    let newest_time = kept.newest?.1;
    (!kept.withdrawn).then(|| Live {
        feed,
        key,
        owner,
        newest_time,
        cells: cells.collect(),
    })
}
