//! The proof itself: pure, from facts to differences.
//!
//! Landing must be whole (lanes chain, positions agree, ordinals have no gap) and every derived table must hold the
//! rows that landing expects: none missing, none twice, none without its message.

use std::collections::BTreeMap;

use super::facts::{Derived, DerivedTable, Difference, Facts, Landed, Problem};

const LANDING: &str = "landing";

/// Every difference, in the order of lanes and offsets.
pub fn check(facts: &Facts) -> Vec<Difference> {
    let mut differences = Vec::new();
    check_chains(facts, &mut differences);
    check_ordinals(facts, &mut differences);
    for (place, table) in facts.derived.iter().enumerate() {
        check_orphans(facts, table, &mut differences);
        check_messages(facts, place, table, &mut differences);
    }
    differences.sort();
    differences
}

/// Rows of landing without repetitions, and the repetitions as differences.
fn check_chains(facts: &Facts, differences: &mut Vec<Difference>) {
    let mut before: Option<&Landed> = None;
    for row in &facts.landed {
        let on_lane = before.filter(|before| before.lane == row.lane);
        if on_lane.is_some_and(|before| before.offset == row.offset) {
            let text = "landing has this message more than once";
            differences.push(
                Difference::new(LANDING, Problem::Doubled, row.lane, row.offset, text)
                    .in_epoch(row.epoch),
            );
            continue;
        }
        check_link(on_lane, row, differences);
        before = Some(row);
    }
    let mut ends: BTreeMap<u32, i64> = facts
        .positions
        .iter()
        .map(|(lane, next)| (*lane, next - 1))
        .collect();
    for row in &facts.landed {
        ends.entry(row.lane).or_insert(-1);
    }
    for (lane, last) in ends {
        check_end(facts, lane, last, differences);
    }
}

/// A row must follow the one that it names.
fn check_link(before: Option<&Landed>, row: &Landed, differences: &mut Vec<Difference>) {
    let known = before.map(|before| before.offset);
    if row.previous == known {
        return;
    }
    match row.previous {
        Some(wanted) if known.is_none_or(|known| wanted > known) => {
            let text = format!(
                "landing lacks this message, which the one at offset {} follows",
                row.offset
            );
            differences.push(Difference::new(
                LANDING,
                Problem::Missing,
                row.lane,
                wanted,
                text,
            ));
        }
        _ => {
            let text =
                "landing names another message before this one than the one that stands there";
            differences.push(
                Difference::new(LANDING, Problem::Chain, row.lane, row.offset, text)
                    .in_epoch(row.epoch),
            );
        }
    }
}

/// The last row of a lane must stand at its position.
fn check_end(facts: &Facts, lane: u32, last: i64, differences: &mut Vec<Difference>) {
    let landed = facts.last_of(lane).map_or(-1, |row| row.offset);
    if landed < last {
        let text = "landing lacks this message, the last that its log says was landed of the lane";
        differences.push(Difference::new(LANDING, Problem::Missing, lane, last, text));
    }
    if landed > last {
        let text = format!(
            "landing has this message but its log says that the lane was read to offset {last}"
        );
        differences.push(Difference::new(LANDING, Problem::Chain, lane, landed, text));
    }
}

/// Ordinals of an epoch run from 0 without a gap.
fn check_ordinals(facts: &Facts, differences: &mut Vec<Difference>) {
    let mut rows: Vec<&Landed> = facts.landed.iter().collect();
    rows.sort_by_key(|row| (row.epoch, row.ordinal, row.lane, row.offset));
    rows.dedup_by_key(|row| (row.epoch, row.ordinal, row.lane, row.offset));
    let (mut epoch, mut next) = (i64::MIN, 0);
    for row in rows {
        if row.epoch != epoch {
            (epoch, next) = (row.epoch, 0);
        }
        if row.ordinal != next {
            let problem = Problem::Ordinal;
            let (count, text) = if row.ordinal > next {
                let count = i64::from(row.ordinal) - i64::from(next);
                (
                    count,
                    format!("landing lacks {count} messages of epoch {epoch} just before this one"),
                )
            } else {
                (
                    1,
                    format!(
                        "landing has two messages with ordinal {} in epoch {epoch}",
                        row.ordinal
                    ),
                )
            };
            let difference = Difference::new(LANDING, problem, row.lane, row.offset, text);
            differences.push(difference.in_epoch(epoch).counting(count));
        }
        next = row.ordinal + 1;
    }
}

