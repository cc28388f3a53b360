//! The model: what a file table holds after a set of records, computed from the set as slowly and plainly as possible.
//!
//! It knows no arrival, no state and no code of the folds. Architecture 6 is written down here a second time: per
//! record key the version of greatest order (patches: per cell), then per column the best of the live records.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::cases::{Owner, Plain, Said, day_of, token};

/// Order of a version: business time, counter, content.
type Order = (i64, i64, [u8; 16]);

/// One live cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LiveCell {
    value: Plain,
    /// The version that stated it.
    order: Order,
    doubtful: bool,
}

/// A record key that states something about a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Live {
    feed: u16,
    key: u8,
    owner: u8,
    /// Business time of the version of greatest order.
    newest_time: i64,
    cells: BTreeMap<&'static str, LiveCell>,
}

/// Rows by subject id.
pub(super) type Table = BTreeMap<String, Value>;

fn order_of(said: &Said) -> Order {
    (said.time, said.seq, said.content_hash())
}

/// The table after these records, in whatever order they came.
pub(super) fn table(said: &[Said]) -> Table {
    let keys: BTreeSet<(u16, u8)> = said.iter().map(|said| (said.feed, said.key)).collect();
    let live = keys.iter().filter_map(|(feed, key)| {
        let of_key = said
            .iter()
            .filter(|said| (said.feed, said.key) == (*feed, *key));
        let versions: BTreeMap<Order, &Said> = of_key.map(|said| (order_of(said), said)).collect();
        settle(*feed, *key, &versions)
    });
    rows(&live.collect::<Vec<Live>>())
}

/// The live record of one key.
fn settle(feed: u16, key: u8, versions: &BTreeMap<Order, &Said>) -> Option<Live> {
    let (_, newest) = versions.last_key_value()?;
    let counts: Vec<(&Order, &&Said)> = match newest.is_patch() {
        false => versions
            .iter()
            .next_back()
            .into_iter()
            .filter(|(_, said)| !said.removal)
            .collect(),
        true => {
            let removed = versions
                .iter()
                .filter(|(_, said)| said.removal)
                .map(|(order, _)| order)
                .max();
            versions
                .iter()
                .filter(|(order, _)| removed.is_none_or(|removed| *order > removed))
                .collect()
        }
    };
    let mut owner = None;
    let mut cells: BTreeMap<&'static str, Option<LiveCell>> = BTreeMap::new();
    for (order, said) in counts {
        match said.owner {
            Owner::Named(named) => owner = Some(named),
            Owner::Emptied => owner = None,
            Owner::Silent => {}
        }
        for (name, value) in &said.cells {
            let doubtful = said.doubtful_title && *name == "title";
            cells.insert(
                name,
                value.map(|value| LiveCell {
                    value,
                    order: *order,
                    doubtful,
                }),
            );
        }
    }
    let cells = cells
        .into_iter()
        .filter_map(|(name, cell)| Some((name, cell?)))
        .collect();
    Some(Live {
        feed,
        key,
        owner: owner?,
        newest_time: newest.time,
        cells,
    })
}

/// The rows of all subjects that have a live record.
fn rows(live: &[Live]) -> Table {
    let owners: BTreeSet<u8> = live.iter().map(|live| live.owner).collect();
    let row = |owner: &u8| {
        let mut own: Vec<&Live> = live.iter().filter(|live| live.owner == *owner).collect();
        own.sort_by_key(|live| (live.feed, live.key));
        (token(*owner).to_string(), row(*owner, &own))
    };
    owners.iter().map(row).collect()
}

const AGENCIES: [&str; 3] = ["aa", "bb", "bb"];
const FEEDS: [&str; 3] = ["aa.stays", "bb.base", "bb.marks"];

/// Smaller is better.
fn authority(column: &str, feed: u16) -> u8 {
    match (column, FEEDS[usize::from(feed)]) {
        ("title", "bb.base") | ("size", "aa.stays") | ("items", "bb.marks") => 0,
        ("title", "aa.stays") | ("items", "bb.base") => 1,
        _ => 255,
    }
}

/// Sources of a row in the order of first use.
#[derive(Default)]
struct Sources {
    known: Vec<(u16, u8, Order)>,
}