/// Rows whose message landing does not have.
fn check_orphans(facts: &Facts, table: &DerivedTable, differences: &mut Vec<Difference>) {
    for row in &table.rows {
        if facts.landed_at(row.lane, row.offset).is_none() {
            let text = format!(
                "{} has a row of this record, landing has no such message",
                table.name
            );
            let difference =
                Difference::new(&table.name, Problem::Orphan, row.lane, row.offset, text);
            differences.push(difference.of_row(Some(row.row)).in_epoch(row.epoch));
        }
    }
}

fn check_messages(
    facts: &Facts,
    place: usize,
    table: &DerivedTable,
    differences: &mut Vec<Difference>,
) {
    let mut before = None;
    for landed in &facts.landed {
        let at = (landed.lane, landed.offset);
        if before.replace(at) == Some(at) {
            continue;
        }
        let rows = table.of_message(landed.lane, landed.offset);
        let expected = landed.expected.get(place).copied().unwrap_or(0);
        let distinct = note_doubled(table, rows, differences);
        if distinct < i64::from(expected) {
            note_missing(
                facts,
                table,
                landed,
                i64::from(expected) - distinct,
                differences,
            );
        }
        if distinct > i64::from(expected) {
            let count = distinct - i64::from(expected);
            let text = format!(
                "{} has {distinct} rows of this message, landing expects {expected}",
                table.name
            );
            let difference = Difference::new(
                &table.name,
                Problem::Surplus,
                landed.lane,
                landed.offset,
                text,
            );
            differences.push(difference.in_epoch(landed.epoch).counting(count));
        }
    }
}

/// Names repetitions and counts the rows without them.
fn note_doubled(table: &DerivedTable, rows: &[Derived], differences: &mut Vec<Difference>) -> i64 {
    let mut distinct = 0;
    let mut before: Option<&Derived> = None;
    for row in rows {
        if before.is_some_and(|before| (before.row, before.mark) == (row.row, row.mark)) {
            let text = format!("{} has this row more than once", table.name);
            let difference =
                Difference::new(&table.name, Problem::Doubled, row.lane, row.offset, text);
            differences.push(difference.of_row(Some(row.row)).in_epoch(row.epoch));
        } else {
            distinct += 1;
        }
        before = Some(row);
    }
    distinct
}

fn note_missing(
    facts: &Facts,
    table: &DerivedTable,
    landed: &Landed,
    count: i64,
    differences: &mut Vec<Difference>,
) {
    let missing = |row: Option<i32>, count: i64| {
        let rows = if count == 1 {
            "a row".to_owned()
        } else {
            format!("{count} rows")
        };
        let text = format!("{} lacks {rows} of this message", table.name);
        let difference = Difference::new(
            &table.name,
            Problem::Missing,
            landed.lane,
            landed.offset,
            text,
        );
        difference
            .of_row(row)
            .in_epoch(landed.epoch)
            .counting(count)
    };
    let rows = unaccounted(facts, landed);
    if table.by_record && i64::try_from(rows.len()) == Ok(count) {
        differences.extend(rows.into_iter().map(|row| missing(Some(row), 1)));
    } else {
        let only = (landed.records() == 1).then_some(0);
        differences.push(missing(only, count));
    }
}

/// Records of a message that no derived table accounts for: the missing ones, where none of them is a control.
fn unaccounted(facts: &Facts, landed: &Landed) -> Vec<i32> {
    let tables = facts.derived.iter().filter(|table| table.by_record);
    let rows = tables.flat_map(|table| table.of_message(landed.lane, landed.offset));
    let seen: std::collections::BTreeSet<i32> = rows.map(|row| row.row).collect();
    (0..landed.records())
        .filter(|row| !seen.contains(row))
        .collect()
}

#[cfg(test)]
mod tests;