impl Sources {
    fn place(&mut self, live: &Live, order: Order) -> usize {
        let source = (live.feed, live.key, order);
        if !self.known.contains(&source) {
            self.known.push(source);
        }
        self.known
            .iter()
            .position(|known| *known == source)
            .unwrap()
    }
}

/// A record that competes for a column.
#[derive(Clone)]
struct Candidate<'a> {
    live: &'a Live,
    /// Greatest version behind its cells of the column.
    order: Order,
    rank: Rank,
}

/// Compared left to right, greater wins: value order, ranking cell, authority, business time, feed, hash, key.
type Rank = (i64, Option<Plain>, i64, i64, i64, [u8; 16], u8);

fn candidates<'a>(column: &str, parts: &[&str], own: &[&'a Live]) -> Vec<Candidate<'a>> {
    let stay = column == "state" || column == "since";
    let candidate = |live: &&'a Live| {
        let stated = parts.iter().filter_map(|part| live.cells.get(part));
        let order = stated.map(|cell| cell.order).max()?;
        let value = |name: &str| live.cells.get(name).map(|cell| cell.value);
        let ended =
            value("until").is_some_and(|until| until <= Plain::Day(day_of(live.newest_time)));
        if stay && ended {
            return None;
        }
        let value_order = match (column, value("state")) {
            ("state", Some(Plain::Text("GONE"))) => 2,
            ("state", Some(Plain::Text("HERE"))) => 1,
            _ => 0,
        };
        let rank = (
            value_order,
            value("since").filter(|_| stay),
            -i64::from(authority(column, live.feed)),
            order.0,
            -i64::from(live.feed),
            order.2,
            live.key,
        );
        Some(Candidate { live, order, rank })
    };
    own.iter().filter_map(candidate).collect()
}

/// The best candidate, and why it won over the next best.
fn best<'c, 'a>(candidates: &'c [Candidate<'a>]) -> Option<(&'c Candidate<'a>, &'static str)> {
    let mut sorted: Vec<&Candidate<'_>> = candidates.iter().collect();
    sorted.sort_by_key(|candidate| std::cmp::Reverse(candidate.rank));
    let won = sorted.first()?;
    let won = candidates
        .iter()
        .find(|candidate| std::ptr::eq(*candidate, *won))?;
    let Some(next) = sorted.get(1) else {
        return Some((won, "only"));
    };
    let rule = if won.rank.0 != next.rank.0 {
        "value_order"
    } else if won.rank.1 != next.rank.1 {
        "rank_by"
    } else if won.rank.2 != next.rank.2 {
        "authority"
    } else if won.rank.3 != next.rank.3 {
        "business_time"
    } else {
        "tie"
    };
    Some((won, rule))
}

fn shown(value: Option<Plain>) -> Value {
    match value {
        None => Value::Null,
        Some(Plain::Text(text)) => json!(text),
        Some(Plain::Number(number)) => json!(number),
        Some(Plain::Day(day)) => json!(day),
    }
}

fn row(owner: u8, own: &[&Live]) -> Value {
    let mut sources = Sources::default();
    let mut row = serde_json::Map::new();
    let mut cells = serde_json::Map::new();
    let mut conflicts = Vec::new();
    let mut filled = 0;
    let singles: [(&str, &[&str]); 4] = [
        ("title", &["title"]),
        ("size", &["size.width", "size.depth"]),
        ("state", &["state"]),
        ("since", &["since"]),
    ];
    for (column, parts) in singles {
        let rivals = candidates(column, parts, own);
        let Some((won, rule)) = best(&rivals) else {
            row.insert(column.to_owned(), Value::Null);
            continue;
        };
        filled += 1;
        let value = |part: &str| won.live.cells.get(part).map(|cell| cell.value);
        let shown_value = match parts {
            [single] => shown(value(single)),
            _ => json!({"width": shown(value("size.width")), "depth": shown(value("size.depth"))}),
        };
        row.insert(column.to_owned(), shown_value);
        note_cells(column, parts, won, rule, &mut sources, &mut cells);
        conflicts.extend(conflict(column, parts, &rivals));
    }
    let items = items(own, &mut sources);
    filled += usize::from(!items.is_empty());
    row.insert("items".to_owned(), json!(items));
    let shown_sources: Vec<Value> = sources
        .known
        .iter()
        .map(|(feed, _, order)| {
            let feed = FEEDS[usize::from(*feed)];
            json!({
                "agency": feed.get(..2),
                "feed": feed,
                "topic": format!("src.{feed}.v1"),
                "business_time": order.0 * 1_000,
                "contract_version": "1.0.0",
            })
        })
        .collect();
    row.insert(
        "provenance".to_owned(),
        json!({"sources": shown_sources, "cells": cells}),
    );
    row.insert("conflicts".to_owned(), json!(conflicts));
    row.insert("completeness".to_owned(), json!(100 * filled / 5));
    row.insert("rules_version".to_owned(), json!(3));
    row.insert("thing_id".to_owned(), json!(token(owner).to_string()));
    let last = own.iter().map(|live| live.newest_time).max().unwrap();
    row.insert("last_business_time".to_owned(), json!(last * 1_000));
    Value::Object(row)
}

/// One entry for the column, or one for each part where the parts come from different versions.
fn note_cells(
    column: &str,
    parts: &[&str],
    won: &Candidate<'_>,
    rule: &str,
    sources: &mut Sources,
    cells: &mut serde_json::Map<String, Value>,
) {
    let stated: Vec<(&str, &LiveCell)> = parts
        .iter()
        .filter_map(|part| Some((*part, won.live.cells.get(part)?)))
        .collect();
    let flags = |cell: &LiveCell| {
        if cell.doubtful {
            json!(["auto:title:type"])
        } else {
            json!([])
        }
    };
    let together = stated.iter().all(|(_, cell)| cell.order == won.order);
    if together {
        let source = sources.place(won.live, won.order);
        let flags = flags(stated[0].1);
        cells.insert(
            column.to_owned(),
            json!({"source": source, "rule": rule, "flags": flags}),
        );
        return;
    }
    for (part, cell) in stated {
        let source = sources.place(won.live, cell.order);
        cells.insert(
            part.to_owned(),
            json!({"source": source, "rule": rule, "flags": flags(cell)}),
        );
    }
}

/// A contradiction between two agencies: both say something about the same part, and not the same.
fn conflict(column: &str, parts: &[&str], rivals: &[Candidate<'_>]) -> Option<Value> {
    let agency = |candidate: &Candidate<'_>| AGENCIES[usize::from(candidate.live.feed)];
    let value = |candidate: &Candidate<'_>, part: &str| {
        candidate.live.cells.get(part).map(|cell| cell.value)
    };
    let differ = |one: &Candidate<'_>, other: &Candidate<'_>| {
        parts
            .iter()
            .any(|part| match (value(one, part), value(other, part)) {
                (Some(one), Some(other)) => one != other,
                _ => false,
            })
    };
    let contradicted = rivals.iter().any(|one| {
        rivals
            .iter()
            .any(|other| agency(one) != agency(other) && differ(one, other))
    });
    let agencies: BTreeSet<&str> = rivals.iter().map(agency).collect();
    contradicted.then(|| json!({"column": column, "agencies": agencies}))
}

/// The union of the elements, each from the best record that states it.
fn items(own: &[&Live], sources: &mut Sources) -> Vec<Value> {
    let parts = ["items.kind", "items.amount", "items.note"];
    let rivals = candidates("items", &parts, own);
    let kind = |candidate: &Candidate<'_>| {
        candidate
            .live
            .cells
            .get("items.kind")
            .map(|cell| cell.value)
    };
    let kinds: BTreeSet<Plain> = rivals.iter().filter_map(kind).collect();
    let element = |wanted: &Plain| {
        let of_kind: Vec<Candidate<'_>> = rivals
            .iter()
            .filter(|candidate| kind(candidate) == Some(*wanted))
            .cloned()
            .collect();
        let (won, _) = best(&of_kind).unwrap();
        let value = |part: &str| shown(won.live.cells.get(part).map(|cell| cell.value));
        json!({
            "kind": value("items.kind"),
            "amount": value("items.amount"),
            "note": value("items.note"),
            "source": sources.place(won.live, won.order),
        })
    };
    kinds.iter().map(element).collect()
}
